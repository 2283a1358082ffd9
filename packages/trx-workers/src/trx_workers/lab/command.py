"""``trx simulate``: one run of the lab."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from trx_core.cli import named_traffic, parse_named, parse_params
from trx_core.cli.main import tell_traces
from trx_core.cli.options import Column, Format, TrafficParam
from trx_core.cli.output import console, write_json
from trx_core.engine import Blame, Collectors
from trx_core.models import LogEntry
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import make_collector
from trx_core.report import SHORT, render
from trx_core.report.figures import fixed
from trx_core.stdout import keeps_stdout
from trx_core.traffic import say_rows
from trx_workers.extras import require_report
from trx_workers.files import check_writable, replaced
from trx_workers.lab import options
from trx_workers.lab.account import VERB, accounts_of, demand_decisions
from trx_workers.lab.collectors import collected
from trx_workers.lab.engine import BUDGET
from trx_workers.lab.events import events_file
from trx_workers.lab.finding import Finding, find
from trx_workers.lab.interrupted import telling_interrupts
from trx_workers.lab.progress import watching
from trx_workers.lab.reasons import reasons_in_words
from trx_workers.lab.warned import warning_once

__all__ = ["simulate_command"]

PATIENCE: Final = 30.0
"""Seconds that a run waits for a collector that has fallen behind."""

Log = Callable[[list[LogEntry]], None]


@keeps_stdout
def simulate_command(
    context: typer.Context,
    algorithm: Annotated[
        str,
        typer.Option(
            "--algorithm",
            "-a",
            metavar="NAME [PARAM=VALUE …]",
            help="Who decides; see `trx plugins list`.",
        ),
    ] = "greedy",
    algorithm_param: Annotated[
        list[str] | None,
        typer.Option("--algorithm-param", help="A parameter of the algorithm, as name=value."),
    ] = None,
    trace: options.Trace = None,
    format: Format = None,
    scenario: options.ScenarioName = None,
    column: Column = None,
    param: TrafficParam = None,
    pools: options.Pools = None,
    kernel: options.KernelParams = None,
    collector: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:PARAM=VALUE,…]",
            help="A metric collector to feed the schedule log to; may be given several times. "
            "See `trx plugins list --hook collectors`.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of traffic, service times and failures.")] = 0,
    load: options.Load = 1.0,
    limit: options.Limit = None,
    short: options.Short = SHORT,
    tenant_key: options.TenantKey = "tenant",
    regret: options.Regret = False,
    budget: options.Budget = BUDGET,
    html: options.Html = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write what happened to every task, as Parquet."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Run traffic through an algorithm in virtual time, and sum up.

    The same kernel, algorithms and worker simulators as the service's, in this process and with no
    server: an hour of traffic takes seconds. Name a --trace or a --scenario. The same seed gives
    the same run. Rows that the service would refuse are refused here, too. The exit code is 0 only
    if every task ended, no row was refused, and the algorithm decided at least one round; rows of a
    trace that cannot be read do not count.
    """
    if html is not None:
        require_report()
    check_writable(html, out, inputs=(trace, pools))
    registry = load_plugins()
    _, title = named_traffic(
        registry,
        trace=trace,
        format=format,
        scenario=scenario,
        params=param or [],
        seed=seed,
        columns=column or [],
    )
    plan = options.base_plan(
        algorithm=algorithm,
        trace=trace,
        format=format,
        scenario=scenario,
        param=param,
        column=column,
        pools=pools,
        kernel=kernel,
        limit=limit,
        load=load,
        short=short,
        tenant_key=tenant_key,
        regret=regret,
        budget=budget,
        seed=seed,
    )
    params = {**plan.algorithm_params, **parse_params(algorithm_param or [])}
    plan = replace(plan, algorithm_params=params)
    made = [make_collector(registry, *parse_named(text)) for text in collector or []]
    collectors = Collectors(made, patience=PATIENCE)
    terminal = console(stderr=as_json)
    started = time.perf_counter()
    with (
        telling_interrupts(),
        warning_once(),
        watching(terminal, None) as watch,
        nullcontext() if out is None else events_file(out) as write,
    ):
        finding = find(
            plan,
            registry,
            watch=watch.tasks,
            on_entries=_told_to(
                *([collectors.observe] if made else []), *([write] if write else [])
            ),
        )
        collectors.close(PATIENCE)
    elapsed = time.perf_counter() - started
    heading = f"{title}, {plan.label}, in virtual time"
    if html is not None:
        from trx_workers.reporting.page import run_page

        replaced(html, run_page(f"{title}, {plan.label}", finding))
    told = collected(collectors)
    if as_json:
        result = finding.to_dict() | {"elapsed_seconds": elapsed}
        result["collectors"] = {one.named.name: one.to_dict() for one in told}
        write_json(result, default=str)
        for note, style in chain.from_iterable(one.troubles() for one in told):
            terminal.print(Text(note, style=style))
    else:
        terminal.print(render(finding.summary, heading, list(reasons_in_words(finding.reasons))))
        notes = _notes(finding, elapsed, (html, out))
        for note, style in (*notes, *chain.from_iterable(one.notes() for one in told)):
            terminal.print(Text(note, style=style))
    tell_traces(context, finding.traces)
    demand_decisions(accounts_of({plan.label: [finding]}))
    if not finding.clean:
        raise typer.Exit(1)


def _told_to(*others: Log | None) -> Log | None:
    """What tells all of them; ``None`` if there is nobody, so that nothing is put into words."""
    listeners = [one for one in others if one is not None]

    def tell(entries: list[LogEntry]) -> None:
        for listener in listeners:
            listener(entries)

    return tell if listeners else None


def _notes(
    finding: Finding, elapsed: float, files: tuple[Path | None, ...]
) -> Iterator[tuple[str, str]]:
    span = finding.summary.span
    yield (
        f"{span:,.1f} s of virtual time in {elapsed:.1f} s; {finding.rounds:,} rounds decided "
        f"{_how_fast(finding)}.",
        "dim",
    )
    if finding.regret is not None:
        per_round, share = finding.regret
        part = "" if share is None else f", {100 * share:.2g} % of the optima"
        yield f"Regret per round: {fixed(per_round['mean'], 4)} money{part}.", "dim"
    if finding.malformed:
        yield say_rows("could not be read", finding.malformed, finding.malformed_first), "yellow"
    if finding.refused:
        yield say_rows("were refused", finding.refused, finding.refused_first), "red"
    for key, count in sorted(finding.failures.items()):
        name, _, blame = key.rpartition("/")
        yield (
            f"Rounds that first-come-first-served decided because {name} of "
            f"{finding.plugin} {VERB[Blame(blame)]}: {count:,}.",
            "yellow",
        )
    if finding.unplaced:
        why = "; ".join(f"{count:,}: {reason}" for reason, count in finding.left.items())
        yield f"Tasks left that no pool would take: {finding.unplaced:,} ({why}).", "red"
    if not finding.summary.accepted:
        yield "There was no task.", "red"
    for path in files:
        if path is not None:
            yield f"Written: {path}.", "dim"


def _how_fast(finding: Finding) -> str:
    if finding.lane_seconds is not None:
        return f"by the compiled lane, in {finding.lane_seconds:.2g} s with all else that it does"
    return f"in {finding.decision_seconds:.1f} s"
