"""A server that takes nothing for now is asked again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from trx_core.errors import AdapterError
from trx_server.pauses import growing_pauses

__all__ = ["patiently"]

T = TypeVar("T")


async def patiently(
    ask: Callable[[], Awaitable[T]], seconds: float, passes: Callable[[AdapterError], bool]
) -> T:
    """The answer to ``ask``, which is asked again while it fails in a way that passes.

    Args:
        ask: may be called more than once without harm.
        seconds: for which it is asked again.
        passes: whether an error is one that may pass.

    Raises:
        AdapterError: the last one, when it does not pass or not in time.
    """
    give_up = anyio.current_time() + seconds
    pauses = growing_pauses()
    while True:
        try:
            return await ask()
        except AdapterError as error:
            pause = next(pauses)
            if not passes(error) or anyio.current_time() + pause > give_up:
                raise
        await anyio.sleep(pause)
