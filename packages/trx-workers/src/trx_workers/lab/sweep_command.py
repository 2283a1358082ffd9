"""``trx sweep``: a grid of parameters, in parallel, that may be interrupted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from trx_core.cli.options import Column, Format, TrafficParam
from trx_core.cli.output import console, write_json
from trx_core.plugins import load_plugins
from trx_core.report import SHORT
from trx_core.report.figures import DASH
from trx_core.stdout import keeps_stdout
from trx_workers.extras import require_report
from trx_workers.files import check_writable, replaced
from trx_workers.lab import options
from trx_workers.lab.account import demand_decisions
from trx_workers.lab.engine import BUDGET
from trx_workers.lab.figure_table import Column as FigureColumn
from trx_workers.lab.figure_table import FigureTable
from trx_workers.lab.grid import Cell, Grid, read_axis
from trx_workers.lab.interrupted import telling_interrupts
from trx_workers.lab.journal import Journal
from trx_workers.lab.measures import MEASURES, measures_named
from trx_workers.lab.parallel import check_backend
from trx_workers.lab.progress import watching
from trx_workers.lab.sweep import (
    Setting,
    accounts_by_label,
    non_dominated,
    settings_of,
    swept,
    troubled,
    troubles,
)
from trx_workers.lab.warned import warning_once
from trx_workers.lab.wording import ACCOUNTED, figures, headed

__all__ = ["sweep_command"]


@keeps_stdout
def sweep_command(
    algorithm: options.Algorithms,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            "-v",
            metavar="WHAT=V1,V2,…",
            help="load, param.NAME of the traffic, kernel.NAME or ALGORITHM.NAME, and its values.",
        ),
    ] = None,
    trace: options.Trace = None,
    format: Format = None,
    scenario: options.ScenarioName = None,
    column: Column = None,
    param: TrafficParam = None,
    pools: options.Pools = None,
    kernel: options.KernelParams = None,
    seeds: Annotated[
        int, typer.Option(min=1, metavar="N", help="Runs of each setting, with seeds from 0.")
    ] = 3,
    x: Annotated[str, typer.Option(metavar="MEASURE", help="Across the front.")] = "cost",
    y: Annotated[str, typer.Option(metavar="MEASURE", help="Up the front.")] = "turnaround_mean",
    limit: options.Limit = None,
    short: options.Short = SHORT,
    tenant_key: options.TenantKey = "tenant",
    regret: options.Regret = False,
    budget: options.Budget = BUDGET,
    jobs: options.Jobs = 0,
    backend: Annotated[
        str, typer.Option(metavar="NAME", help="What runs them: loky, dask or ray.")
    ] = "loky",
    journal: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where runs that are done are kept.",
            show_default="sweep-… here, named after the grid",
        ),
    ] = None,
    html: options.Html = None,
    as_json: options.AsJson = False,
) -> None:
    """Run a grid of algorithms, parameters and seeds in parallel, and show the front.

    Name a --trace or a --scenario. An interrupted sweep goes on where it stopped when it is given
    again: what is done stands in its journal, but for runs of code that has been edited since. The
    front joins the settings that no other beats in
    one of two measures without losing in the other. The exit code is 0 only if every run came to
    its end, with every task ended and no row refused, and no algorithm failed in all of its rounds.
    """
    if html is not None:
        require_report()
    check_writable(html, inputs=(trace, pools))
    check_backend(backend)
    measures_named((x, y))
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
        short=short,
        tenant_key=tenant_key,
        regret=regret,
        budget=budget,
    )
    named = [options.named_algorithm(text) for text in algorithm]
    names = [name for name, _ in named]
    plan = replace(plan, timed="decision" in (x, y))
    grid = Grid(plan, named, [read_axis(text, names) for text in vary or []], seeds)
    cells = grid.cells()
    title = options.traffic_title(registry, plan)
    for cell in cells[::seeds]:
        cell.plan.check(registry)
    kept = Journal(journal or Path(f"sweep-{grid.name()}"), grid.to_dict())
    terminal = console(stderr=as_json)
    with (
        telling_interrupts(partial(_kept, kept, cells)),
        warning_once(),
        watching(terminal, len(cells)) as watch,
    ):
        done = swept(cells, kept, registry, jobs=jobs, backend=backend, step=watch.step)
    settings = settings_of(cells, done)
    best = non_dominated(settings, x, y)
    if html is not None:
        from trx_workers.reporting.page import sweep_page

        replaced(html, sweep_page(title, settings, best, x, y, short=short))
    if as_json:
        write_json(_as_list(settings, best), default=str)
    else:
        terminal.print(Text(f"{title}, {seeds} {'seeds' if seeds > 1 else 'seed'}", style="bold"))
        terminal.print(_table(settings, best, (x, y)))
        terminal.print(Text(f"On the front: {len(best)} of {len(settings)} settings, marked *."))
        terminal.print(Text(f"The runs are kept in {kept.folder}.", style="bright_black"))
    for what, runs in done.again.items():
        line = f"Runs of the journal done again, since {what} has changed: {runs:,}."
        terminal.print(Text(line, style="yellow"))
    for line in troubles(settings):
        terminal.print(Text(line, style="red"))
    demand_decisions(accounts_by_label(settings))
    if not all(one.clean for one in settings):
        raise typer.Exit(1)


def _kept(journal: Journal, cells: Sequence[Cell]) -> str:
    done = len(journal.read(cell.key for cell in cells))
    return (
        f"{done:,} of {len(cells):,} runs are kept in {journal.folder}; "
        "the same command goes on from there."
    )


def _table(
    settings: Sequence[Setting], best: Sequence[Setting], axes: tuple[str, str]
) -> FigureTable:
    names = list(dict.fromkeys(name for one in settings for name in one.setting))
    rows = [
        Text(
            ("* " if one in best else "  ")
            + ", ".join(str(one.setting.get(n, DASH)) for n in names),
            style="bold" if one in best else "",
        )
        for one in settings
    ]
    columns = []
    for name in dict.fromkeys((*axes, "wait_mean", "utilisation", "success")):
        means = [one.means.get(name) for one in settings]
        columns.append(FigureColumn(headed(name), _texts(figures(means, MEASURES[name].unit))))
    if any(map(troubled, settings)):
        blank = (DASH,) * len(ACCOUNTED)
        told = [one.account.told() if one.account else blank for one in settings]
        accounted = list(zip(ACCOUNTED, zip(*told, strict=True), strict=True))[1:]
        columns += [FigureColumn(title, _texts(cells)) for title, cells in accounted]
    return FigureTable("  " + ", ".join(names), rows, columns)


def _texts(cells: Iterable[str]) -> list[Text]:
    return [Text(cell) for cell in cells]


def _as_list(settings: Sequence[Setting], best: Sequence[Setting]) -> list[dict[str, object]]:
    return [
        {
            "setting": dict(one.setting),
            "runs": one.runs,
            "failed": list(one.failed),
            "account": one.account.to_dict() if one.account else None,
            "on_front": one in best,
            "mean": dict(one.means),
            "standard_deviation": dict(one.spreads),
        }
        for one in settings
    ]
