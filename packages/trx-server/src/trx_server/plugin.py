"""What this package registers with ``trx``."""

from __future__ import annotations

from typing import Final

from trx_core import hookimpl
from trx_core.capabilities import CollectorCapabilities, QueueCapabilities
from trx_core.specs import CollectorSpec, CommandSpec, QueueSpec

QUEUE: Final = "Redis (7.0 or newer) or Valkey: a stream for each lane, read by a consumer group"

COMMANDS: Final = {
    "up": ("up:up", "Start the whole service on this machine and keep it running."),
    "demo": ("demo:demo", "Start the whole service, and run a workload through it."),
    "api": ("api:api", "Run the HTTP API."),
    "runner": ("runner:runner", "Run one scheduler runner."),
    "replay": ("replay:replay", "Submit recorded or generated traffic to a running server."),
    "export": ("export:export", "Write the tasks of a running server as a trace."),
    "logs": ("logs:logs", "Write the schedule log of a running server, for `trx fit`."),
    "db": ("db:app", "Look after the database: schema and passwords."),
}


@hookimpl
def trx_register_queues() -> list[QueueSpec]:
    """The queue on Redis streams, by the schemes of its URLs."""
    return [
        QueueSpec(
            name=scheme,
            target="trx_server.queue:redis_queue",
            summary=QUEUE,
            capabilities=QueueCapabilities(
                shared=True,
                adopts=True,
                keeps_alive=True,
                epochs=True,
                forgets=True,
                partitioned=True,
            ),
        )
        for scheme in ("redis", "rediss", "unix")
    ]


@hookimpl
def trx_register_metric_collectors() -> list[CollectorSpec]:
    """The collector that Prometheus can scrape."""
    return [
        CollectorSpec(
            name="prometheus",
            target="trx_server.collectors.tasks:TaskMetrics",
            summary="Attempts by pool and outcome, money, waiting and service, for Prometheus.",
            capabilities=CollectorCapabilities(
                numbers="numbers", any_order=False, idempotent=False, exposes=True
            ),
        )
    ]


@hookimpl
def trx_register_commands() -> list[CommandSpec]:
    """The commands that run the service, and parts of it."""
    return [
        CommandSpec(name=name, target=f"trx_server.commands.{target}", summary=summary)
        for name, (target, summary) in COMMANDS.items()
    ]
