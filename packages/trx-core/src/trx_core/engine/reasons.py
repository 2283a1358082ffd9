"""Why an algorithm decides as it does: what it says round by round, summed up in little room."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["ReasonSummary", "ReasonTally", "Said", "said_in_words"]

KEPT: Final = 64
"""Different things that a tally keeps apart."""

BETWEEN: Final = "; "
NUMBER: Final = re.compile(
    r"(?<![\w.+-])[-+]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?(?![\w-])", re.IGNORECASE
)
"""A number that is no part of a name."""


class Said(NamedTuple):
    """One thing that an algorithm said, its numbers left aside: ``a is congested: price 3`` and
    ``a is congested: price 5`` are the same thing.

    Attributes:
        rounds: in how many.
        last: the words of the latest.
        round: the number of that one.
        at: its instant, seconds.
        highest: the greatest that its first number ever was; ``None`` if it has none.
    """

    rounds: int
    last: str
    round: int
    at: float
    highest: float | None


class ReasonSummary(NamedTuple):
    """What an algorithm gave as its reasons.

    Attributes:
        rounds: how many it gave one for.
        last: the latest.
        said: what was said most often, in that order.
        other: how many times something else was said.
    """

    rounds: int
    last: str
    said: tuple[Said, ...]
    other: int


class ReasonTally:
    """Counts what the reasons of an algorithm say; a reason may say several things, with ``"; "``
    between them. Of more than 64 different things the first 64 are kept apart.
    """

    def __init__(self) -> None:
        self._rounds = 0
        self._last = ""
        self._said: dict[str, Said] = {}
        self._other = 0

    def hear(self, reason: str, number: int, at: float) -> None:
        """One more round, which had a reason.

        Args:
            reason: in the words of the algorithm.
            number: of the round.
            at: its instant, seconds.
        """
        self._rounds += 1
        self._last = reason
        for words in dict.fromkeys(reason.split(BETWEEN)):
            kind = NUMBER.sub("#", words)
            known = self._said.get(kind)
            if known is None and len(self._said) >= KEPT:
                self._other += 1
                continue
            rounds, highest = (0, None) if known is None else (known.rounds, known.highest)
            self._said[kind] = Said(rounds + 1, words, number, at, _higher(highest, words))

    @property
    def last_words(self) -> frozenset[str]:
        """The words of the latest of every thing that was said."""
        return frozenset(one.last for one in self._said.values())

    def summary(self, most: int) -> ReasonSummary:
        """What was said, at most so many things by themselves."""
        ordered = sorted(self._said.values(), key=lambda one: -one.rounds)
        rest = self._other + sum(one.rounds for one in ordered[most:])
        return ReasonSummary(self._rounds, self._last, tuple(ordered[:most]), rest)


def said_in_words(one: Said) -> str:
    """``896 rounds: gpu-east is congested: shadow price 3.2 (42 at most)``."""
    rounds = f"{one.rounds:,} round{'s' * (one.rounds != 1)}"
    now = _first_number(one.last)
    most = "" if one.highest is None or one.highest == now else f" ({one.highest:,g} at most)"
    return f"{rounds}: {one.last}{most}"


def _higher(highest: float | None, words: str) -> float | None:
    found = _first_number(words)
    return highest if found is None else found if highest is None else max(highest, found)


def _first_number(words: str) -> float | None:
    match = NUMBER.search(words)
    return None if match is None else float(match[0].replace(",", ""))
