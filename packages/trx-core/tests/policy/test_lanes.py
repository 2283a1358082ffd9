"""How a window is shared out among lanes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trx_core.policy import LANES, Lane, LaneSharing, lane_of

WEIGHTS = [lane.weight for lane in LANES]
TOTAL = sum(WEIGHTS)
ENDLESS = 10**9


def converse(sharing: LaneSharing, room: int, there: Sequence[int]) -> list[list[int]]:
    """Fill ``room`` places from lanes that hold ``there``; what was asked for, turn by turn."""
    left, asked = list(there), list[list[int]]()
    talk = sharing.fill(room)
    wanted = next(talk, None)
    while wanted is not None:
        asked.append(wanted)
        given = [min(count, have) for count, have in zip(wanted, left, strict=True)]
        left = [have - count for have, count in zip(left, given, strict=True)]
        try:
            wanted = talk.send(given)
        except StopIteration:
            wanted = None
    return asked


def share(sharing: LaneSharing, room: int, there: Sequence[int]) -> list[int]:
    """How many places each lane gets."""
    left = list(there)
    for asked in converse(sharing, room, there):
        left = [max(0, have - count) for have, count in zip(left, asked, strict=True)]
    return [have - rest for have, rest in zip(there, left, strict=True)]


def test_every_priority_has_its_lane() -> None:
    names = [LANES[lane_of(priority)].name for priority in range(1, 11)]
    assert names == ["low"] * 3 + ["normal"] * 4 + ["high"] * 3


@pytest.mark.parametrize("room", [1, 2, 5, 7, 12, 100])
def test_small_windows_add_up_to_the_weights(room: int) -> None:
    sharing, served = LaneSharing(), [0, 0, 0]
    for window in range(1, 601):
        got = share(sharing, room, [ENDLESS] * 3)
        assert sum(got) == room
        served = [before + more for before, more in zip(served, got, strict=True)]
        for count, weight in zip(served, WEIGHTS, strict=True):
            assert abs(count - Fraction(window * room * weight, TOTAL)) <= 1


@pytest.mark.parametrize("weights", [(1,), (1, 1), (5, 2), (7, 4, 2, 1)])
def test_weights_of_any_number_of_lanes_are_kept(weights: tuple[int, ...]) -> None:
    sharing = LaneSharing([Lane(f"l{n}", 1, weight) for n, weight in enumerate(weights)])
    places = 50 * sum(weights)
    served = [0] * len(weights)
    for _ in range(places):
        got = share(sharing, 1, [ENDLESS] * len(weights))
        served = [before + more for before, more in zip(served, got, strict=True)]
    assert served == [50 * weight for weight in weights]


WINDOWS = st.lists(
    st.tuples(st.integers(0, 40), st.tuples(*[st.integers(0, 30)] * 3)), min_size=1, max_size=30
)


@settings(deadline=None)
@given(WINDOWS)
def test_all_places_in_one_step_are_as_one_place_at_a_time(
    windows: list[tuple[int, tuple[int, ...]]],
) -> None:
    """The reference, in exact fractions: the next place goes to the lane that is owed most."""
    sharing = LaneSharing()
    owed = [Fraction(0)] * 3
    for room, there in windows:
        hungry, left, rest = {0, 1, 2}, list(there), room
        for asked in converse(sharing, room, there):
            assert sum(asked) == rest
            assert all(asked[lane] == 0 for lane in {0, 1, 2} - hungry)
            total = sum(WEIGHTS[lane] for lane in hungry)
            for lane in hungry:
                owed[lane] += Fraction(rest * WEIGHTS[lane], total)
            for lane in (lane for lane in hungry if asked[lane]):
                when_last_chosen = owed[lane] - asked[lane] + 1
                others = (owed[other] - asked[other] for other in hungry)
                assert when_last_chosen >= max(others) - Fraction(1, 10**9)
            for lane in hungry.copy():
                given = min(asked[lane], left[lane])
                owed[lane] -= given
                left[lane] -= given
                rest -= given
                if given < asked[lane]:
                    hungry.discard(lane)
                    owed[lane] = Fraction(0)
        assert rest == 0 or not hungry, "it ends when the room is full or no lane has more"
        assert rest == max(0, room - sum(there))


@settings(deadline=None)
@given(WINDOWS, st.sampled_from([0, 1, 2]))
def test_a_lane_that_always_has_more_gets_its_share_whatever_the_others_do(
    windows: list[tuple[int, tuple[int, ...]]], lane: int
) -> None:
    sharing, places, served = LaneSharing(), 0, 0
    for room, others in windows * 10:
        there = [ENDLESS if index == lane else count for index, count in enumerate(others)]
        served += share(sharing, room, there)[lane]
        places += room
        assert served >= places * WEIGHTS[lane] / TOTAL - 2


def test_what_a_lane_leaves_goes_to_the_others_by_weight() -> None:
    assert share(LaneSharing(), 12, [0, ENDLESS, ENDLESS]) == [0, 9, 3]
    assert share(LaneSharing(), 12, [ENDLESS, 0, 0]) == [12, 0, 0]
    assert share(LaneSharing(), 12, [2, 4, 1]) == [2, 4, 1]


def test_a_lane_is_not_asked_again_once_it_gave_less() -> None:
    asked = converse(LaneSharing(), 12, [1, 0, ENDLESS])
    assert asked[0] == [8, 3, 1]
    assert asked[1:] == [[0, 0, 10]]


def test_a_lane_that_was_empty_saves_nothing_up() -> None:
    sharing = LaneSharing()
    for _ in range(100):
        share(sharing, 12, [0, ENDLESS, ENDLESS])
    assert share(sharing, 12, [ENDLESS] * 3) == [8, 3, 1]


def test_a_lane_that_was_alone_owes_nothing() -> None:
    sharing = LaneSharing()
    for _ in range(100):
        share(sharing, 12, [0, 0, ENDLESS])
    first = share(sharing, 24, [ENDLESS] * 3)
    assert first[2] >= 1


def test_no_room_is_no_conversation() -> None:
    assert converse(LaneSharing(), 0, [5, 5, 5]) == []


def test_empty_lanes_end_the_conversation() -> None:
    assert converse(LaneSharing(), 12, [0, 0, 0]) == [[8, 3, 1]]
