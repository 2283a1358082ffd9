"""The plugin of trx-core itself: it registers through the same hooks as anyone's."""

from __future__ import annotations

from trx_core.capabilities import CollectorCapabilities
from trx_core.hookspecs import hookimpl
from trx_core.specs import CollectorSpec, CommandSpec, QueueSpec

trx_api_version = 1


@hookimpl
def trx_register_queues() -> list[QueueSpec]:
    """The queue of the lab."""
    return [
        QueueSpec(
            name="memory",
            target="trx_core.queues.memory:MemoryQueue",
            summary="A queue in this process's memory, for the lab and for tests.",
        )
    ]


@hookimpl
def trx_register_metric_collectors() -> list[CollectorSpec]:
    """The collectors that come with the SDK."""
    return [
        CollectorSpec(
            name="jsonl",
            target="trx_core.report.lines:JsonLines",
            summary="Writes the schedule log to a file, a JSON object a line.",
            capabilities=CollectorCapabilities(numbers="written", idempotent=False),
        )
    ]


@hookimpl
def trx_register_commands() -> list[CommandSpec]:
    """The commands that come with the SDK."""
    return [
        CommandSpec(
            name="plugins",
            target="trx_core.cli.plugins:app",
            summary="List, show and check the installed plugins.",
        ),
        CommandSpec(
            name="scenarios",
            target="trx_core.cli.scenarios:app",
            summary="List and show the traffic patterns, and their parameters.",
        ),
    ]
