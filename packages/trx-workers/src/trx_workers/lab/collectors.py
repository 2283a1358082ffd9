"""What the collectors of a run came to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trx_core.engine import Collectors, NamedCollector
from trx_core.errors import describe

__all__ = ["collector_notes", "collector_results"]


def collector_results(collectors: Collectors) -> dict[str, Any]:
    """By name: the numbers, where the collector declares any, and the entries that it lost."""
    return {
        named.name: {"numbers": _numbers(named), "lost": _lost(collectors, named)}
        for named in collectors.named
    }


def collector_notes(collectors: Collectors) -> Iterator[tuple[str, str]]:
    """The same in sentences, each with its style."""
    for named in collectors.named:
        numbers = _numbers(named)
        if isinstance(numbers, dict):
            yield f"{named.name}:", "bold"
            yield from ((f"  {name}: {number}", "") for name, number in numbers.items())
        elif numbers is not None:
            yield f"{named.name}: {numbers}", ""
        for why, count in _lost(collectors, named).items():
            cause = why.replace("_", " ")
            yield (
                f"Entries lost to {named.name} of {named.provider} ({cause}): {count:,}.",
                "yellow",
            )


def _numbers(named: NamedCollector) -> Any:
    if named.numbers is None:
        return None
    try:
        found = getattr(named.collector, named.numbers)
        return found() if callable(found) else found
    except Exception as error:
        return f"its numbers cannot be read: {describe(error)}"


def _lost(collectors: Collectors, named: NamedCollector) -> dict[str, int]:
    found = sorted(collectors.lost.items())
    return {why.value: count for (name, why), count in found if name == named.name and count}
