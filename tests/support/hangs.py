"""Ways not to return."""

from __future__ import annotations

import threading
import time
from typing import Final

__all__ = ["FOR_EVER", "sleep", "spin", "swallow", "wait"]

FOR_EVER: Final = 3600.0
"""Seconds."""


def spin() -> None:
    """Use the processor."""
    while True:
        pass


def sleep() -> None:
    """Wait in a system call."""
    time.sleep(FOR_EVER)


def wait() -> None:
    """Wait for a lock."""
    threading.Event().wait()


def swallow() -> None:
    """Let go of nothing but by and by."""
    for _ in range(3):
        try:
            spin()
        except BaseException:
            continue
    spin()
