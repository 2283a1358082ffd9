"""Money that comes in steadily, and what has been spent beyond it."""

from __future__ import annotations

__all__ = ["Budget"]


class Budget:
    """What is owed: money spent beyond what has come in. What is not spent is not saved up.

    Args:
        per_hour: money that comes in, above 0.
    """

    def __init__(self, per_hour: float) -> None:
        self._per_second = per_hour / 3600.0
        self._owed = 0.0
        self._since: float | None = None

    @property
    def owed(self) -> float:
        """Money, not negative."""
        return self._owed

    def advance(self, now: float) -> None:
        """Let in what has come since the last call; `now` in seconds."""
        if self._since is not None:
            came = max(0.0, now - self._since) * self._per_second
            self._owed = max(0.0, self._owed - came)
        self._since = now

    def spend(self, money: float) -> None:
        """Owe so much more."""
        self._owed += money
