"""Why algorithms decided as they did, in their own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import shorten
from typing import Final

from trx_core.engine import ReasonSummary, ReasonTally, said_in_words
from trx_core.kernel import Decided

__all__ = ["Reasons", "reasons_in_words"]

MOST: Final = 20
"""Things said that a run tells by themselves."""

SHOWN: Final = 5
LONGEST: Final = 300
"""Characters of each that are shown; JSON has them all."""


class Reasons:
    """The reasons that algorithms gave, of rounds that went as they decided."""

    def __init__(self) -> None:
        self._tallies: dict[str, ReasonTally] = {}

    def hear(self, decided: Decided, now: float) -> None:
        """One more round, which has kept the contract; most algorithms give no reason.

        Args:
            decided: the round.
            now: its instant, seconds of virtual time.
        """
        reason = decided.decision.reason
        if reason:
            tally = self._tallies.get(decided.algorithm)
            if tally is None:
                tally = self._tallies[decided.algorithm] = ReasonTally()
            tally.hear(reason, decided.round, now)

    def summaries(self) -> dict[str, ReasonSummary]:
        """Algorithm → what it said."""
        return {name: tally.summary(MOST) for name, tally in self._tallies.items()}


def reasons_in_words(reasons: Mapping[str, ReasonSummary]) -> Iterator[str]:
    """Lines for people: what each algorithm said most often, and when last."""
    for name, (rounds, _, said, other) in reasons.items():
        yield f"Rounds that {name} gave a reason for: {rounds:,}"
        for one in said[:SHOWN]:
            words = shorten(said_in_words(one), LONGEST, placeholder=" …")
            yield f"  {words}; last in round {one.round:,}, at {one.at:,.1f} s"
        rest = other + sum(one.rounds for one in said[SHOWN:])
        if rest:
            yield f"  {rest:,} times something else"
