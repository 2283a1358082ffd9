"""Logs on standard error: one JSON object a line, or text for people."""

from __future__ import annotations

import json
import logging
import logging.config
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

__all__ = ["JsonFormatter", "TextFormatter", "request_id", "set_up_logging"]

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the HTTP request that is being answered, if any."""

STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {
    "asctime",
    "color_message",
    "message",
    "taskName",
}
ACCESS: Final = ("client", "method", "path", "http_version", "status")
QUIET: Final = ("httpx", "httpcore", "asyncio")


class JsonFormatter(logging.Formatter):
    """``{"at", "level", "logger", "message"}``, the request's id, and the record's extra fields.

    uvicorn's access lines are taken apart into ``client``, ``method``, ``path``, ``http_version``
    and ``status``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        entry: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if identity := request_id.get():
            entry["request_id"] = identity
        if record.name == "uvicorn.access" and isinstance(record.args, tuple):
            entry |= zip(ACCESS, record.args, strict=False)
        entry |= {name: value for name, value in vars(record).items() if name not in STANDARD}
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


class TextFormatter(logging.Formatter):
    """``time level logger: message``, for a terminal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line; the traceback of a plugin, if it has one, below."""
        lines = (super().format(record), getattr(record, "traceback", None))
        return "\n".join(filter(None, lines))


def set_up_logging(level: str = "INFO", *, as_json: bool = True) -> None:
    """Send every log of this process, uvicorn's too, to standard error in one format.

    Args:
        level: least severity, a name of :mod:`logging`.
        as_json: whether a line is a JSON object.
    """
    formatter = JsonFormatter if as_json else TextFormatter
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": formatter}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"level": level, "handlers": ["stderr"]},
            "loggers": {
                **{name: {"level": "WARNING"} for name in QUIET},
                **{
                    name: {"level": level, "handlers": [], "propagate": True}
                    for name in ("uvicorn", "uvicorn.access", "uvicorn.error")
                },
            },
        }
    )
