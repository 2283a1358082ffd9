"""What the fixtures give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from trx_core.models import Task
from trx_server.queue import RedisQueue

__all__ = ["MakeTasks", "OpenQueue"]

MakeTasks = Callable[[Sequence[int]], list[Task]]
"""Makes a task of each of these priorities."""


class OpenQueue(Protocol):
    """Opens a queue on the session's server, as a consumer of this name."""

    def __call__(self, consumer: str = ..., **options: Any) -> RedisQueue: ...
