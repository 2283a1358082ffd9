"""Queues by URL, as plugins make them."""

from __future__ import annotations

from trx_server.queue.connect import make_client
from trx_server.queue.streams import RedisQueue

__all__ = ["redis_queue"]


def redis_queue(
    url: str, *, namespace: str = "trx", partitions: int = 1, consumer: str = "publisher"
) -> RedisQueue:
    """The queue of a server that is asked for the first time when the queue is used."""
    return RedisQueue(
        make_client(url),
        namespace=namespace,
        partitions=partitions,
        consumer=consumer,
        owns_client=True,
    )
