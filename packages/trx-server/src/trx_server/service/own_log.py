"""Where the process that starts the service logs to: a file, and no traceback on a terminal."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from trx_server.addresses import in_words
from trx_server.embedded.logs import open_log

__all__ = ["FILE", "own_log"]

FILE: Final = "trx.log"


class OneLine(logging.Formatter):
    """``time level logger: message: exception``, without where the exception came from."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        record.message = record.getMessage()
        record.asctime = self.formatTime(record)
        line = self.formatMessage(record)
        if record.exc_info and isinstance(record.exc_info[1], Exception):
            line += f": {in_words(record.exc_info[1])}"
        return " ".join(line.split())


@contextmanager
def own_log(folder: Path | None) -> Iterator[None]:
    """Log what libraries warn of in this process, a line each, for as long as the block lasts.

    Args:
        folder: gets a file ``trx.log``; ``None``: it goes to standard error.
    """
    with ExitStack() as stack:
        stream: io.TextIOBase | None = None
        if folder is not None:
            stream = stack.enter_context(io.TextIOWrapper(open_log(folder / FILE), "utf-8"))
        handler = logging.StreamHandler(stream or sys.stderr)
        handler.setFormatter(OneLine())
        logging.getLogger().addHandler(handler)
        stack.callback(logging.getLogger().removeHandler, handler)
        yield
