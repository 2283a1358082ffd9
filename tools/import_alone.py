"""Imports all of one installed package where nothing but its dependencies is installed.

Usage: ``import_alone.py PACKAGE [DISTRIBUTION...]``; the distributions must not be there.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import distributions, entry_points
from pkgutil import walk_packages

SHARED = "trx-core"
NOT_FOR_IMPORT = ("__main__", "migrations")
"""Modules that are run by their tool and never imported: parts of their dotted names."""

NEED_AN_EXTRA = ("trx_workers.http.", "trx_workers.fitting.", "trx_workers.reporting.")
"""Modules that need an extra of their package: how their dotted names begin."""


def main(package: str, forbidden: set[str]) -> None:
    """Import everything, or exit with a sentence about what is wrong."""
    installed = {item.name.lower().replace("_", "-") for item in distributions()}
    siblings = {name for name in installed if name.startswith("trx-")} - {package, SHARED}
    if unwanted := (installed & forbidden) | siblings:
        sys.exit(f"{package} pulls in {', '.join(sorted(unwanted))}.")
    module = import_module(package.replace("-", "_"))
    names = [item.name for item in walk_packages(module.__path__, f"{module.__name__}.", onerror)]
    for name in names:
        if not name.startswith(NEED_AN_EXTRA) and not set(NOT_FOR_IMPORT) & set(name.split(".")):
            import_module(name)
    for plugin in entry_points(group="trx"):
        plugin.load()
    print(f"{package}: {len(names)} modules, {len(installed)} distributions installed")


def onerror(name: str) -> None:
    """A package that cannot be imported is an error, where walking would pass over it."""
    raise ImportError(f"{name} cannot be imported") from sys.exception()


if __name__ == "__main__":
    main(sys.argv[1], set(sys.argv[2:]))
