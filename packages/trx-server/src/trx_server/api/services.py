"""What the routes work with: connections, the accept path, and the loops that keep it going."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from random import SystemRandom
from typing import Final

import anyio

from trx_core.clock import Clock, SystemClock
from trx_core.ids import IdFactory
from trx_core.models import Task
from trx_core.plugins import Registry, load_plugins
from trx_server.accept import Acceptor, Publisher, Relay
from trx_server.api.auth import Passwords, Tokens, required_secret
from trx_server.api.known_fleet import KnownFleet
from trx_server.api.metrics import ApiMetrics
from trx_server.api.observation import Observer
from trx_server.queue import LiveQueue, make_queue
from trx_server.settings import Settings, required_urls, transport_of
from trx_server.simulation import Simulations
from trx_server.store import Pool, insert_tasks, open_pool

__all__ = ["Services", "open_services"]

DRAIN_WITHIN: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything of one API process; ``transport`` is what people call the queue's server."""

    settings: Settings
    pool: Pool
    queue: LiveQueue
    transport: str
    publisher: Publisher
    acceptor: Acceptor
    relay: Relay
    metrics: ApiMetrics
    observer: Observer
    fleet: KnownFleet
    simulations: Simulations
    registry: Registry
    passwords: Passwords
    tokens: Tokens
    ids: IdFactory
    clock: Clock
    started_at: float


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """The services of ``settings``, their loops running, for as long as the block lasts.

    Redis may be away at the start and at any other time. At the end what was accepted is written
    and published first.

    Raises:
        OperatorError: a setting is missing or wrong.
        AdapterError: PostgreSQL cannot be reached.
    """
    urls = required_urls(settings)
    tokens = Tokens(required_secret(settings), settings.token_minutes * 60)
    registry = load_plugins()
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(open_pool(urls.database, settings.db_pool_size))
        queue = await stack.enter_async_context(
            make_queue(
                registry,
                urls.queue,
                namespace=settings.namespace,
                partitions=settings.partitions,
                consumer="publisher",
            ).opened()
        )
        services = _assemble(settings, pool, queue, tokens, registry)
        loops = await stack.enter_async_context(anyio.create_task_group())
        for loop in (
            services.acceptor,
            services.publisher,
            services.relay,
            services.simulations,
        ):
            loops.start_soon(loop.run)
        try:
            yield services
            services.simulations.stop()
            with anyio.move_on_after(DRAIN_WITHIN):
                await services.acceptor.drained()
                await services.publisher.drained()
        finally:
            loops.cancel_scope.cancel()


def _assemble(
    settings: Settings, pool: Pool, queue: LiveQueue, tokens: Tokens, registry: Registry
) -> Services:
    clock, ids, metrics = SystemClock(), IdFactory(SystemRandom()), ApiMetrics()
    publisher = Publisher(queue, pool, clock=clock, count=metrics.published)

    async def store(tasks: Sequence[Task]) -> None:
        await insert_tasks(pool, tasks, ids, clock.now())

    def stored(tasks: Sequence[Task]) -> None:
        metrics.accepted(len(tasks))
        publisher.publish(tasks)

    acceptor = Acceptor(store, stored, most_waiting=settings.max_waiting)
    fleet = KnownFleet(pool)
    return Services(
        settings=settings,
        pool=pool,
        queue=queue,
        transport=transport_of(required_urls(settings).queue),
        publisher=publisher,
        acceptor=acceptor,
        relay=Relay(pool, queue, publisher),
        metrics=metrics,
        observer=Observer(pool, queue),
        fleet=fleet,
        simulations=Simulations(pool, acceptor, fleet, ids, clock),
        registry=registry,
        passwords=Passwords(),
        tokens=tokens,
        ids=ids,
        clock=clock,
        started_at=time.time(),
    )
