"""Processes that end soon after the one that started them has been killed."""

from __future__ import annotations

import os
import time
from functools import cache
from threading import Thread
from typing import Final

__all__ = ["leave_with"]

EVERY: Final = 0.5
"""Seconds between two looks."""


@cache
def leave_with(parent: int) -> None:
    """End this process once its parent has ended without a word; a thread looks after it.

    Args:
        parent: its process id; where this process has another one, it ends at the first look.
    """
    Thread(target=_watch, args=(parent,), name="trx-orphan", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(EVERY)
    os._exit(1)
