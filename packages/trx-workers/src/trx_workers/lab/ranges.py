"""Numbers that the lab's commands take, and their ranges."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from trx_core.errors import CallerError

__all__ = ["LOADS", "RANGES", "Range", "check_range"]


class Range(NamedTuple):
    """From ``low`` to ``high``, both included."""

    low: float
    high: float

    def __contains__(self, number: Any) -> bool:
        plain = isinstance(number, int | float) and not isinstance(number, bool)
        return plain and self.low <= number <= self.high

    def __str__(self) -> str:
        return f"a number of at least {self.low:g}" + (
            "" if self.high == inf else f" and at most {self.high:g}"
        )


LOADS: Final = Range(1e-6, 1e9)
RANGES: Final[Mapping[str, Range]] = MappingProxyType(
    {"--load": LOADS, "--short": Range(1e-9, 1e9), "--budget": Range(0.001, inf)}
)
"""Option → what it takes; ``nan`` is in none of them."""


def check_range(option: str, number: float, within: Range) -> None:
    """Refuse a number that is out of range.

    Raises:
        CallerError: ``TRX-C158``, it is.
    """
    if number not in within:
        raise CallerError(f"{option} takes {within}, not {number:g}.", code="TRX-C158")
