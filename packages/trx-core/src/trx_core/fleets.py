"""Where a fleet comes from: a YAML file, ours by default, or a format that a plugin reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from trx_core.errors import CallerError, PluginError, TrxError, describe
from trx_core.guard import blaming, passed_over
from trx_core.models import Fleet
from trx_core.protocols import FleetReader
from trx_core.specs import FleetReaderSpec

__all__ = ["default_fleet", "open_fleet", "read_fleet"]

HEAD: Final = 4096
"""Characters of a file that its format is told by."""

_OURS: Final = frozenset({".yaml", ".yml", ".json"})
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@cache
def default_fleet() -> Fleet:
    """The fleet in ``trx_core/data/default_fleet.yaml``."""
    file = resources.files("trx_core").joinpath("data/default_fleet.yaml")
    return Fleet.from_yaml(file.read_text(encoding="utf-8"), source="the default fleet")


def open_fleet(
    readers: Mapping[str, FleetReaderSpec],
    path: Path,
    *,
    format: str | None = None,
    options: Mapping[str, Any] = _NOTHING,
) -> Fleet:
    """The fleet in a file of any known format: YAML or JSON of our own, or what a reader takes.

    A reader that cannot tell whether the file is its own is passed over, and told to the log.

    Args:
        readers: the other formats, by name.
        path: the file.
        format: one of them; by default told from the name and the beginning of the file.
        options: the reader's own.

    Raises:
        CallerError: ``TRX-C110``, the file cannot be read or does not describe a fleet;
            ``TRX-C112``, the format or the options do not fit it; and what the reader raises.
        PluginError: ``TRX-P134``, the reader raised, or made no fleet; ``TRX-P110``,
            ``TRX-P111``, it cannot be imported or made; or one that was passed over, where the
            file is of no other format.
    """
    broken: list[TrxError] = []
    name = format or _format(readers, path, broken)
    if name is None and options:
        raise CallerError(
            f"{str(path)!r} is a fleet file of our own, which takes no options.", code="TRX-C112"
        )
    if name is None:
        return _of_our_own(path, broken)
    passed_over(broken)
    if name not in readers:
        raise CallerError(
            f"there is no format of fleet files {name!r}.",
            code="TRX-C112",
            hint=f"There is: {', '.join(sorted(readers)) or 'none'}; and YAML of our own.",
        )
    _read(path)
    reader: FleetReader = readers[name].build()
    with blaming(partial(_blame, readers[name], path)):
        fleet = reader.read(path, options)
    if not isinstance(fleet, Fleet):
        raise _failed(readers[name], path, f"it made a {type(fleet).__name__}, and no fleet")
    return fleet


def read_fleet(path: Path) -> Fleet:
    """The fleet in a YAML or JSON file of our own.

    Raises:
        CallerError: ``TRX-C110``, the file cannot be read or does not describe a fleet.
    """
    return Fleet.from_yaml(_read(path), source=str(path))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CallerError(
            f"fleet file {str(path)!r} cannot be read: {reason}.",
            code="TRX-C110",
            hint="Check the path.",
        ) from None


def _of_our_own(path: Path, broken: Sequence[TrxError]) -> Fleet:
    try:
        fleet = read_fleet(path)
    except CallerError:
        if broken:
            raise broken[0] from None
        raise
    passed_over(broken)
    return fleet


def _format(
    readers: Mapping[str, FleetReaderSpec], path: Path, broken: list[TrxError]
) -> str | None:
    """The name of the format that takes the file for its own; ``None``: it is of our own.

    What is wrong with readers that cannot tell is added to ``broken``.
    """
    head = _read(path)[:HEAD]
    if path.suffix.lower() in _OURS:
        return None
    fitting = []
    for name, spec in readers.items():
        try:
            if _sniff(spec, path, head):
                fitting.append(name)
        except TrxError as error:
            broken.append(error)
    if len(fitting) > 1:
        raise CallerError(
            f"{str(path)!r} could be a fleet file of the formats {', '.join(fitting)}.",
            code="TRX-C112",
            hint="Say which.",
        )
    return fitting[0] if fitting else None


def _sniff(spec: FleetReaderSpec, path: Path, head: str) -> bool:
    reader: FleetReader = spec.build()
    with blaming(partial(_blame, spec, path)):
        return bool(reader.sniff(path, head))


def _blame(spec: FleetReaderSpec, path: Path, error: BaseException) -> PluginError:
    return _failed(spec, path, describe(error))


def _failed(spec: FleetReaderSpec, path: Path, what: str) -> PluginError:
    return PluginError(
        f"the fleet reader {spec.label} failed at {str(path)!r}: {what}.",
        code="TRX-P134",
        hint="Mend the reader, or name the format.",
    )
