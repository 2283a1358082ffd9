"""``trx runner``: one scheduler runner."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Annotated, Final
from uuid import uuid4

import anyio
import typer

from trx_core.plugins import load_plugins
from trx_server.logging import set_up_logging
from trx_server.queue import SlotLedger, make_queue, open_redis
from trx_server.runner import Runner
from trx_server.runner.exposition import serving_metrics
from trx_server.settings import Settings, load_settings, required_urls
from trx_server.signals import on_signals
from trx_server.store import open_pool

__all__ = ["runner"]

THREADS_WITHIN: Final = 1.0
DATABASE: Final = "--database-url or TRX_DATABASE_URL"
REDIS: Final = "--redis-url or TRX_REDIS_URL"


def runner(
    database_url: Annotated[
        str | None, typer.Option(help="PostgreSQL; by default TRX_DATABASE_URL.")
    ] = None,
    redis_url: Annotated[
        str | None, typer.Option(help="Redis or Valkey; by default TRX_REDIS_URL.")
    ] = None,
    queue_url: Annotated[
        str | None,
        typer.Option(
            help="The task queue, by the scheme of its URL; see `trx plugins list --hook queues`.",
            show_default="TRX_QUEUE_URL, else Redis",
        ),
    ] = None,
    metrics_port: Annotated[
        int | None,
        typer.Option(
            help="Port to serve /metrics on; 0 takes a free one.",
            show_default="TRX_METRICS_PORT, else none is served",
        ),
    ] = None,
    grace: Annotated[
        float, typer.Option(min=0, help="Seconds that running tasks have to end when it stops.")
    ] = 10.0,
) -> None:
    """Run one scheduler runner: it takes tasks from the queue, decides where they go, and has
    them carried out.

    Start as many as you like, on any machine that reaches PostgreSQL and Redis: they share the
    work, and take over from one that dies. SIGTERM or Ctrl-C stops it when what it runs has ended.
    """
    settings = load_settings(
        database_url=database_url,
        redis_url=redis_url,
        queue_url=queue_url,
        metrics_port=metrics_port,
    )
    set_up_logging(settings.log_level, as_json=settings.log_json)
    anyio.run(_run, settings, grace, backend_options={"use_uvloop": True})
    _leave_stuck_threads()


async def _run(settings: Settings, grace: float) -> None:
    """Work until a signal stops it: a start is broken off, what runs is run to its end."""
    stop = anyio.Event()
    ready = False
    with anyio.CancelScope() as start:

        def receive(_: signal.Signals) -> None:
            if ready:
                stop.set()
            else:
                start.cancel()

        with on_signals(receive):
            async with _connected(settings) as runner, anyio.create_task_group() as tasks:
                await tasks.start(partial(runner.run, stop, grace=grace))
                ready = True


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[Runner]:
    urls = required_urls(settings)
    identity = uuid4()
    registry = load_plugins()
    async with AsyncExitStack() as stack:
        database = open_pool(urls.database, settings.db_pool_size, setting=DATABASE)
        pool = await stack.enter_async_context(database)
        client = await stack.enter_async_context(await open_redis(urls.redis, REDIS))
        queue = await stack.enter_async_context(
            make_queue(
                registry,
                urls.queue,
                namespace=settings.namespace,
                partitions=settings.partitions,
                consumer=str(identity),
            ).opened()
        )
        ledger = SlotLedger(client, namespace=settings.namespace)
        engine = Runner(settings, pool, queue, ledger, registry, identity)
        served = engine.watching.metrics.registry
        with serving_metrics(served, settings.host, settings.metrics_port):
            yield engine


def _leave_stuck_threads() -> None:
    """End now if an algorithm does not return: Python would wait for its thread."""
    deadline = time.monotonic() + THREADS_WITHIN
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                logging.shutdown()
                os._exit(0)
