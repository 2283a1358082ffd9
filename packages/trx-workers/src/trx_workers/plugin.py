"""What this distribution offers, as lazy specs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from trx_core import hookimpl
from trx_core.specs import (
    CommandSpec,
    FleetReaderSpec,
    ScenarioSpec,
    TraceReaderSpec,
    WorkerKindSpec,
)

SIMULATED: Final = (
    ("deterministic", "Deterministic", "Service times without chance, by task type and cost."),
    ("exponential", "Exponential", "Exponential service times, by task type and cost."),
    ("lognormal", "LogNormal", "Log-normal service times, by task type and cost."),
    ("gamma", "Gamma", "Gamma service times, by task type and cost."),
    ("weibull", "Weibull", "Weibull service times, by task type and cost."),
    ("pareto", "Pareto", "Service times with a power tail, by task type and cost."),
    ("empirical", "Empirical", "Service times as measured: values, quantiles or a file."),
    ("throughput", "Throughput", "Work over measured speed, by task type and slots."),
)
"""Name, class and summary of each kind of simulated worker."""

SCENARIOS: Final[Mapping[str, tuple[str, str]]] = {
    "steady": (
        "steady:Steady",
        "Poisson arrivals at one rate, drawn from a mix of task types.",
    ),
    "bursts": (
        "bursts:Bursts",
        "Arrivals that come in bursts: a Markov-modulated Poisson process.",
    ),
    "diurnal": (
        "diurnal:Diurnal",
        "Arrivals that rise and fall with the day.",
    ),
    "flash-crowd": (
        "flash_crowd:FlashCrowd",
        "A crowd that comes within seconds, and goes away slowly.",
    ),
    "heavy-tailed": (
        "shapes:HeavyTailed",
        "Poisson arrivals of tasks a few of which are huge: Pareto sizes.",
    ),
    "priority-mix": (
        "shapes:PriorityMix",
        "Poisson arrivals, mostly of tasks that can wait and some that cannot.",
    ),
    "regional-failure": (
        "outages:RegionalFailure",
        "Poisson arrivals while for a time every attempt in one region fails.",
    ),
    "cost-shock": (
        "outages:CostShock",
        "Poisson arrivals while for a time some pools ask another price.",
    ),
    "poison": (
        "shapes:Poison",
        "Poisson arrivals, among them tasks that never succeed.",
    ),
    "thundering-retry": (
        "thundering_retry:ThunderingRetry",
        "A herd of clients that submit at once, and again and again in step.",
    ),
}
"""Name → target within this package, and summary."""

TRACES: Final[Mapping[str, tuple[str, str]]] = {
    "alibaba-gpu": (
        "alibaba:AlibabaGpuReader",
        "Alibaba GPU cluster 2023: pods with num_gpu, gpu_milli, gpu_spec, qos.",
    ),
    "azure-llm": (
        "azure:AzureLlmReader",
        "Azure LLM inference: TIMESTAMP, ContextTokens, GeneratedTokens.",
    ),
    "csv": (
        "csv:CsvReader",
        "CSV with a time, and columns named like the fields of a task.",
    ),
    "jsonl": (
        "jsonl:JsonlReader",
        "JSON lines with a time, and members named like the fields of a task.",
    ),
    "parquet": (
        "parquet:ParquetReader",
        "Parquet with a time, and columns named like the fields of a task.",
    ),
    "swf": (
        "swf:SwfReader",
        "Standard workload format of batch systems, packed by gzip or not.",
    ),
    "trx-history": (
        "history:HistoryReader",
        "The history of this service, as `trx export` writes it.",
    ),
}
"""The same of the trace formats."""


@hookimpl
def trx_register_workers() -> Sequence[WorkerKindSpec]:
    """The worker simulators of this package, and its real workers."""
    return [
        *(
            WorkerKindSpec(
                name=name, target=f"trx_workers.simulators.kinds:{target}", summary=summary
            )
            for name, target, summary in SIMULATED
        ),
        WorkerKindSpec(
            name="recorded",
            target="trx_workers.simulators.recorded:Recorded",
            summary="The service time that the task's metadata holds, as traces record it.",
        ),
        WorkerKindSpec(
            name="unreachable",
            target="trx_workers.simulators.unreachable:Unreachable",
            summary="Every attempt fails after a while, as if nothing answered.",
        ),
        WorkerKindSpec(
            name="fitted",
            target="trx_workers.simulators.fitted:Fitted",
            summary="Service times and failures of a pool's history, as `trx fit` writes them.",
        ),
        WorkerKindSpec(
            name="http",
            target="trx_workers.http.worker:HttpWorker",
            summary="Real: POSTs every task to the pool's endpoint; needs trx-workers[http].",
            simulator=False,
        ),
        WorkerKindSpec(
            name="python",
            target="trx_workers.python:PythonWorker",
            summary="Real: awaits a Python function for every task.",
            simulator=False,
        ),
    ]


@hookimpl
def trx_register_scenarios() -> Sequence[ScenarioSpec]:
    """The traffic patterns of this package."""
    return [
        ScenarioSpec(name=name, target=f"trx_workers.traffic.{target}", summary=summary)
        for name, (target, summary) in SCENARIOS.items()
    ]


@hookimpl
def trx_register_trace_readers() -> Sequence[TraceReaderSpec]:
    """The trace formats of this package."""
    return [
        TraceReaderSpec(name=name, target=f"trx_workers.traces.{target}", summary=summary)
        for name, (target, summary) in TRACES.items()
    ]


@hookimpl
def trx_register_fleet_readers() -> Sequence[FleetReaderSpec]:
    """The formats of fleet files of this package."""
    return [
        FleetReaderSpec(
            name="alibaba-nodes",
            target="trx_workers.fleets.nodes:NodeReader",
            summary="Alibaba's list of nodes: a pool for each model of accelerator.",
        ),
        FleetReaderSpec(
            name="gavel-throughputs",
            target="trx_workers.fleets.throughputs:ThroughputReader",
            summary="Gavel's measured speeds: a pool for each kind of accelerator.",
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
        ),
        CommandSpec(
            name="fit",
            target="trx_workers.fitting.command:fit_command",
            summary="Turn a service's history into simulators of its pools.",
        ),
        CommandSpec(
            name="pools",
            target="trx_workers.fleets.command:pools_command",
            summary="Write a fleet as a file for --pools, out of a list of machines too.",
        ),
        CommandSpec(
            name="compare",
            target="trx_workers.lab.compare_command:compare_command",
            summary="Compare algorithms on the same traffic with the same luck.",
        ),
        CommandSpec(
            name="sweep",
            target="trx_workers.lab.sweep_command:sweep_command",
            summary="Run a grid of parameters in parallel, and show the front.",
        ),
    ]
