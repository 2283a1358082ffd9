"""The time of a trace, put in order."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trx_core.models import TaskRequest
from trx_core.protocols import Arrival, BadRow
from trx_workers.traces.timing import in_order

REQUEST = TaskRequest(type="a")
BAD = math.nan
"""Stands for a row that is bad already."""


def ordered(times: list[float], jitter: float = 1.0, rebase: bool = True) -> list[float | str]:
    """What becomes of rows at ``times``: a time, or why not."""
    rows: list[Arrival | BadRow] = [
        BadRow(line, "bad") if math.isnan(at) else Arrival(at, REQUEST, line)
        for line, at in enumerate(times, 1)
    ]
    result = list(in_order(rows, jitter=jitter, rebase=rebase))
    assert [row.line for row in result] == list(range(1, len(times) + 1))
    return [row.at if isinstance(row, Arrival) else row.reason for row in result]


BACK, LEAP = "its time runs back {} s", "its time leaps {} s past the rows after it"


@pytest.mark.parametrize(
    ("times", "result"),
    [
        ([], []),
        ([5.0], [0.0]),
        ([5.0, 6.5, 6.5], [0.0, 1.5, 1.5]),
        ([0.0, 2.0, 1.5, 1.0, 3.0], [0.0, 2.0, 2.0, 2.0, 3.0]),
        ([0.0, 9.0, 7.0, 9.5], [0.0, 9.0, BACK.format(2), 9.5]),
        ([0.0, 1.0, 900.0, 2.0, 3.0], [0.0, 1.0, LEAP.format(897), 2.0, 3.0]),
        ([900.0, 1.0, 2.0, 3.0], [LEAP.format(898), 0.0, 1.0, 2.0]),
        ([50.0, 1.0, 51.0, 52.0], [0.0, BACK.format(49), 1.0, 2.0]),
        ([0.0, 900.0, 2.0], [0.0, 900.0, BACK.format(898)]),
        ([0.0, 900.0, BAD, 2.0, BAD, 3.0], [0.0, LEAP.format(897), "bad", 2.0, "bad", 3.0]),
        ([BAD, 4.0, BAD], ["bad", 0.0, "bad"]),
    ],
)
def test_mends_small_disorder_and_refuses_a_wild_clock(
    times: list[float], result: list[float | str]
) -> None:
    assert ordered(times) == result


def test_keeps_times_that_are_relative_already() -> None:
    assert ordered([5.0, 6.0], rebase=False) == [5.0, 6.0]


def test_a_long_run_of_bad_rows_is_not_held_back() -> None:
    assert ordered([1.0, *[BAD] * 5000, 2.0])[-1] == 1.0


@given(
    times=st.lists(st.floats(0, 100) | st.just(BAD), max_size=40), jitter=st.sampled_from([0, 1, 9])
)
def test_times_never_decrease_and_every_row_is_accounted_for(
    times: list[float], jitter: float
) -> None:
    kept = [at for at in ordered(times, jitter) if isinstance(at, float)]
    assert all(earlier <= later for earlier, later in pairwise(kept))
    assert not kept or kept[0] == 0.0


@given(times=st.lists(st.floats(0, 100), min_size=1, max_size=40))
def test_a_trace_in_order_is_left_alone(times: list[float]) -> None:
    times.sort()
    assert ordered(times, rebase=False) == times
