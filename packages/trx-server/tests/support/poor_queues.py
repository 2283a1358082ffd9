"""Task queues that can do nothing, and that fail."""

from __future__ import annotations

from typing import Any


class Poor:
    """A queue that has nothing."""

    def __init__(self, url: str, namespace: str, consumer: str) -> None:
        self.made = (url, namespace, consumer)


class Failing(Poor):
    async def publish(self, *args: Any, **kwargs: Any) -> None:
        raise ConnectionResetError("the broker hung up")

    adopt = keep_alive = fetch = ack = depth = publish
