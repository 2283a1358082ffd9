"""Installed distributions whose entry points cannot be read, and other libraries that trip on them.

``importlib.metadata.entry_points()`` reads those of everything that is installed and raises at the
first damaged file, whoever asks for whichever group. Ours are read one by one instead (see
:mod:`trx_core.plugins.discovery`); what other libraries do when they are imported is not ours.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution
from pathlib import Path

from trx_core.errors import OperatorError
from trx_core.plugins.discovery import installed, name_of

__all__ = ["blaming_damage", "damaged"]

READER = "importlib.metadata"


def damaged() -> dict[str, Path]:
    """Name of each distribution whose entry points cannot be read, and the file that holds them."""
    return {name_of(dist): _file(dist) for dist in installed() if _is_damaged(dist)}


@contextmanager
def blaming_damage(what: str) -> Iterator[None]:
    """For imports that read the entry points of everything that is installed.

    Args:
        what: is imported, for people.

    Raises:
        OperatorError: ``TRX-O111``, a damaged distribution stopped it.
    """
    try:
        yield
    except Exception as error:
        found = damaged() if _came_from_reading(error) else {}
        if not found:
            raise
        named = ", ".join(f"{name} ({path})" for name, path in found.items())
        raise OperatorError(
            f"{what} cannot be imported, because it reads the entry points of everything that is "
            f"installed, and those of {named} are damaged.",
            code="TRX-O111",
            hint=f"Install {', '.join(found)} again, or remove it.",
        ) from error


def _came_from_reading(error: BaseException | None) -> bool:
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if str(frame.f_globals.get("__name__", "")).startswith(READER):
                return True
        error = error.__cause__ or error.__context__
    return False


def _is_damaged(dist: Distribution) -> bool:
    try:
        list(dist.entry_points)
    except Exception:
        return True
    return False


def _file(dist: Distribution) -> Path:
    folder = getattr(dist, "_path", None)
    return Path(str(folder or dist.locate_file("")), "entry_points.txt")
