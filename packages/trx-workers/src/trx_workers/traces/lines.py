"""The lines of a text file, streaming, whatever is in it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import Final, NamedTuple

from trx_core.errors import CallerError
from trx_core.protocols import BadRow
from trx_core.traces import HEAD, read_head

__all__ = ["MAX_LINE", "Line", "read_lines"]

MAX_LINE: Final = 1 << 20
"""Bytes; a longer line is refused unread."""

_BOM: Final = b"\xef\xbb\xbf"
_PACKED: Final = "\x1f\ufffd"
"""What a file packed by gzip begins with, as text."""


class Line(NamedTuple):
    """A line of text without its end, and its number, from 1."""

    number: int
    text: str


def read_lines(path: Path, *, packed: bool = False) -> Iterator[Line | BadRow]:
    """Every line that is not blank; one that is too long, not UTF-8 or holds a NUL is told.

    Args:
        path: the file.
        packed: whether it may be packed by gzip, and is unpacked as it is read.

    Raises:
        CallerError: at once, ``TRX-C130``, there is nothing to read; ``TRX-C131``, it is not text,
            or what is packed cannot be unpacked (then where it cannot).
    """
    head = read_head(path)
    if packed:
        head = _unpacked_head(path, head)
    elif head.startswith(_PACKED):
        raise CallerError(
            f"{str(path)!r} is compressed.", code="TRX-C131", hint="Unpack it first: gunzip -k."
        )
    if "\0" in head.lstrip().partition("\n")[0]:
        raise CallerError(
            f"{str(path)!r} is not text in UTF-8.",
            code="TRX-C131",
            hint="Check the path, or save it as UTF-8.",
        )
    return _lines(path)


def _unpacked_head(path: Path, head: str) -> str:
    """How a file begins, where ``head`` is that and it may be packed by gzip.

    Raises:
        CallerError: ``TRX-C131``, it cannot be unpacked.
    """
    if not head.startswith(_PACKED):
        return head
    try:
        with gzip.open(path, "rt", encoding="utf-8-sig", errors="replace") as file:
            return file.read(HEAD)
    except (EOFError, OSError, zlib.error) as error:
        raise _damaged(path, error) from None


def _lines(path: Path) -> Iterator[Line | BadRow]:
    try:
        with _opened(path) as file:
            yield from _split(file)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _damaged(path, error) from None


def _opened(path: Path) -> BufferedIOBase:
    return gzip.open(path, "rb") if read_head(path).startswith(_PACKED) else path.open("rb")


def _damaged(path: Path, error: Exception) -> CallerError:
    return CallerError(
        f"{str(path)!r} cannot be unpacked: {error}.", code="TRX-C131", hint="Fetch it again."
    )


def _split(file: BufferedIOBase) -> Iterator[Line | BadRow]:
    number = 0
    while raw := file.readline(MAX_LINE):
        number += 1
        if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
            while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            yield BadRow(number, f"the line is longer than {MAX_LINE} bytes")
            continue
        if number == 1:
            raw = raw.removeprefix(_BOM)
        if b"\0" in raw:
            yield BadRow(number, "the line holds a NUL byte")
            continue
        try:
            text = raw.decode().strip("\r\n")
        except UnicodeDecodeError as error:
            byte = f"byte 0x{raw[error.start]:02x} at column {error.start + 1}"
            yield BadRow(number, f"the line is not UTF-8: {byte}")
            continue
        if text and not text.isspace():
            yield Line(number, text)
