"""What this distribution offers, as lazy specs."""

from __future__ import annotations

from collections.abc import Sequence

from trx_core import hookimpl
from trx_core.specs import CommandSpec, ScenarioSpec, TraceReaderSpec, WorkerKindSpec


@hookimpl
def trx_register_workers() -> Sequence[WorkerKindSpec]:
    """The worker simulators of this package."""
    return [
        WorkerKindSpec(
            name="lognormal",
            target="trx_workers.simulators.lognormal:LogNormal",
            summary="Log-normal service time and failures by chance, by task type.",
        )
    ]


@hookimpl
def trx_register_scenarios() -> Sequence[ScenarioSpec]:
    """The traffic patterns of this package."""
    return [
        ScenarioSpec(
            name="steady",
            target="trx_workers.traffic.steady:Steady",
            summary="Poisson arrivals at one rate, drawn from a mix of task types.",
        )
    ]


@hookimpl
def trx_register_trace_readers() -> Sequence[TraceReaderSpec]:
    """The trace formats of this package."""
    return [
        TraceReaderSpec(
            name="azure-llm",
            target="trx_workers.traces.azure:AzureLlmReader",
            summary="Azure LLM inference: TIMESTAMP, ContextTokens, GeneratedTokens.",
        ),
        TraceReaderSpec(
            name="csv",
            target="trx_workers.traces.csv:CsvReader",
            summary="CSV with a time, and columns named like the fields of a task.",
        ),
    ]


@hookimpl
def trx_register_commands() -> Sequence[CommandSpec]:
    """The commands of the lab."""
    return [
        CommandSpec(
            name="simulate",
            target="trx_workers.lab.command:simulate_command",
            summary="Run traffic through an algorithm in virtual time, with no server.",
        )
    ]
