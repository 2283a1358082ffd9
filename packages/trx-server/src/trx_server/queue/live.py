"""The task queue as the live engine uses it, whatever plugin it is of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from trx_core.errors import AdapterError, TrxError, describe
from trx_core.models import Task
from trx_core.protocols import Delivery, Order, QueueDepth, QueueOptions
from trx_core.specs import QueueSpec

__all__ = ["LiveQueue", "PluginQueue"]

T = TypeVar("T")

LiveQueue = QueueOptions
"""What the service asks of a queue: all that is optional, too, as :class:`PluginQueue` has it."""


class PluginQueue:
    """A queue that a plugin made; what it raises is told as an outage of its, with its name.

    All calls raise ``AdapterError``: ``TRX-A220``, it raised something of its own; or what it
    raised itself. Where the queue declares no ``epochs``, it has one epoch for ever; where it does
    not declare ``forgets``, there is nothing to clear up.

    Args:
        queue: what the target made.
        spec: what it was made from.
        epoch: of a queue that tells none.
    """

    def __init__(self, queue: Any, spec: QueueSpec, epoch: str) -> None:
        self._queue = queue
        self._spec = spec
        self._epoch = epoch

    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        """See :class:`~trx_core.protocols.TaskQueue`."""
        await self._call(self._queue.publish, tasks, due=due)

    async def fetch(self, room: int, order: Order, *, wait: float) -> list[Delivery]:
        """See :class:`~trx_core.protocols.TaskQueue`."""
        found: list[Delivery] = await self._call(self._queue.fetch, room, order, wait=wait)
        return found

    async def ack(self, receipts: Sequence[str]) -> None:
        """See :class:`~trx_core.protocols.TaskQueue`."""
        await self._call(self._queue.ack, receipts)

    async def depth(self) -> QueueDepth:
        """See :class:`~trx_core.protocols.TaskQueue`."""
        depth: QueueDepth = await self._call(self._queue.depth)
        return depth

    async def adopt(self, min_idle_seconds: float, room: int) -> list[Delivery]:
        """See :class:`~trx_core.protocols.QueueOptions`."""
        found: list[Delivery] = await self._call(self._queue.adopt, min_idle_seconds, room)
        return found

    async def keep_alive(self, receipts: Sequence[str]) -> list[str]:
        """See :class:`~trx_core.protocols.QueueOptions`."""
        lost: list[str] = await self._call(self._queue.keep_alive, receipts)
        return lost

    async def ensure(self) -> str:
        """See :class:`~trx_core.protocols.QueueOptions`."""
        if not self._spec.capabilities.epochs:
            return self._epoch
        return str(await self._call(self._queue.ensure))

    async def append(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> str:
        """See :class:`~trx_core.protocols.QueueOptions`."""
        if not self._spec.capabilities.epochs:
            await self.publish(tasks, due=due)
            return self._epoch
        return str(await self._call(self._queue.append, tasks, due=due))

    async def forget(self, consumer: str) -> bool:
        """See :class:`~trx_core.protocols.QueueOptions`."""
        if not self._spec.capabilities.forgets:
            return True
        return bool(await self._call(self._queue.forget, consumer))

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[PluginQueue]:
        """Close it at the end of the block, if it has ``aclose()``."""
        try:
            yield self
        finally:
            close = getattr(self._queue, "aclose", None)
            if close is not None:
                await self._call(close)

    async def _call(self, method: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        try:
            return await method(*args, **kwargs)
        except TrxError:
            raise
        except Exception as error:
            told = " ".join(describe(error).split()).rstrip(".")
            raise AdapterError(
                f"the queue {self._spec.label} failed: {told}.",
                code="TRX-A220",
                hint="See its server, TRX_QUEUE_URL, and the plugin's own documentation.",
            ) from error
