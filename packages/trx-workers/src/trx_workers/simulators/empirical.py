"""Service times as they were measured."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import Field, model_validator

from trx_core.errors import InvalidParameters
from trx_core.models import Task
from trx_workers.simulators.service import ServiceParameters, Stretch, linear

__all__ = ["EmpiricalService"]

Seconds = Annotated[float, Field(ge=0, le=1e9)]
Probability = Annotated[float, Field(ge=0, le=1)]

SOURCES: Final = frozenset({"values", "quantiles", "file"})

LARGEST: Final = 64 * 2**20
"""Bytes of a file of measured values."""


class EmpiricalService(ServiceParameters):
    """Give exactly one of ``values``, ``quantiles`` and ``file``.

    Attributes:
        values: measured seconds; each is drawn as often as it stands there.
        quantiles: probability → seconds, from 0 to 1, both given; straight lines between.
        file: of measured seconds, one a line; blank lines and such as begin with ``#`` are passed
            over. A path as the process that runs the pool sees it.
        mean: seconds, on average, that the distribution is scaled to; by default its own mean.
        per_cost: seconds that each work unit of a task's cost adds to the mean.
    """

    values: Annotated[Sequence[Seconds], Field(min_length=1)] | None = None
    quantiles: Annotated[Mapping[Probability, Seconds], Field(min_length=2)] | None = None
    file: Path | None = None
    mean: float | None = Field(default=None, ge=0, le=1e9)
    per_cost: float = Field(default=0.0, ge=0, le=1e6)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in sorted(SOURCES) if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise ValueError(f"give exactly one of values, quantiles and file, not {found}")
        if self.quantiles is not None:
            _check(self.quantiles)
        return self

    def seconds(self) -> Callable[[Task], float]:
        """``mean + per_cost * cost``."""
        _, own = self._measured
        return linear(own if self.mean is None else self.mean, self.per_cost)

    def stretch(self) -> Stretch:
        """The inverse of the empirical distribution function, over its mean."""
        inverse, own = self._measured
        if own == 0:
            return lambda u: 1.0
        return lambda u: inverse(u) / own

    @classmethod
    def merged(cls, usual: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
        """A type that has measured times of its own has none of the usual ones."""
        if SOURCES.isdisjoint(given):
            return {**usual, **given}
        return {k: v for k, v in usual.items() if k not in SOURCES} | dict(given)

    @cached_property
    def _measured(self) -> tuple[Callable[[float], float], float]:
        if self.quantiles is not None:
            points = sorted(self.quantiles.items())
            return _between(points), _mean_between(points)
        values = sorted(self.values if self.values is not None else _read(self.file))
        count = len(values)
        return (lambda u: values[int(u * count)]), math.fsum(values) / count


def _check(quantiles: Mapping[float, float]) -> None:
    points = sorted(quantiles.items())
    if points[0][0] != 0 or points[-1][0] != 1:
        raise ValueError("quantiles: give those of 0 and 1 too, the least and the longest time")
    if any(one[1] > two[1] for one, two in pairwise(points)):
        raise ValueError("quantiles: the seconds must not fall as the probability rises")


def _between(points: Sequence[tuple[float, float]]) -> Callable[[float], float]:
    shares, seconds = [share for share, _ in points], [time for _, time in points]

    def inverse(u: float) -> float:
        right = min(bisect_right(shares, u), len(shares) - 1)
        left = right - 1
        part = (u - shares[left]) / (shares[right] - shares[left])
        return seconds[left] + part * (seconds[right] - seconds[left])

    return inverse


def _mean_between(points: Sequence[tuple[float, float]]) -> float:
    return math.fsum([(p - q) * (x + y) / 2 for (q, x), (p, y) in pairwise(points)])


def _read(file: Path | None) -> list[float]:
    """The values in a file; errors do not tell what stands in it.

    Raises:
        InvalidParameters: it cannot be read, is too large, or a line is no number of seconds.
    """
    assert file is not None
    try:
        if not file.is_file():
            raise _refusal(file, "is not there, or is no regular file")
        if file.stat().st_size > LARGEST:
            raise _refusal(file, f"has more than {LARGEST:,} bytes")
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise _refusal(file, f"cannot be read: {reason}") from None
    values = [
        _value(file, number, line)
        for number, line in enumerate(map(str.strip, lines), start=1)
        if line and not line.startswith("#")
    ]
    if not values:
        raise _refusal(file, "holds no value")
    return values


def _value(file: Path, number: int, line: str) -> float:
    try:
        value = float(line)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1e9:
        raise _refusal(file, f"has no number of seconds on line {number}")
    return value


def _refusal(file: Path, what: str) -> InvalidParameters:
    return InvalidParameters([("file", f"{str(file)!r} {what}")])
