"""``trx plugins new``: begin a plugin of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trx_core.cli.scaffold import Kind, check_name, new_project
from trx_core.plugins import load_plugins

__all__ = ["new"]


def new(
    name: Annotated[str, typer.Argument(help="Of the package, the plugin and what it offers.")],
    kind: Annotated[Kind, typer.Option(help="What the plugin offers.")] = Kind.ALGORITHM,
    folder: Annotated[
        Path, typer.Option("--dir", metavar="FOLDER", help="Where the package's folder goes.")
    ] = Path(),
) -> None:
    """Write an installable package with a working plugin, and a test that it keeps its contract.

    The package goes into a new folder called NAME. It passes its own tests as it is: install it,
    run them, and put your own code in the place of the example.
    """
    check_name(name, kind, load_plugins())
    written = new_project(name, kind, folder)
    root = folder / name
    for path in written:
        print(path)
    print(f"\ncd {root}")
    print('python -m pip install -e ".[test]"')
    print("python -m pytest")
    print(f"trx plugins check {name}")
