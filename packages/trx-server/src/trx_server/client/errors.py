"""What goes wrong between a client and the API; told apart by whether a request took effect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from trx_core.errors import AdapterError, CallerError

__all__ = ["AnswerLost", "NotAccepted", "Refused", "RowError", "ServerAway"]


class NotAccepted(AdapterError):
    """The request surely took no effect; it may be sent again later.

    ``TRX-A401``: nothing answers at the URL. ``TRX-A405``: the server takes no more for now.
    """


class AnswerLost(AdapterError):
    """The request was sent and no answer came: it may have taken effect (``TRX-A406``)."""


class ServerAway(AdapterError):
    """The server cannot serve the request (``TRX-A407``): one that it needs is away, or it failed.

    Whether a request that changes something took effect is not known.
    """


class RowError(NamedTuple):
    """What is wrong with a field.

    Attributes:
        row: index in the batch, from 0; ``None`` when the request is no batch.
        field: path of the field; empty when the row or the request as a whole is wrong.
        message: what is wrong.
    """

    row: int | None
    field: str
    message: str

    def __str__(self) -> str:
        row = "" if self.row is None else f"row {self.row}"
        place = ", ".join(filter(None, (row, self.field)))
        return f"{place}: {self.message}" if place else self.message


class Refused(CallerError):
    """The API refused a request (RFC 9457); nothing of it took effect.

    Args:
        message: what is wrong.
        code: the API's own.
        status: of the response.
        errors: fields and rows at fault, as far as the API told them.
    """

    def __init__(
        self, message: str, *, code: str, status: int, errors: Sequence[RowError] = ()
    ) -> None:
        super().__init__(message, code=code)
        self.status = status
        self.errors = tuple(errors)
