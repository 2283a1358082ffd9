"""Recorded or generated traffic, submitted through the API in compressed time."""

from trx_server.replay.result import ReplayResult, show
from trx_server.replay.run import run_replay

__all__ = ["ReplayResult", "run_replay", "show"]
