"""Where a fleet comes from when nobody has stored one: a YAML file, ours by default."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from trx_core.errors import CallerError
from trx_core.models import Fleet

__all__ = ["default_fleet", "read_fleet"]


@cache
def default_fleet() -> Fleet:
    """The fleet in ``trx_core/data/default_fleet.yaml``."""
    file = resources.files("trx_core").joinpath("data/default_fleet.yaml")
    return Fleet.from_yaml(file.read_text(encoding="utf-8"), source="the default fleet")


def read_fleet(path: Path) -> Fleet:
    """The fleet in a YAML file.

    Raises:
        CallerError: ``TRX-C110``, the file cannot be read or does not describe a fleet.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CallerError(
            f"fleet file {str(path)!r} cannot be read: {reason}.",
            code="TRX-C110",
            hint="Check the path.",
        ) from None
    return Fleet.from_yaml(text, source=str(path))
