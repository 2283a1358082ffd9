"""The schema of the database, and how an older one is brought up to it."""

from trx_server.db.migrate import current, head, upgrade
from trx_server.db.schema import METADATA

__all__ = ["METADATA", "current", "head", "upgrade"]
