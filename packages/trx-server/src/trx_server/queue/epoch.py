"""Epochs: names of the lives of a Redis.

An epoch is made when there is none (a new, flushed or replaced Redis), when a stream or a group is
missing, and when a server process answers that is not the one it was made in (a restart or a
fail-over, either of which may have lost the latest writes). Whoever meets another epoch than the
one that they know publishes again what was published under the old one.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

__all__ = ["joined", "new_token"]


def new_token() -> str:
    """What makes a new epoch differ from any other."""
    return secrets.token_hex(8)


def joined(epochs: Sequence[str]) -> str:
    """The epoch of a queue of several partitions; another number of them is another epoch."""
    return ".".join(epochs)
