"""Rows of traffic: the good ones, and a count of the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from trx_core.models import TaskRequest
from trx_core.protocols import Arrival, BadRow
from trx_core.traffic import Faults, say_rows, sifted

REQUEST = TaskRequest(type="job")


class Source:
    """Rows, of which every third cannot be read; counts what was drawn."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.drawn = 0

    def __iter__(self) -> Iterator[Arrival | BadRow]:
        for line in range(1, self._count + 1):
            self.drawn = line
            yield BadRow(line, "torn") if line % 3 == 0 else Arrival(line, REQUEST, line)


def test_good_rows_pass_in_order_and_the_others_are_counted() -> None:
    faults = Faults()
    assert [row.line for row in sifted(Source(7), faults)] == [1, 2, 4, 5, 7]
    assert (faults.count, faults.first) == (2, [BadRow(3, "torn"), BadRow(6, "torn")])


def test_only_the_first_five_are_kept() -> None:
    faults = Faults()
    assert len(list(sifted(Source(300), faults))) == 200
    assert (faults.count, [row.line for row in faults.first]) == (100, [3, 6, 9, 12, 15])


@pytest.mark.parametrize(("limit", "drawn"), [(0, 0), (1, 1), (2, 2), (3, 4), (99, 6), (None, 6)])
def test_no_row_is_read_that_is_not_wanted(limit: int | None, drawn: int) -> None:
    source, faults = Source(6), Faults()
    rows = sifted(source, faults, limit)
    assert source.drawn == 0
    wanted = 4 if limit is None else min(limit, 4)
    assert len(list(rows)) == wanted
    assert source.drawn == drawn


def test_a_row_is_read_when_it_is_asked_for() -> None:
    source = Source(7)
    rows = sifted(source, Faults())
    next(rows)
    assert source.drawn == 1
    next(rows)
    next(rows)
    assert source.drawn == 4


@pytest.mark.parametrize(
    ("count", "first", "said"),
    [
        (1, [BadRow(3, "torn")], "Rows that were lost: 1 (line 3: torn)."),
        (2, [BadRow(3, "a"), BadRow(0, "b")], "Rows that were lost: 2 (line 3: a; b)."),
        (1234, [BadRow(3, "a")], "Rows that were lost: 1,234 (line 3: a; and 1,233 more)."),
    ],
)
def test_rows_are_told_in_one_line(count: int, first: list[BadRow], said: str) -> None:
    assert say_rows("were lost", count, first) == said
