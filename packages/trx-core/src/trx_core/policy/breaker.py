"""A circuit breaker for a pool (M. Nygard, "Release It!", 2007)."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from trx_core.routing import Breaker

__all__ = ["BreakerPolicy", "CircuitBreaker"]


class BreakerPolicy(BaseModel):
    """When a breaker opens, and for how long.

    Attributes:
        failures: failures in a row that open it, from 1.
        cooldown: seconds that it stays open before one attempt is let through.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    failures: int = Field(default=10, ge=1)
    cooldown: float = Field(default=5.0, ge=0)


class CircuitBreaker:
    """Closed while attempts succeed; open after too many failures in a row; then half open.

    Attributes:
        failures: in a row; not 0 unless it is closed.
        opened_at: when it opened last, seconds.
        state: see above.

    Args:
        policy: its bounds.
    """

    __slots__ = ("_policy", "failures", "opened_at", "state")

    def __init__(self, policy: BreakerPolicy) -> None:
        self._policy = policy
        self.failures = 0
        self.state = Breaker.CLOSED
        self.opened_at = 0.0

    @property
    def reopens_at(self) -> float | None:
        """When an open breaker lets an attempt through, seconds; ``None`` if it is not open."""
        return self.opened_at + self._policy.cooldown if self.state is Breaker.OPEN else None

    def observe(self, success: bool, now: float) -> bool:
        """Take in an attempt's end; whether the state changed."""
        before = self.state
        if success and not self.failures:
            self.state = Breaker.CLOSED
        elif success:
            self.failures = 0
            self.state = Breaker.CLOSED
        else:
            self.failures += 1
            if self.state is Breaker.HALF_OPEN or self.failures >= self._policy.failures:
                self.state, self.opened_at = Breaker.OPEN, now
        return self.state is not before

    def cool(self, now: float) -> bool:
        """Half open the breaker if its time has come; whether it did."""
        due = self.reopens_at
        if due is None or now < due:
            return False
        self.state = Breaker.HALF_OPEN
        return True
