"""A client of the API: typed answers, and one clear sentence when there is none."""

from trx_server.client.client import Client
from trx_server.client.errors import AnswerLost, NotAccepted, Refused, RowError, ServerAway
from trx_server.client.wire import Page, Switch

__all__ = [
    "AnswerLost",
    "Client",
    "NotAccepted",
    "Page",
    "Refused",
    "RowError",
    "ServerAway",
    "Switch",
]
