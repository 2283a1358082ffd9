"""Says in the log why algorithms decide as they do."""

from __future__ import annotations

import logging
from math import inf
from textwrap import shorten
from typing import Final

from trx_core.engine import ReasonSummary, ReasonTally, said_in_words
from trx_core.kernel import Decided

__all__ = ["SELDOM", "Reasons"]

SELDOM: Final = 60.0
"""Seconds between two summaries of an algorithm, at least."""

LONGEST: Final = 500
"""Characters of what is logged at once."""

MOST: Final = 5
"""Things said that are logged by themselves."""

logger = logging.getLogger(__name__)


class Reasons:
    """Logs why an algorithm decides as it does, if it says it: a summary of what it said since the
    last time, at most once a minute for each algorithm, and only when it is not all the same."""

    def __init__(self) -> None:
        self._tallies: dict[str, ReasonTally] = {}
        self._said: dict[str, tuple[float, frozenset[str]]] = {}

    def hear(self, decided: Decided, now: float) -> None:
        """A round was decided at ``now``, seconds; whether it keeps the contract is not known."""
        reason = decided.decision.reason
        if not reason:
            return
        name = decided.algorithm
        tally = self._tallies.setdefault(name, ReasonTally())
        tally.hear(reason, decided.round, now)
        since, words = self._said.get(name, (-inf, frozenset()))
        if now - since < SELDOM or tally.last_words == words:
            return
        self._said[name] = now, tally.last_words
        self._tallies[name] = ReasonTally()
        rounds, told = _in_words(tally.summary(MOST))
        text = shorten(told, LONGEST, placeholder=" …")
        logger.info("algorithm %s on %s: %s", name, rounds, text, extra={"algorithm": name})


def _in_words(summary: ReasonSummary) -> tuple[str, str]:
    if summary.rounds == 1:
        return "its round", summary.last
    told = [said_in_words(one) for one in summary.said]
    if summary.other:
        told.append(f"{summary.other:,} times something else")
    return f"its last {summary.rounds:,} rounds", "; ".join(told)
