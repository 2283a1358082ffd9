"""Cursors: opaque to callers, the last id of a page to us (keyset pagination)."""

from __future__ import annotations

import base64
import binascii
from typing import Final
from uuid import UUID

from trx_server.api.problems import INVALID, Refusal

__all__ = ["cursor_after", "cursor_id"]

PADDING: Final = "=="
BYTES: Final = 16


def cursor_after(last: UUID) -> str:
    """The cursor of what follows ``last``."""
    return base64.urlsafe_b64encode(last.bytes).decode().rstrip("=")


def cursor_id(cursor: str | None) -> UUID | None:
    """The id that a page starts after; ``None``: it is the first page.

    Raises:
        Refusal: it is none of our cursors.
    """
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + PADDING, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != BYTES:
        error = {"field": "cursor", "message": "not a cursor that this service gave out"}
        raise Refusal(INVALID, "The cursor is not valid.", errors=[error])
    return UUID(bytes=raw)
