"""What happened, as values; put into the words of the schedule log only if somebody reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from trx_core.engine.log import dispatched, enqueued, settled
from trx_core.kernel import Settlement
from trx_core.models import Attempt, LogEntry, Task

__all__ = ["Deed", "in_words"]

Deed = Task | Attempt | Settlement
"""A task was accepted, an attempt started, or an attempt was closed."""

_WORDS: Final[Mapping[type[Any], Callable[[Any], LogEntry]]] = MappingProxyType(
    {Task: enqueued, Attempt: dispatched, Settlement: settled}
)


def in_words(deeds: Iterable[Deed]) -> list[LogEntry]:
    """The entries of the schedule log that tell of ``deeds``, one each."""
    return [_WORDS[type(deed)](deed) for deed in deeds]
