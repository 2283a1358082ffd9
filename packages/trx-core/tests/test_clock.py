"""Clocks."""

from __future__ import annotations

import time

import pytest

from trx_core.clock import Clock, SystemClock, VirtualClock


def test_the_system_clock_tells_unix_time() -> None:
    clock: Clock = SystemClock()
    before = time.time()
    assert before <= clock.now() <= time.time()


def test_virtual_time_stands_still_until_it_is_moved() -> None:
    clock = VirtualClock(5.0)
    assert (clock.now(), clock.now()) == (5.0, 5.0)
    clock.advance(5.0)
    clock.advance(7.5)
    assert clock.now() == 7.5


def test_virtual_time_cannot_run_backwards() -> None:
    clock = VirtualClock(5.0)
    with pytest.raises(ValueError, match=r"backwards: 4\.9 < 5\.0"):
        clock.advance(4.9)
    assert clock.now() == 5.0
