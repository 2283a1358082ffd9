"""Opening a recorded trace: which of the known formats it is, and its reader on it."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from trx_core.errors import CallerError, PluginError, TrxError, describe
from trx_core.guard import blaming, passed_over
from trx_core.protocols import Arrival, BadRow, ColumnReader, TraceReader
from trx_core.sources import checked
from trx_core.specs import TraceReaderSpec

__all__ = ["HEAD", "open_trace", "read_head", "trace_format"]

HEAD: Final = 4096
"""Characters of a file that its format is told by."""

COLUMNS: Final = "columns"
"""The option that says which columns hold what."""

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def open_trace(
    readers: Mapping[str, TraceReaderSpec],
    path: Path,
    *,
    format: str | None = None,
    options: Mapping[str, Any] = _NOTHING,
) -> Iterator[Arrival | BadRow]:
    """The rows of a trace, streaming.

    Args:
        readers: the known formats, by name.
        path: the file.
        format: its format; by default told from how the file begins.
        options: the reader's own.

    Raises:
        CallerError: ``TRX-C130``, there is nothing to read; ``TRX-C131``, ``TRX-C132``, no format
            or several fit it; ``TRX-C133``, there is no such format; and what the reader raises.
        PluginError: the reader cannot be imported or made; ``TRX-P131``, now or while rows are
            read: it raised, or gave what is no row.
    """
    name = format or trace_format(readers, path, options)
    if name not in readers:
        raise CallerError(
            f"there is no trace format {name!r}.",
            code="TRX-C133",
            hint=f"The formats are {_listed(readers)}.",
        )
    reader: TraceReader = readers[name].build()
    return checked(
        lambda: reader.read(path, options), (Arrival, BadRow), partial(_failed, readers[name], path)
    )


def trace_format(
    readers: Mapping[str, TraceReaderSpec], path: Path, options: Mapping[str, Any] = _NOTHING
) -> str:
    """The name of the one format that takes the file for its own.

    A reader that cannot tell is passed over, and told to the log.

    Args:
        readers: the known formats, by name.
        path: the file.
        options: of the reader; with ``columns`` among them only those who map columns are asked.

    Raises:
        CallerError: ``TRX-C130``, there is nothing to read; ``TRX-C131``, no format fits it;
            ``TRX-C132``, several do; none fits, and one does not take the options.
        PluginError: none fits, and a reader raised (``TRX-P131``) or cannot be imported.
    """
    head = read_head(path)
    broken: list[TrxError] = []
    fitting = []
    for name, spec in readers.items():
        try:
            if _sniff(spec, path, head, options):
                fitting.append(name)
        except TrxError as error:
            broken.append(error)
    if fitting:
        passed_over(broken)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise CallerError(
            f"{path} could be a trace of the formats {_listed(fitting)}.",
            code="TRX-C132",
            hint="Say which.",
        )
    if broken:
        raise broken[0]
    what = "is not text and" if "\0" in head else f"begins with {head.splitlines()[0][:60]!r} and"
    raise CallerError(
        f"{path} {what} is of none of the known trace formats.",
        code="TRX-C131",
        hint=f"The formats are {_listed(readers)}.",
    )


def read_head(path: Path) -> str:
    """The first :data:`HEAD` characters of a file; bytes that are not UTF-8 become U+FFFD.

    Raises:
        CallerError: ``TRX-C130``, there is no such file, it is a directory or no regular file, it
            may not be read, or it is empty.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise _unreadable(path, "is a directory", "Name a file in it.")
        if not stat.S_ISREG(mode):
            raise _unreadable(path, "is not a regular file", "Save the trace to a file first.")
        with path.open("rb") as file:
            start = file.read(4 * HEAD + 4)
    except FileNotFoundError:
        raise _unreadable(path, "does not exist", "Check the path.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise _unreadable(path, f"cannot be read: {reason}", "Check the path.") from None
    head = start.decode("utf-8-sig", errors="replace")[:HEAD]
    if not head.strip():
        raise _unreadable(path, "is empty", "A trace has at least a header and a row.")
    return head


def _sniff(spec: TraceReaderSpec, path: Path, head: str, options: Mapping[str, Any]) -> bool:
    reader: TraceReader = spec.build()
    with blaming(partial(_blame, spec, path)):
        if COLUMNS not in options:
            return bool(reader.sniff(path, head))
        mapped = isinstance(reader, ColumnReader) and reader.sniff_mapped(path, head, options)
        return bool(mapped)


def _blame(spec: TraceReaderSpec, path: Path, error: BaseException) -> PluginError:
    return _failed(spec, path, f"raised {describe(error)}")


def _failed(spec: TraceReaderSpec, path: Path, what: str) -> PluginError:
    return PluginError(
        f"the trace reader {spec.label} failed at {str(path)!r}: it {what}.",
        code="TRX-P131",
        hint="Mend the reader, or name another format.",
    )


def _unreadable(path: Path, what: str, hint: str) -> CallerError:
    return CallerError(f"{str(path)!r} {what}.", code="TRX-C130", hint=hint)


def _listed(names: Mapping[str, Any] | list[str]) -> str:
    return ", ".join(sorted(names)) or "none: no plugin offers any"
