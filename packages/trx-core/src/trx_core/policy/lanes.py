"""How a window is filled from lanes of different priority."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from math import floor
from typing import Final, NamedTuple

__all__ = ["LANES", "Lane", "LaneSharing", "lane_of"]


class Lane(NamedTuple):
    """A band of priorities that wait together.

    Attributes:
        name: part of the lane's key.
        lowest: the least priority in it.
        weight: its share of a window, relative to the other lanes'.
    """

    name: str
    lowest: int
    weight: int


LANES: Final = (Lane("high", 8, 8), Lane("normal", 4, 3), Lane("low", 1, 1))
_BY_PRIORITY: Final = tuple(
    next(index for index, lane in enumerate(LANES) if priority >= lane.lowest)
    for priority in range(1, 11)
)


def lane_of(priority: int) -> int:
    """Index into :data:`LANES` of a priority, 1 to 10."""
    return _BY_PRIORITY[priority - 1]


class LaneSharing:
    """Shares out the places of a window among lanes by weight (deficit round robin: Shreedhar and
    Varghese, SIGCOMM 1995); what a lane leaves goes to the others.

    What a lane was owed and did not get is remembered while it has more to give, so that no lane
    starves however few places there are at a time.

    Args:
        lanes: most urgent first.
    """

    def __init__(self, lanes: Sequence[Lane] = LANES) -> None:
        self._weights = [lane.weight for lane in lanes]
        self._credit = [0.0] * len(lanes)

    def settle(self) -> None:
        """Owe nothing: every lane has given all that it had."""
        self._credit = [0.0] * len(self._weights)

    def fill(self, room: int) -> Generator[list[int], Sequence[int], None]:
        """Fill ``room`` places.

        A conversation, so that a queue in memory and one behind a socket follow the same rule: the
        generator yields how many to read from each lane, is sent how many each lane gave, and ends
        when the room is full or no lane has more.
        """
        hungry = set(range(len(self._weights)))
        while room > 0 and hungry:
            asked = self._ask(room, hungry)
            given = yield asked
            room -= sum(given)
            for index, count in enumerate(given):
                self._credit[index] -= count
                if count < asked[index]:
                    hungry.discard(index)
                    self._credit[index] = 0.0

    def _ask(self, room: int, hungry: set[int]) -> list[int]:
        """Give each place to the lane that is owed most, all places in one step.

        Lanes are lowered to a common level of credit; the places that are left over by rounding
        go to those that are still owed most, the more urgent first.
        """
        total = sum(self._weights[index] for index in hungry)
        for index in hungry:
            self._credit[index] += room * self._weights[index] / total
        level = _level([self._credit[index] for index in hungry], room)
        asked = [0] * len(self._weights)
        for index in hungry:
            asked[index] = max(0, floor(self._credit[index] - level))
        owed = sorted(hungry, key=lambda index: (asked[index] - self._credit[index], index))
        for index in owed[: room - sum(asked)]:
            asked[index] += 1
        return asked


def _level(credits: list[float], room: int) -> float:
    """The level to which ``room`` places lower the highest of ``credits``."""
    highest = sorted(credits, reverse=True)
    total = 0.0
    for count, credit in enumerate(highest, start=1):
        total += credit
        level = (total - room) / count
        if count == len(highest) or level >= highest[count]:
            return level
    raise ValueError("there are no lanes")
