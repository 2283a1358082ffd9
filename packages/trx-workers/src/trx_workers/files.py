"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from trx_core.errors import CallerError

__all__ = ["replaced"]


def replaced(path: Path, text: str) -> None:
    """Write ``text`` to ``path``, in the place of what may be there.

    Raises:
        CallerError: ``TRX-C155``, it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CallerError(
            f"{str(path)!r} cannot be written: {error.strerror}.",
            code="TRX-C155",
            hint="Name another file.",
        ) from None
