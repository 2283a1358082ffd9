"""The life of a task, as the tables in the code have it."""

from __future__ import annotations

from collections.abc import Iterator

from reference.markdown import code, table
from trx_core.kernel import TRANSITIONS, Phase
from trx_core.models import STATUS_AFTER, TaskStatus

__all__ = ["states"]

Arrow = tuple[str | None, str, str]


def states() -> Iterator[str]:
    """The statuses that everyone sees, and the phases within a kernel."""
    yield "# States of a task"
    yield ""
    yield "## Status { #status }"
    yield ""
    yield "What the API shows, and the events of the schedule log that change it."
    yield ""
    arrows: list[Arrow] = [
        (before.value if before else None, event.value, status.value)
        for (before, event), status in STATUS_AFTER.items()
    ]
    yield from _diagram(arrows, {status.value for status in TaskStatus if status.ended})
    yield from _listed("status", "event", arrows)
    yield "## Phase { #phase }"
    yield ""
    yield "Where a task stands within the kernel that holds it, from its arrival there. A task that"
    yield "is retried leaves the kernel, and comes back through the queue when it is due."
    yield ""
    phases: list[Arrow] = [
        (before.value, signal.value, phase.value) for (before, signal), phase in TRANSITIONS.items()
    ]
    leaving = {phase.value for phase in Phase} - {before for before, _, _ in phases if before}
    yield from _diagram([(None, "arrive", Phase.WAITING.value), *phases], leaving)
    yield from _listed("phase", "signal", phases)


def _diagram(arrows: list[Arrow], last: set[str]) -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    for before, label, after in arrows:
        yield f"    {before or '[*]'} --> {after}: {label}"
    for state in sorted(last):
        yield f"    {state} --> [*]"
    yield "```"
    yield ""


def _listed(state: str, label: str, arrows: list[Arrow]) -> Iterator[str]:
    rows = [[code(before or ""), code(what), code(after)] for before, what, after in arrows]
    yield from table([state, label, f"{state} after it"], rows)
