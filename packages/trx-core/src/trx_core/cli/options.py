"""Options that several commands have, as typer takes them."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["Column", "Format", "TrafficParam"]

Format = Annotated[
    str | None,
    typer.Option(
        help="Format of the trace; see `trx plugins list --hook trace_readers`.",
        show_default="told from how the file begins",
    ),
]

Column = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FIELD=COLUMN",
        help="Which column of the trace holds a field: enqueued_at=ts, type=kind, …",
    ),
]

TrafficParam = Annotated[
    list[str] | None,
    typer.Option(
        "--param",
        "-p",
        "--set",
        metavar="NAME=VALUE",
        help="A parameter of the scenario or the format.",
    ),
]
