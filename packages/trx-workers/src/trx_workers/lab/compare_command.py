"""``trx compare``: several algorithms on the same traffic with the same luck."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from trx_core.cli.main import tell_traces
from trx_core.cli.options import Column, Format, TrafficParam
from trx_core.cli.output import console, write_json
from trx_core.errors import CallerError
from trx_core.plugins import Registry, load_plugins
from trx_core.report import SHORT
from trx_core.stdout import keeps_stdout
from trx_core.traffic import say_rows
from trx_workers.extras import require_report
from trx_workers.files import check_writable, replaced
from trx_workers.lab import options
from trx_workers.lab.account import demand_decisions
from trx_workers.lab.compare_table import render_comparison
from trx_workers.lab.comparison import Comparison, compare, seeds_matter
from trx_workers.lab.engine import BUDGET
from trx_workers.lab.finding import Finding
from trx_workers.lab.interrupted import telling_interrupts
from trx_workers.lab.measures import measures_named
from trx_workers.lab.parallel import find_all
from trx_workers.lab.plan import Plan
from trx_workers.lab.progress import Watch, watching
from trx_workers.lab.recording import find_recorded, recording
from trx_workers.lab.warned import warning_once

__all__ = ["compare_command"]


@keeps_stdout
def compare_command(
    context: typer.Context,
    algorithm: options.Algorithms,
    trace: options.Trace = None,
    format: Format = None,
    scenario: options.ScenarioName = None,
    column: Column = None,
    param: TrafficParam = None,
    pools: options.Pools = None,
    kernel: options.KernelParams = None,
    seeds: Annotated[
        int, typer.Option(min=1, metavar="N", help="Runs of each algorithm, with seeds from 0.")
    ] = 10,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The one to compare with.", show_default="the first algorithm"
        ),
    ] = None,
    measure: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="What to compare, instead of the usual; more than once.",
        ),
    ] = None,
    load: options.Load = 1.0,
    limit: options.Limit = None,
    short: options.Short = SHORT,
    tenant_key: options.TenantKey = "tenant",
    regret: options.Regret = False,
    budget: options.Budget = BUDGET,
    jobs: options.Jobs = 0,
    html: options.Html = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write what happened to every task in every run, as Parquet."
        ),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Compare algorithms on the same traffic with the same luck, and say what may be claimed.

    Name a --trace or a --scenario, and two algorithms or more: `-a fifo -a "fcfs backfill=easy"`.
    Runs are paired by seed; differences come with intervals, and those that are not significant
    are called so. With one seed the pairs are stretches of consecutive tasks. Nothing is claimed of
    an algorithm whose rounds first come, first served decided for the most part. The exit code is 0
    only if every task ended, no row was refused, and no algorithm failed in all of its rounds.
    """
    if html is not None:
        require_report()
    check_writable(html, out, inputs=(trace, pools))
    registry = load_plugins()
    plan = options.base_plan(
        algorithm=algorithm[0],
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
    )
    measures = measures_named(measure or [])
    plans = _plans(replace(plan, timed="decision" in measures), algorithm, seeds)
    labels = list(dict.fromkeys(one.label for one in plans))
    chosen = _baseline(labels, baseline)
    title = options.traffic_title(registry, plan)
    for one in plans[::seeds]:
        one.check(registry)
    terminal = console(stderr=as_json)
    with (
        telling_interrupts(),
        warning_once(),
        watching(terminal, len(plans)) as watch,
        recording(out, plans) as folder,
    ):
        found = _found(plans, registry, jobs, folder, watch)
    runs = len(found[chosen])
    title = f"{title}, {runs} {'seeds' if runs > 1 else 'seed'}"
    comparison = compare(found, chosen, measures=measures)
    if html is not None:
        from trx_workers.reporting.page import comparison_page

        replaced(html, comparison_page(title, found, comparison))
    if as_json:
        write_json(_as_dict(found, comparison))
    else:
        terminal.print(render_comparison(title, found, comparison))
        _notes(terminal, found, (html, out))
    every = [one for runs in found.values() for one in runs]
    tell_traces(context, (trace for one in every for trace in one.traces))
    demand_decisions(comparison.accounts)
    if not all(one.clean for one in every):
        raise typer.Exit(1)


def _plans(plan: Plan, algorithms: Sequence[str], seeds: int) -> list[Plan]:
    named = (options.named_algorithm(text) for text in algorithms)
    each = (replace(plan, algorithm=name, algorithm_params=params) for name, params in named)
    unlike = {one.label: one for one in each}
    return [replace(one, seed=seed) for one in unlike.values() for seed in range(seeds)]


def _baseline(labels: Sequence[str], wanted: str | None) -> str:
    if len(labels) < 2:
        raise CallerError(
            "there is nothing to compare.",
            code="TRX-C152",
            hint="Name two algorithms or more, or the same one with different parameters.",
        )
    if wanted is None:
        return labels[0]
    label = " ".join(wanted.split())
    if label not in labels:
        raise CallerError(
            f"the baseline {wanted!r} is none of the algorithms.",
            code="TRX-C153",
            hint=f"Take one of {', '.join(map(repr, labels))}.",
        )
    return label


def _found(
    plans: Sequence[Plan], registry: Registry, jobs: int, folder: Path | None, watch: Watch
) -> dict[str, list[Finding]]:
    one = partial(find_recorded, folder=folder)
    here = partial(one, watch=watch.tasks)
    found: dict[str, list[Finding]] = {plan.label: [] for plan in plans}
    for stage in _stages(plans):
        ended: dict[int, Finding] = {}
        for at, finding in find_all(stage, registry, one=one, here=here, jobs=jobs):
            ended[at] = finding
            watch.step()
        for at, plan in enumerate(stage):
            found[plan.label].append(ended[at])
        if not seeds_matter(found):
            break
    return found


def _stages(plans: Sequence[Plan]) -> Iterator[Sequence[Plan]]:
    """The runs of the first two seeds, which tell whether seeds make a difference; then the
    others."""
    yield [plan for plan in plans if plan.seed < 2]
    more = [plan for plan in plans if plan.seed >= 2]
    if more:
        yield more


def _notes(
    terminal: Console, found: dict[str, list[Finding]], files: tuple[Path | None, ...]
) -> None:
    first = next(iter(found.values()))[0]
    if first.malformed:
        line = say_rows("could not be read", first.malformed, first.malformed_first)
        terminal.print(Text(line, style="yellow"))
    if first.refused:
        line = say_rows("were refused", first.refused, first.refused_first)
        terminal.print(Text(line, style="red"))
    for label, runs in found.items():
        left = sum(one.unplaced for one in runs)
        if left:
            line = f"Tasks that no pool would take, with {label}: {left:,}."
            terminal.print(Text(line, style="red"))
    if not first.summary.accepted:
        terminal.print(Text("There was no task.", style="red"))
    for path in filter(None, files):
        terminal.print(Text(f"Written: {path}.", style="bright_black"))


def _as_dict(found: dict[str, list[Finding]], comparison: Comparison) -> dict[str, Any]:
    return {
        "comparison": comparison.to_dict(),
        "runs": {
            label: [
                {"seed": one.plan.seed, "measures": dict(one.measures), **one.to_dict()}
                for one in runs
            ]
            for label, runs in found.items()
        },
    }
