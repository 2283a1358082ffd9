"""Says in the log why algorithms decide as they do."""

from __future__ import annotations

import logging
from math import inf
from textwrap import shorten
from typing import Final

from trx_core.kernel import Decided

__all__ = ["SELDOM", "Reasons"]

SELDOM: Final = 60.0
"""Seconds between two reasons of an algorithm, at least."""

LONGEST: Final = 500

logger = logging.getLogger(__name__)


class Reasons:
    """Logs the reason of a round if its algorithm gave one: at most one a minute for each
    algorithm, and none that is the same as the last."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[float, str]] = {}

    def hear(self, decided: Decided, now: float) -> None:
        """A round was decided at ``now``, seconds; whether it keeps the contract is not known."""
        reason = decided.decision.reason
        if not reason:
            return
        name = decided.algorithm
        since, last = self._said.get(name, (-inf, ""))
        if now - since < SELDOM or reason == last:
            return
        self._said[name] = now, reason
        said = shorten(reason, LONGEST, placeholder=" …")
        logger.info("algorithm %s on its round: %s", name, said, extra={"algorithm": name})
