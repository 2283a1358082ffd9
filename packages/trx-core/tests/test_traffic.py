"""Rows of traffic: the good ones, and a count of the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from trx_core.fleets import default_fleet
from trx_core.models import TaskRequest
from trx_core.protocols import Arrival, BadRow
from trx_core.traffic import Alike, Faults, admitted, say_rows, sifted

REQUEST = TaskRequest(type="job")
REST = "`trx simulate --json` lists the first 1,000 line by line."


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
    assert (faults.count, faults.first) == (2, [Alike(3, "torn", 2)])


def test_only_the_first_ten_reasons_are_kept_and_each_is_counted() -> None:
    faults = Faults()
    for line in (40, 20, *range(60, 120)):
        faults.add(BadRow(line, f"reason {line % 20}"))
    assert faults.count == 62
    assert faults.first == [Alike(20, "reason 0", 5)] + [
        Alike(60 + number, f"reason {number}", 3) for number in range(1, 10)
    ]


def test_the_first_thousand_rows_are_kept_one_by_one() -> None:
    faults = Faults()
    bad = [BadRow(line, "torn") for line in range(2, 3000)]
    for row in bad:
        faults.add(row)
    assert faults.rows == bad[:1000]


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
        (1, [Alike(3, "torn", 1)], "Rows that were lost: 1 (line 3: torn)."),
        (4, [Alike(0, "a", 4)], "Rows that were lost: 4 (4: a)."),
        (2, [Alike(3, "a", 1), Alike(0, "b", 1)], "Rows that were lost: 2 (line 3: a; b)."),
        (
            1234,
            [Alike(3, "a", 1)],
            f"Rows that were lost: 1,234 (line 3: a; and 1,233 more). {REST}",
        ),
        (1234, [Alike(3, "a", 1234)], f"Rows that were lost: 1,234 (1,234 from line 3: a). {REST}"),
        (
            7,
            [Alike(0, "a", 4), Alike(9, "b", 2)],
            f"Rows that were lost: 7 (4: a; 2 from line 9: b; and 1 more). {REST}",
        ),
    ],
)
def test_rows_are_told_in_one_line(count: int, first: list[Alike], said: str) -> None:
    assert say_rows("were lost", count, first) == said


def test_what_no_pool_could_take_is_refused_and_the_rest_passes() -> None:
    asked = [
        {},
        {"region": "eu-west", "resource_type": "gpu"},
        {"region": "atlantis"},
        {"resource_type": "tpu", "region": "atlantis"},
        {"slots": 5000},
    ]
    arrivals = [Arrival(0.0, TaskRequest(type="t", **more), n) for n, more in enumerate(asked, 2)]  # type: ignore[arg-type]
    refused = Faults()
    passed = list(admitted(arrivals * 2, default_fleet(), refused))
    assert [arrival.line for arrival in passed] == [2, 3] * 2
    assert refused.count == 6
    assert [(alike.line, alike.rows) for alike in refused.first] == [(4, 4), (6, 2)]
    assert refused.first[0].reason.startswith("region: no pool stands in 'atlantis'; known")
    assert refused.first[1].reason.startswith("slots: the largest pool has ")
