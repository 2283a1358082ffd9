"""Which arrivals are due when."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from trx_core.models import TaskRequest
from trx_core.protocols import Arrival, BadRow
from trx_core.traffic import Alike
from trx_server.replay.pace import Pace

REQUEST = TaskRequest(type="web")


def arrivals(*times: float) -> list[Arrival | BadRow]:
    return [Arrival(at, REQUEST, line) for line, at in enumerate(times, 2)]


def lines(taken: list[Arrival]) -> list[int]:
    return [arrival.line for arrival in taken]


def test_arrivals_are_handed_out_at_their_own_times_in_compressed_time() -> None:
    pace = Pace(arrivals(0.0, 60.0, 60.0, 120.0), speed=60.0)
    assert pace.next_due == 0.0
    assert lines(pace.take(0.0, 10)) == [2]
    assert pace.next_due == 1.0
    assert lines(pace.take(0.999, 10)) == []
    assert lines(pace.take(1.5, 10)) == [3, 4]
    assert lines(pace.take(9.0, 10)) == [5]
    assert pace.next_due is None


def test_what_is_overdue_comes_in_batches_of_bounded_size() -> None:
    pace = Pace(arrivals(*[0.0] * 5), speed=1.0)
    assert [len(pace.take(1.0, 2)) for _ in range(4)] == [2, 2, 1, 0]


def test_at_infinite_speed_everything_is_due() -> None:
    pace = Pace(arrivals(0.0, 1e6), speed=math.inf)
    assert pace.next_due == 0.0
    assert lines(pace.take(0.02, 10)) == [2, 3]


@pytest.mark.parametrize(("limit", "expected"), [(0, []), (2, [2, 3]), (9, [2, 3, 4])])
def test_a_limit_ends_the_traffic(limit: int, expected: list[int]) -> None:
    assert lines(Pace(arrivals(0.0, 0.0, 0.0), 1.0, limit).take(1.0, 10)) == expected


def test_rows_are_read_when_they_are_needed() -> None:
    read = []

    def rows() -> Iterator[Arrival]:
        for line in range(1_000_000):
            read.append(line)
            yield Arrival(float(line), REQUEST, line)

    pace = Pace(rows(), speed=1.0)
    pace.take(2.0, 10)
    assert read == [0, 1, 2, 3]


def test_malformed_rows_are_counted_and_the_first_are_kept() -> None:
    bad = [BadRow(line, "no time") for line in range(3, 13)]
    pace = Pace([*arrivals(0.0), *bad, Arrival(1.0, REQUEST, 13)], speed=1.0)
    assert lines(pace.take(5.0, 100)) == [2, 13]
    assert pace.malformed.count == 10
    assert pace.malformed.first == [Alike(3, "no time", 10)]
