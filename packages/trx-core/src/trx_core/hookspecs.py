"""The hooks that a plugin may implement, and the version of their API.

A plugin is a module named by an entry point of the group ``trx``; it implements any of these with
:data:`trx_core.hookimpl`. Hooks are called once, at start-up, and return lists of lazy specs, so
that listing plugins imports none of what they offer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pluggy

from trx_core.specs import (
    AlgorithmSpec,
    CollectorSpec,
    CommandSpec,
    FleetReaderSpec,
    QueueSpec,
    ScenarioSpec,
    TraceReaderSpec,
    WorkerKindSpec,
)

HOOK_API_VERSION: Final = 1
"""Rises by one whenever a hook changes so that an older plugin would break."""

PROJECT: Final = "trx"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def trx_register_algorithms() -> Sequence[AlgorithmSpec]:  # type: ignore[empty-body]
    """Routing algorithms."""


@hookspec
def trx_register_queues() -> Sequence[QueueSpec]:  # type: ignore[empty-body]
    """Task queues, by URL scheme."""


@hookspec
def trx_register_workers() -> Sequence[WorkerKindSpec]:  # type: ignore[empty-body]
    """Worker simulators and real workers, by kind."""


@hookspec
def trx_register_metric_collectors() -> Sequence[CollectorSpec]:  # type: ignore[empty-body]
    """Metric collectors."""


@hookspec
def trx_register_scenarios() -> Sequence[ScenarioSpec]:  # type: ignore[empty-body]
    """Traffic patterns."""


@hookspec
def trx_register_trace_readers() -> Sequence[TraceReaderSpec]:  # type: ignore[empty-body]
    """Trace formats."""


@hookspec
def trx_register_fleet_readers() -> Sequence[FleetReaderSpec]:  # type: ignore[empty-body]
    """Formats of files that describe a fleet."""


@hookspec
def trx_register_commands() -> Sequence[CommandSpec]:  # type: ignore[empty-body]
    """Sub-commands of ``trx``."""
