"""From an accepted request to an entry in the stream, in batches, with the table as the outbox."""

from trx_server.accept.acceptor import Acceptor, OverloadedError
from trx_server.accept.coalescer import Coalescer
from trx_server.accept.publisher import Publisher
from trx_server.accept.relay import Relay

__all__ = ["Acceptor", "Coalescer", "OverloadedError", "Publisher", "Relay"]
