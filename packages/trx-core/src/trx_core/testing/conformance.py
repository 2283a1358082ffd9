"""The kit as tables: every contract, its checks, and what can be declared."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final, NamedTuple

from trx_core.capabilities import (
    AlgorithmCapabilities,
    CollectorCapabilities,
    QueueCapabilities,
    WorkerCapabilities,
)
from trx_core.testing.algorithms import ALGORITHM_CHECKS
from trx_core.testing.checks import Check
from trx_core.testing.collectors import COLLECTOR_CHECKS
from trx_core.testing.queues import QUEUE_CHECKS
from trx_core.testing.workers import WORKER_CHECKS

__all__ = ["CHECKS", "KITS", "Kit", "conformance_markdown"]


class Kit(NamedTuple):
    """The checks of one protocol.

    Attributes:
        protocol: its name in :mod:`trx_core.protocols`.
        checks: in the order in which they run.
        capabilities: what may be declared.
        suite: its class for pytest.
        function: runs it without pytest.
    """

    protocol: str
    checks: Sequence[Check[Any]]
    capabilities: type[Any]
    suite: str
    function: str


KITS: Final = (
    Kit("Algorithm", ALGORITHM_CHECKS, AlgorithmCapabilities, "AlgorithmSuite", "check_algorithm"),
    Kit("TaskQueue", QUEUE_CHECKS, QueueCapabilities, "QueueSuite", "check_queue"),
    Kit("WorkerSimulator", WORKER_CHECKS, WorkerCapabilities, "WorkerSuite", "check_worker"),
    Kit(
        "MetricCollector",
        COLLECTOR_CHECKS,
        CollectorCapabilities,
        "CollectorSuite",
        "check_collector",
    ),
)

CHECKS: Final[Mapping[str, Sequence[Check[Any]]]] = {kit.protocol: kit.checks for kit in KITS}
"""Protocol → its checks."""


def conformance_markdown() -> str:
    """The kit's reference for the docs: for each protocol what can be declared, and every check."""
    lines = [line for kit in KITS for line in _section(kit)]
    return "\n".join(lines).rstrip() + "\n"


def _section(kit: Kit) -> Iterator[str]:
    yield f"## {kit.protocol} {{ #{kit.protocol.lower()} }}"
    yield ""
    yield (
        f"`{kit.suite}` with pytest, `{kit.function}()` without. "
        f"What is declared with `{kit.capabilities.__name__}`:"
    )
    yield ""
    yield "| capability | default | meaning |"
    yield "| --- | --- | --- |"
    meanings = _meanings(kit.capabilities)
    for field in fields(kit.capabilities):
        yield f"| `{field.name}` | `{field.default!r}` | {meanings[field.name]} |"
    yield ""
    for check in kit.checks:
        yield f"### `{check.id}` {{ #{check.id.replace('.', '-')} }}"
        yield ""
        yield f"It {check.title}. {_code(check.about)}"
        yield ""


def _meanings(capabilities: type[Any]) -> dict[str, str]:
    """Field → what its class's docstring says of it."""
    _, _, told = (inspect.getdoc(capabilities) or "").partition("Attributes:\n")
    found = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", told, re.MULTILINE)
    return {name: _code(" ".join(text.split())) for name, text in found}


def _code(text: str) -> str:
    """Markdown's backquotes for those of reStructuredText."""
    return text.replace("``", "`")
