"""The one way into the code of plugins: what it raises becomes an error that names who."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final, NoReturn

from trx_core.errors import TrxError, is_kind
from trx_core.interrupts import is_the_users, telling_interrupts_apart

__all__ = ["blaming", "passed_over", "passes_blame"]

logger = logging.getLogger(__name__)

_OURS: Final = (TrxError,)


@contextmanager
def blaming(
    blame: Callable[[BaseException], TrxError],
    *,
    passing: tuple[type[BaseException], ...] = _OURS,
) -> Iterator[None]:
    """Run a plugin's code: nothing that it raises gets out but as the error that ``blame`` makes.

    That goes for ``sys.exit()``, ``GeneratorExit`` and a ``KeyboardInterrupt`` of its own, too; an
    interrupt by the user passes.

    Args:
        blame: makes the error, whose cause is what was raised.
        passing: what the code may raise on purpose; by default errors of our own, which say
            whose fault it is.

    Raises:
        TrxError: ``blame``'s.
    """
    with telling_interrupts_apart():
        try:
            yield
        except BaseException as error:
            passes_blame(error, blame, passing)


def passes_blame(
    error: BaseException,
    blame: Callable[[BaseException], TrxError],
    passing: tuple[type[BaseException], ...] = _OURS,
) -> NoReturn:
    """Raise what :func:`blaming` does for what a plugin's code raised.

    For loops that are too hot for a block: within
    :func:`~trx_core.interrupts.telling_interrupts_apart`, or a ``KeyboardInterrupt`` in the main
    thread counts as the user's.
    """
    if is_kind(error, *passing) or is_the_users(error):
        raise error
    raise blame(error) from error


def passed_over(errors: Iterable[TrxError]) -> None:
    """Report to the log what others made good; each once, however often it is met."""
    for error in errors:
        _warn_once(str(error))


@cache
def _warn_once(text: str) -> None:
    logger.warning("%s", text)
