"""Numbers and times as people read them."""

from __future__ import annotations

import pytest

from trx_dashboard.formats import between, duration, quantile


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "\N{EN DASH}"),
        (0.0, "0 ms"),
        (0.0124, "12 ms"),
        (3.44, "3.4 s"),
        (90.0, "1.5 min"),
        (9000.0, "2.5 h"),
        (129_600.0, "1.5 d"),
    ],
)
def test_seconds_come_in_the_unit_that_suits_them(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_the_time_between_two_instants_needs_both() -> None:
    assert between("2026-01-01T00:00:00Z", "2026-01-01T01:00:00.5+00:00") == 3600.5
    assert between("2026-01-01T00:00:00Z", None) is None


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 5), (0.51, 6), (0.95, 10), (1.0, 10)])
def test_a_quantile_is_one_of_the_values(share: float, value: float) -> None:
    assert quantile(range(10, 0, -1), share) == value
    assert quantile([], share) is None
