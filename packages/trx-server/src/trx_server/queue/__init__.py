"""The transport: Redis streams read by a consumer group, and the shared ledger of slots."""

from trx_server.queue.connect import make_client, open_redis
from trx_server.queue.factory import redis_queue
from trx_server.queue.ledger import Grant, SlotLedger
from trx_server.queue.streams import RedisQueue

__all__ = ["Grant", "RedisQueue", "SlotLedger", "make_client", "open_redis", "redis_queue"]
