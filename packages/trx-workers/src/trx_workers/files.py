"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from errno import EACCES
from pathlib import Path
from typing import Final

from trx_core.errors import CallerError

__all__ = ["blamed", "check_writable", "replaced", "replacing"]

ANOTHER_FILE: Final = "Name another file."


def check_writable(*paths: Path | None, inputs: Sequence[Path | None] = ()) -> None:
    """Make sure that files can be written before the work that they are to hold begins.

    Each is tried: its draft is made and removed again.

    Args:
        paths: of the files; ``None`` stands for one that is not wanted.
        inputs: of files that the work reads, under whatever names; ``None`` as above.

    Raises:
        CallerError: ``TRX-C155``, one cannot be written, two are the same, or one is read.
    """
    wanted = [path for path in paths if path is not None]
    read = [path for path in inputs if path is not None]
    for path in wanted:
        if sum(_same_name(other, path) or _are_one(other, path) for other in wanted) > 1:
            raise _unwritable(path, "it is named for two results", ANOTHER_FILE)
        for source in read:
            if _are_one(source, path):
                why = f"it is what the command reads as {str(source)!r}"
                raise _unwritable(path, why, ANOTHER_FILE)
        with blamed(path):
            _try(path)


def _same_name(one: Path, other: Path) -> bool:
    return one.absolute() == other.absolute()


def _are_one(one: Path, other: Path) -> bool:
    """Whether two names stand for one regular file, be it through links."""
    try:
        return one.is_file() and one.samefile(other)
    except OSError:
        return False


def _try(path: Path) -> None:
    draft = _draft(path)
    if draft != path:
        draft.touch()
        draft.unlink()
    elif path.is_dir():
        raise _unwritable(path, "it is a directory")
    elif not os.access(path, os.W_OK):
        raise _unwritable(path, os.strerror(EACCES))


def replaced(path: Path, text: str) -> None:
    """Write ``text`` to ``path``, in the place of what may be there.

    Raises:
        CallerError: ``TRX-C155``, it cannot be written.
    """
    with replacing(path) as draft, blamed(path):
        draft.write_text(text, encoding="utf-8")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a draft to write, which takes the place of ``path`` if all goes well, and is removed
    otherwise. What is no regular file, such as a pipe, is written itself.

    Raises:
        CallerError: ``TRX-C155``, the draft cannot take its place.
    """
    with blamed(path):
        draft = _draft(path)
    if draft == path:
        yield draft
        return
    try:
        yield draft
        with blamed(path):
            draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


@contextmanager
def blamed(path: Path) -> Iterator[None]:
    """Says of ``path`` that it cannot be written where the system says so.

    Raises:
        CallerError: ``TRX-C155``, in the place of an ``OSError``.
    """
    try:
        yield
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from None


def _draft(path: Path) -> Path:
    if path.exists() and not path.is_file():
        return path
    return path.with_name(f".{path.name}.{os.getpid()}")


def _unwritable(
    path: Path,
    why: str,
    hint: str = "Name a file in a folder that is there and that you may write to.",
) -> CallerError:
    return CallerError(f"{str(path)!r} cannot be written: {why}.", code="TRX-C155", hint=hint)
