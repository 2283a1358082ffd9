"""Options that the lab's commands share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from trx_core.cli import options_of, parse_params, traffic_of
from trx_core.errors import CallerError
from trx_core.plugins import Registry
from trx_core.report import SHORT
from trx_workers.lab.engine import BUDGET
from trx_workers.lab.piped import kept
from trx_workers.lab.plan import Plan, Traffic
from trx_workers.lab.ranges import RANGES, check_range

__all__ = [
    "Algorithms",
    "AsJson",
    "Budget",
    "Html",
    "Jobs",
    "KernelParams",
    "Limit",
    "Load",
    "Pools",
    "Regret",
    "ScenarioName",
    "Short",
    "TenantKey",
    "Trace",
    "base_plan",
    "named_algorithm",
    "traffic_title",
]

Trace = Annotated[Path | None, typer.Option(metavar="FILE", help="Recorded traffic to run.")]
ScenarioName = Annotated[
    str | None, typer.Option(metavar="NAME", help="Traffic to generate instead.")
]
Pools = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Fleet in YAML, or a list of machines; see `trx pools`.",
        show_default="the built-in one",
    ),
]
KernelParams = Annotated[
    list[str] | None,
    typer.Option(
        help="A parameter of the kernel, as name=value: window, min_interval, hold_interval, …"
    ),
]
Limit = Annotated[int | None, typer.Option(min=1, metavar="N", help="Run the first N tasks only.")]
Load = Annotated[
    float,
    typer.Option(
        metavar="X",
        help="Let it arrive X times as fast as recorded or generated, X from 1e-6 to 1e9.",
    ),
]
Short = Annotated[
    float,
    typer.Option(
        metavar="SECONDS",
        help="A shorter service counts as that long in bounded slowdowns.",
    ),
]
TenantKey = Annotated[
    str, typer.Option(metavar="FIELD", help="Field of a task's metadata that names its tenant.")
]
Regret = Annotated[
    bool, typer.Option("--regret", help="Compare every round with its optimum, which takes time.")
]
Budget = Annotated[
    float,
    typer.Option(
        metavar="SECONDS",
        help="Wall-clock time that the algorithm may take for a round, from 0.001. One that takes "
        "longer is broken off, named, and stood in for first come, first served; such a run is not "
        "the same again on another machine. `inf`: any time.",
    ),
]
Html = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write a report with plots, one file, to look at or send."),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Write the result as JSON, with the first 1,000 rows that could not be used one "
        "by one; progress goes to stderr.",
    ),
]
Jobs = Annotated[
    int,
    typer.Option(min=0, metavar="N", help="Runs at a time; 0: as many as there are cores."),
]
Algorithms = Annotated[
    list[str],
    typer.Option(
        "--algorithm",
        "-a",
        metavar="NAME [PARAM=VALUE …]",
        help="Who decides, with its parameters, in one word for the shell; more than once.",
    ),
]


def base_plan(
    *,
    algorithm: str,
    trace: Path | None,
    format: str | None,
    scenario: str | None,
    param: Sequence[str] | None,
    column: Sequence[str] | None,
    pools: Path | None,
    kernel: Sequence[str] | None,
    limit: int | None,
    load: float = 1.0,
    short: float = SHORT,
    tenant_key: str = "tenant",
    regret: bool = False,
    budget: float = BUDGET,
    seed: int = 0,
) -> Plan:
    """The plan that options describe.

    Raises:
        CallerError: ``TRX-C122``, a parameter is not ``name=value``; ``TRX-C144``, there are
            columns and no trace; ``TRX-C158``, a number is out of range; ``TRX-C110``, the fleet
            comes through a pipe and cannot be read.
    """
    name, params = named_algorithm(algorithm)
    given = {"--load": load, "--short": short, "--budget": budget}
    for option, number in given.items():
        check_range(option, number, RANGES[option])
    return Plan(
        traffic=Traffic(
            trace=trace,
            format=format,
            scenario=scenario,
            params=options_of(param or [], column or [], trace=trace),
            load=load,
            limit=limit,
        ),
        algorithm=name,
        algorithm_params=params,
        pools=kept(pools),
        kernel=parse_params(kernel or []),
        seed=seed,
        short=short,
        tenant_key=tenant_key,
        regret=regret,
        budget=budget,
    )


def named_algorithm(text: str) -> tuple[str, Mapping[str, Any]]:
    """``"fcfs backfill=easy"`` → the name and the parameters.

    Raises:
        CallerError: ``TRX-C122``, a parameter is not ``name=value``; ``TRX-C151``, there is no
            name.
    """
    words = text.split()
    if not words:
        raise CallerError(
            "an algorithm has no name.", code="TRX-C151", hint="See `trx plugins list`."
        )
    return words[0], parse_params(words[1:])


def traffic_title(registry: Registry, plan: Plan) -> str:
    """What to call the traffic of a plan.

    Raises:
        CallerError: ``TRX-C140``, it is neither a trace nor a scenario, or both; and what opening
            it raises.
    """
    traffic = plan.traffic
    traffic_of(
        registry,
        trace=traffic.trace,
        format=traffic.format,
        scenario=traffic.scenario,
        params=traffic.params,
        seed=plan.seed,
    )
    name = traffic.trace.name if traffic.trace else str(traffic.scenario)
    return name if traffic.load == 1 else f"{name} at {traffic.load:g} times its rate"
