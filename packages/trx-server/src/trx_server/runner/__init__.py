"""The live engine: a scheduler runner on Redis Streams and PostgreSQL, by the wall clock."""

from trx_server.runner.config import kernel_config
from trx_server.runner.runner import Runner

__all__ = ["Runner", "kernel_config"]
