"""What algorithms say of their rounds, summed up."""

from __future__ import annotations

import pytest

from trx_core.engine import ReasonTally, Said, said_in_words
from trx_core.engine.reasons import KEPT


def tally(*reasons: str) -> ReasonTally:
    made = ReasonTally()
    for number, reason in enumerate(reasons, start=1):
        made.hear(reason, number, number / 10)
    return made


def test_things_said_are_counted_whatever_their_numbers_the_most_frequent_first() -> None:
    congested = "a is congested: shadow price {}; b-2 is congested: shadow price {}"
    quiet = "no pool is congested"
    told = tally(quiet, congested.format(7, 1), congested.format("1.2e+3", 2), "a is congested: x")
    assert told.summary(3) == (
        4,
        "a is congested: x",
        (
            Said(2, "a is congested: shadow price 1.2e+3", 3, 0.3, 1200.0),
            Said(2, "b-2 is congested: shadow price 2", 3, 0.3, 2.0),
            Said(1, quiet, 1, 0.1, None),
        ),
        1,
    )


def test_the_highest_is_kept_with_the_latest() -> None:
    (one,) = tally("price 3, 9% up", "price 1,042, 1% up", "price -5, 99% up").summary(9).said
    assert one == Said(3, "price -5, 99% up", 3, 0.3, 1042.0)
    assert said_in_words(one) == "3 rounds: price -5, 99% up (1,042 at most)"


@pytest.mark.parametrize(("one", "other"), [("pool-1", "pool-2"), ("v1.5", "v1.6"), ("7b", "8b")])
def test_numbers_in_names_tell_things_apart(one: str, other: str) -> None:
    first, second = tally(f"{one} is full", f"{other} is full").summary(9).said
    assert (first.last, second.last) == (f"{one} is full", f"{other} is full")
    assert said_in_words(first) == f"1 round: {one} is full"


def test_what_is_said_twice_in_a_round_counts_once() -> None:
    (one,) = tally("full; full").summary(9).said
    assert one.rounds == 1


def test_an_algorithm_that_never_repeats_itself_takes_no_more_room() -> None:
    words = [f"task-{n} waits" for n in range(10 * KEPT)]
    told = tally(*words, words[0])
    assert len(told.last_words) == KEPT
    summary = told.summary(2)
    assert [one.rounds for one in summary.said] == [2, 1]
    assert sum(one.rounds for one in summary.said) + summary.other == summary.rounds
    assert summary.last == words[0]
