"""The hooks as a table: what each is called, and what it registers."""

from __future__ import annotations

from typing import Final, NamedTuple

from trx_core.specs import (
    AlgorithmSpec,
    CollectorSpec,
    CommandSpec,
    FleetReaderSpec,
    QueueSpec,
    ScenarioSpec,
    Spec,
    TraceReaderSpec,
    WorkerKindSpec,
)

__all__ = ["HOOKS", "Hook"]


class Hook(NamedTuple):
    """A hook that plugins implement.

    Attributes:
        name: the function's name.
        kind: what one of its specs is called.
        plural: what several are called; also the short name of the hook.
        spec: the class of its specs.
    """

    name: str
    kind: str
    plural: str
    spec: type[Spec]


HOOKS: Final = (
    Hook("trx_register_algorithms", "algorithm", "algorithms", AlgorithmSpec),
    Hook("trx_register_queues", "queue", "queues", QueueSpec),
    Hook("trx_register_workers", "kind of worker", "workers", WorkerKindSpec),
    Hook("trx_register_metric_collectors", "metric collector", "collectors", CollectorSpec),
    Hook("trx_register_scenarios", "scenario", "scenarios", ScenarioSpec),
    Hook("trx_register_trace_readers", "trace reader", "trace_readers", TraceReaderSpec),
    Hook("trx_register_fleet_readers", "fleet reader", "fleet_readers", FleetReaderSpec),
    Hook("trx_register_commands", "command", "commands", CommandSpec),
)
