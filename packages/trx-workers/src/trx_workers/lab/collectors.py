"""What the collectors of a run came to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from pydantic_core import to_json

from trx_core.engine import Collectors, NamedCollector
from trx_core.errors import PluginError, describe
from trx_core.guard import blaming
from trx_core.limits import patience, within

__all__ = ["Collected", "collected"]


class Collected(NamedTuple):
    """What a collector came to.

    Attributes:
        named: the collector.
        numbers: that it tells, as JSON has them: what is no finite number is ``None``; ``None``
            where it declares none.
        lost: entries that it lost, by the reason.
        fault: why its numbers cannot be told; ``None`` if they can.
    """

    named: NamedCollector
    numbers: Any
    lost: dict[str, int]
    fault: PluginError | None

    def to_dict(self) -> dict[str, Any]:
        """The same as a JSON object."""
        told = {"numbers": self.numbers, "lost": self.lost}
        return told if self.fault is None else {**told, "fault": str(self.fault)}

    def notes(self) -> Iterator[tuple[str, str]]:
        """The same in sentences, each with its style."""
        name = self.named.name
        if isinstance(self.numbers, dict):
            yield f"{name}:", "bold"
            yield from ((f"  {key}: {number}", "") for key, number in self.numbers.items())
        elif self.numbers is not None:
            yield f"{name}: {self.numbers}", ""
        yield from self.troubles()
        for why, count in self.lost.items():
            cause = why.replace("_", " ")
            yield f"Entries lost to {name} of {self.named.provider} ({cause}): {count:,}.", "yellow"

    def troubles(self) -> Iterator[tuple[str, str]]:
        """Why its numbers cannot be told."""
        if self.fault is not None:
            yield str(self.fault), "yellow"


def collected(collectors: Collectors) -> Sequence[Collected]:
    """What each collector came to; its numbers are read now."""
    return [_collected(collectors, named) for named in collectors.named]


def _collected(collectors: Collectors, named: NamedCollector) -> Collected:
    found = sorted(collectors.lost.items())
    lost = {why.value: count for (name, why), count in found if name == named.name and count}
    try:
        return Collected(named, _numbers(named), lost, None)
    except PluginError as error:
        return Collected(named, None, lost, error)


def _numbers(named: NamedCollector) -> Any:
    """The numbers as JSON has them.

    Raises:
        PluginError: ``TRX-P152``, they cannot be read, or not in time, or are nothing of the kind.
    """
    if named.numbers is None:
        return None
    with blaming(partial(_untold, named), passing=()):
        return within(patience(), partial(_read, named.collector, named.numbers))


def _read(collector: object, attribute: str) -> Any:
    found = getattr(collector, attribute)
    found = found() if callable(found) else found
    return json.loads(to_json(found, inf_nan_mode="null", fallback=_of_numpy))


def _of_numpy(value: object) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"a value of type {type(value).__name__} is no JSON")


def _untold(named: NamedCollector, error: BaseException) -> PluginError:
    return PluginError(
        f"the numbers of metric collector {named.name!r} ({named.provider}) cannot be read: "
        f"{describe(error)}.",
        code="TRX-P152",
        hint="Mend the collector.",
    )
