"""The transport, chosen by URL, ours on Redis streams; and the shared ledger of slots."""

from trx_server.queue.choosing import make_queue, queue_spec
from trx_server.queue.connect import make_client, open_redis
from trx_server.queue.factory import redis_queue
from trx_server.queue.ledger import Grant, SlotLedger
from trx_server.queue.live import LiveQueue, PluginQueue
from trx_server.queue.streams import RedisQueue

__all__ = [
    "Grant",
    "LiveQueue",
    "PluginQueue",
    "RedisQueue",
    "SlotLedger",
    "make_client",
    "make_queue",
    "open_redis",
    "queue_spec",
    "redis_queue",
]
