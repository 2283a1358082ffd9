"""The lines of a text file, streaming, whatever is in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from trx_core.errors import CallerError
from trx_core.protocols import BadRow
from trx_core.traces import read_head

__all__ = ["MAX_LINE", "Line", "read_lines"]

MAX_LINE: Final = 1 << 20
"""Bytes; a longer line is refused unread."""

_BOM: Final = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A line of text without its end, and its number, from 1."""

    number: int
    text: str


def read_lines(path: Path) -> Iterator[Line | BadRow]:
    """Every line that is not blank; one that is too long or not UTF-8 is told and passed over.

    Raises:
        CallerError: at once, ``TRX-C130``, there is nothing to read; ``TRX-C131``, it is not text.
    """
    head = read_head(path)
    if head.startswith("\x1f\ufffd"):
        raise CallerError(
            f"{str(path)!r} is compressed.", code="TRX-C131", hint="Unpack it first: gunzip -k."
        )
    if "\0" in head:
        raise CallerError(
            f"{str(path)!r} is not text in UTF-8.",
            code="TRX-C131",
            hint="Check the path, or save it as UTF-8.",
        )
    return _lines(path)


def _lines(path: Path) -> Iterator[Line | BadRow]:
    number = 0
    with path.open("rb") as file:
        while raw := file.readline(MAX_LINE):
            number += 1
            if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
                while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                    pass
                yield BadRow(number, f"the line is longer than {MAX_LINE} bytes")
                continue
            if number == 1:
                raw = raw.removeprefix(_BOM)
            try:
                text = raw.decode().strip("\r\n")
            except UnicodeDecodeError as error:
                byte = f"byte 0x{raw[error.start]:02x} at column {error.start + 1}"
                yield BadRow(number, f"the line is not UTF-8: {byte}")
                continue
            if text and not text.isspace():
                yield Line(number, text)
