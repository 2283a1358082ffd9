"""``trx simulate``: one run of the lab."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from trx_core.cli import named_disruptions, named_traffic, parse_named, parse_params
from trx_core.cli.options import Column, Format, TrafficParam
from trx_core.engine import Blame, Collectors
from trx_core.errors import CallerError
from trx_core.fleets import default_fleet, open_fleet
from trx_core.kernel import KernelConfig
from trx_core.models import Task, check_disruptions
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import make_algorithm, make_collector, simulator_maker
from trx_core.report import render
from trx_core.traffic import Faults, admitted, say_rows, sifted
from trx_workers.lab.collectors import collector_notes, collector_results
from trx_workers.lab.run import LabRun, simulate, tasks_of
from trx_workers.parameters import reasons

__all__ = ["simulate_command"]

SHOW_EVERY: Final = 1000
PATIENCE: Final = 30.0
"""Seconds that a run waits for a collector that has fallen behind."""


def simulate_command(
    algorithm: Annotated[
        str, typer.Option("--algorithm", "-a", help="Who decides; see `trx plugins list`.")
    ] = "greedy",
    algorithm_param: Annotated[
        list[str] | None,
        typer.Option("--algorithm-param", help="A parameter of the algorithm, as name=value."),
    ] = None,
    trace: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Recorded traffic to run.")
    ] = None,
    format: Format = None,
    scenario: Annotated[
        str | None, typer.Option(metavar="NAME", help="Traffic to generate instead.")
    ] = None,
    column: Column = None,
    param: TrafficParam = None,
    pools: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Fleet in YAML, or a list of machines; see `trx pools`.",
            show_default="the built-in one",
        ),
    ] = None,
    kernel: Annotated[
        list[str] | None,
        typer.Option(
            help="A parameter of the kernel, as name=value: window, min_interval, hold_interval, …"
        ),
    ] = None,
    collector: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:PARAM=VALUE,…]",
            help="A metric collector to feed the schedule log to; may be given several times. "
            "See `trx plugins list --hook collectors`.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of traffic, service times and failures.")] = 0,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Run the first N tasks only.")
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Write the result as JSON, with the first 1,000 rows that could not be used one "
            "by one; progress goes to stderr.",
        ),
    ] = False,
) -> None:
    """Run traffic through an algorithm in virtual time, and sum up.

    The same kernel, algorithms and worker simulators as the service's, in this process and with no
    server: an hour of traffic takes seconds. Name a --trace or a --scenario. The same seed gives
    the same run. Rows that the service would refuse are refused here, too. The exit code is 0 only
    if every task ended and no row was refused; rows of a trace that cannot be read do not count.
    """
    registry = load_plugins()
    rows, title = named_traffic(
        registry,
        trace=trace,
        format=format,
        scenario=scenario,
        params=param or [],
        seed=seed,
        columns=column or [],
    )
    given = parse_params(algorithm_param or [])
    chosen = make_algorithm(registry, algorithm, given, foresight=True)
    fleet = open_fleet(registry.fleet_readers, pools) if pools else default_fleet()
    disruptions = named_disruptions(registry, scenario, param or [])
    check_disruptions(disruptions, fleet)
    config = _config(parse_params(kernel or []))
    made = [make_collector(registry, *parse_named(text)) for text in collector or []]
    collectors = Collectors(made, patience=PATIENCE)
    faults, refused = Faults(), Faults()
    console = Console(stderr=as_json, highlight=False)
    started = time.perf_counter()
    with _progress(console) as progress:
        tasks = tasks_of(admitted(sifted(rows, faults, limit), fleet, refused), seed)
        run = simulate(
            fleet,
            chosen,
            _watched(tasks, progress),
            build=simulator_maker(registry),
            config=config,
            seed=seed,
            disruptions=disruptions,
            on_entries=collectors.observe,
        )
        collectors.close(PATIENCE)
    elapsed = time.perf_counter() - started
    if as_json:
        result = _as_dict(run, faults, refused, elapsed)
        result["collectors"] = collector_results(collectors)
        print(json.dumps(result, indent=2, default=str))
    else:
        console.print(render(run.summary, f"{title}, {algorithm}, in virtual time"))
        notes = _notes(run, faults, refused, elapsed)
        for note, style in (*notes, *collector_notes(collectors)):
            console.print(Text(note, style=style))
    if not run.summary.accepted or run.unplaced or refused.count:
        raise typer.Exit(1)


def _config(params: Mapping[str, Any]) -> KernelConfig:
    try:
        return KernelConfig.model_validate(params)
    except ValidationError as error:
        raise CallerError(
            f"the kernel does not take these parameters: {reasons(error)}.",
            code="TRX-C141",
            hint=f"It takes {', '.join(sorted(KernelConfig.model_fields))}.",
        ) from None


def _progress(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.completed:,.0f} tasks, {task.fields[at]}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _watched(tasks: Iterable[Task], progress: Progress) -> Iterator[Task]:
    bar = progress.add_task("", total=None, at="")
    for number, task in enumerate(tasks, start=1):
        yield task
        if number % SHOW_EVERY == 0:
            progress.update(bar, completed=number, at=f"{task.enqueued_at:,.0f} s of virtual time")


def _notes(
    run: LabRun, faults: Faults, refused: Faults, elapsed: float
) -> Iterator[tuple[str, str]]:
    span = run.summary.span
    yield (
        f"{span:,.1f} s of virtual time in {elapsed:.1f} s; {run.rounds:,} rounds decided in "
        f"{run.decision_seconds:.1f} s.",
        "dim",
    )
    if faults.count:
        yield say_rows("could not be read", faults.count, faults.first), "yellow"
    if refused.count:
        yield say_rows("were refused", refused.count, refused.first), "red"
    for (name, blame), count in sorted(run.failures.items()):
        yield (
            f"Rounds that first-come-first-served decided because {name} of "
            f"{run.plugin} {_VERB[blame]}: {count:,}.",
            "yellow",
        )
    if run.unplaced:
        why = "; ".join(f"{count:,}: {reason}" for reason, count in run.left.items())
        yield f"Tasks left that no pool would take: {run.unplaced:,} ({why}).", "red"
    if not run.summary.accepted:
        yield "There was no task.", "red"


_VERB: Final[Mapping[Blame, str]] = {
    Blame.RAISED: "raised",
    Blame.OVERRAN: "took too long",
    Blame.BROKE_CONTRACT: "broke its contract",
    Blame.LEFT_ALONE: "was left alone after failing",
}


def _as_dict(run: LabRun, faults: Faults, refused: Faults, elapsed: float) -> dict[str, Any]:
    return {
        "summary": run.summary.to_dict(),
        "unplaced": run.unplaced,
        "unplaced_why": dict(run.left),
        "malformed_rows": faults.count,
        "malformed_first": [alike._asdict() for alike in faults.first],
        "malformed_listed": [row._asdict() for row in faults.rows],
        "refused_rows": refused.count,
        "refused_first": [alike._asdict() for alike in refused.first],
        "refused_listed": [row._asdict() for row in refused.rows],
        "fallbacks": {f"{name}/{blame.value}": n for (name, blame), n in run.failures.items()},
        "fallbacks_by_plugin": {run.plugin: sum(run.failures.values())} if run.failures else {},
        "rounds": run.rounds,
        "decision_seconds": run.decision_seconds,
        "elapsed_seconds": elapsed,
    }
