"""When a failed task is tried again."""

from __future__ import annotations

import random

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["RetryPolicy"]


class RetryPolicy(BaseModel):
    """Exponential backoff with jitter.

    The delay before attempt ``n + 1`` is drawn evenly from ``[(1 - jitter)·d, d]`` with
    ``d = min(cap, base · factor**(n - 1))`` ("equal jitter" at 0.5, "full jitter" at 1: M. Brooker,
    "Exponential Backoff And Jitter", 2015). Whoever failed may ask for a longer one, up to ``cap``.

    Attributes:
        max_attempts: attempts in all, from 1.
        base: seconds before the second attempt.
        factor: growth per attempt, from 1.
        cap: the longest delay, seconds.
        jitter: share of the delay that is random, 0 to 1.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    max_attempts: int = Field(default=4, ge=1, le=100)
    base: float = Field(default=0.5, ge=0)
    factor: float = Field(default=2.0, ge=1)
    cap: float = Field(default=60.0, ge=0)
    jitter: float = Field(default=0.5, ge=0, le=1)

    def delay(self, attempt: int, rng: random.Random, asked: float | None = None) -> float:
        """Seconds to wait after attempt ``attempt`` (from 1) has failed.

        Args:
            attempt: its number.
            rng: draws the jitter.
            asked: seconds for which whoever failed asks to be left alone.
        """
        doublings = min(attempt - 1, 1000)
        try:
            longest = min(self.cap, self.base * self.factor**doublings)
        except OverflowError:
            longest = self.cap if self.base else 0.0
        drawn = longest * (1.0 - self.jitter * rng.random())
        return drawn if asked is None else max(drawn, min(asked, self.cap))
