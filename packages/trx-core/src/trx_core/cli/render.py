"""Plugins, offers and check results as people read them in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trx_core.cli.output import console
from trx_core.testing import CheckResult

__all__ = ["fields_of", "offer_table", "plugin_table", "result_table", "write"]

STYLES = {"loaded": "green", "blocked": "yellow", "failed": "red", "incompatible": "red"}

RESULT_STYLES = {"passed": "green", "failed": "bold red", "skipped": "yellow"}


def write(*parts: RenderableType) -> None:
    """Print to the command's own stdout."""
    console().print(Group(*parts))


def plugin_table(plugins: Sequence[Mapping[str, Any]]) -> Table:
    """Plugins, one a row."""
    table = _table("plugin", "distribution", "version", "state", "offers")
    for one in plugins:
        table.add_row(
            Text(one["name"]),
            Text(one["distribution"] or "-"),
            Text(one["version"] or "-"),
            Text(one["state"], style=STYLES[one["state"]]),
            _value(one["offers"]),
        )
    return table


def offer_table(offers: Sequence[Mapping[str, Any]]) -> Table:
    """Offers, one a row."""
    table = _table("name", "kind", "summary", "plugin")
    for one in offers:
        table.add_row(*(Text(one[key]) for key in ("name", "kind", "summary", "plugin")))
    return table


def result_table(results: Sequence[CheckResult]) -> Table:
    """Check results, one a row."""
    table = _table("check", "rule", "result", "")
    for one in results:
        verdict = Text("FAILED" if one.failed else one.verdict, style=RESULT_STYLES[one.verdict])
        note = "" if one.failed else one.message
        table.add_row(Text(one.check.id), Text(one.check.title), verdict, Text(note, style="dim"))
    return table


def fields_of(values: Mapping[str, Any]) -> Table:
    """Fields and their values, one a row; empty ones are left out."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in values.items():
        if value not in (None, "", [], {}):
            grid.add_row(name.replace("_", " "), _value(value))
    return grid


def _value(value: Any) -> Text:
    if isinstance(value, Mapping):
        return Text("\n".join(f"{name}: {_joined(items)}" for name, items in value.items()))
    if isinstance(value, list):
        told = (_parameter(one) if isinstance(one, Mapping) else str(one) for one in value)
        return Text("\n".join(told))
    return Text(str(value))


def _joined(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _parameter(one: Mapping[str, Any]) -> str:
    typed = f"{one['name']}: {one['type']}" if one["type"] else str(one["name"])
    return typed if one["default"] is None else f"{typed} = {one['default']}"


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
