"""Metric collectors that fail, and what that does to others: nothing."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from trx_core.engine import Collectors, Loss, NamedCollector
from trx_core.models import LogEntry
from trx_core.policy import BreakerPolicy
from trx_core.testing import sample_log

LOG = sample_log()
WITHIN = 30.0


class Kept:
    """Keeps what it is given, and what it is told to do with it first."""

    def __init__(self, first: Callable[[], object] = lambda: None) -> None:
        self.first = first
        self.entries: list[LogEntry] = []
        self.threads: set[int] = set()
        self.closed = 0

    def observe(self, entries: Sequence[LogEntry]) -> None:
        self.threads.add(threading.get_ident())
        self.first()
        self.entries += entries

    def close(self) -> None:
        self.closed += 1
        self.threads.add(threading.get_ident())


def named(collector: Any, name: str = "acme") -> NamedCollector:
    return NamedCollector(name, f"{name!r} (acme-metrics 0.3.1)", collector)


def batches(size: int = 10) -> list[list[LogEntry]]:
    return [LOG[start : start + size] for start in range(0, len(LOG), size)]


def fail() -> None:
    raise LookupError("no such gauge")


def heard_by(kept: Kept, count: int) -> bool:
    return len(kept.entries) == count


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_every_entry_arrives_in_order_and_in_one_thread_which_is_not_ours() -> None:
    kept = Kept()
    collectors = Collectors([named(kept)])
    for batch in batches():
        collectors.observe(batch)
    collectors.close(WITHIN)
    assert kept.entries == LOG
    assert len(kept.threads) == 1 and threading.get_ident() not in kept.threads
    assert (kept.closed, collectors.lost) == (1, {})


def test_one_that_raises_is_blamed_and_the_others_hear_everything(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sound = Kept()
    collectors = Collectors([named(Kept(fail)), named(sound, "sound")])
    for batch in batches(10):
        collectors.observe(batch)
    collectors.close(WITHIN)
    assert sound.entries == LOG
    assert collectors.lost["acme", Loss.RAISED] == 50
    assert collectors.lost["acme", Loss.LEFT_ALONE] == len(LOG) - 50
    assert {name for name, _ in collectors.lost} == {"acme"}
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 5
    who = "TRX-P150: metric collector 'acme' ('acme' (acme-metrics 0.3.1)) raised"
    assert all(line.startswith(f"{who} LookupError: no such gauge.") for line in told)


def leave() -> None:
    sys.exit(3)


def interrupt() -> None:
    raise KeyboardInterrupt


class Silent:
    """Takes nothing in."""


class Unreadable:
    def __getattr__(self, name: str) -> object:
        raise SystemExit


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (partial(Kept, leave), "raised SystemExit: 3."),
        (partial(Kept, interrupt), "raised KeyboardInterrupt."),
        (Silent, "raised AttributeError: 'Silent' object has no attribute 'observe'."),
        (Unreadable, "raised SystemExit."),
    ],
)
def test_whatever_one_raises_is_its_own_fault_and_ends_no_feed(
    broken: Callable[[], object], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    sound = Kept()
    collectors = Collectors([named(broken()), named(sound, "sound")])
    for batch in batches():
        collectors.observe(batch)
    collectors.close(WITHIN)
    assert sound.entries == LOG
    assert {why for _, why in collectors.lost} == {Loss.RAISED, Loss.LEFT_ALONE}
    assert sum(collectors.lost.values()) == len(LOG)
    assert all("TRX-P150" in message and told in message for message in caplog.messages)


def test_one_that_changes_its_batch_takes_nothing_from_the_others() -> None:
    class Greedy:
        def observe(self, entries: Sequence[LogEntry]) -> None:
            for entry in entries:
                assert isinstance(entry.details, dict)
                entry.details.clear()
            entries.clear()  # type: ignore[attr-defined]

    sound, ours = Kept(), sample_log()
    collectors = Collectors([named(Greedy()), named(sound, "sound")])
    collectors.observe(ours)
    collectors.close(WITHIN)
    assert sound.entries == ours == LOG
    assert collectors.lost == {("acme", Loss.RAISED): len(LOG)}


def test_one_that_exits_when_it_is_closed_is_told(caplog: pytest.LogCaptureFixture) -> None:
    class Leaving(Kept):
        def close(self) -> None:
            sys.exit(5)

    kept = Leaving()
    collectors = Collectors([named(kept)])
    collectors.observe(LOG)
    collectors.close(WITHIN)
    assert kept.entries == LOG
    assert "raised SystemExit: 5." in caplog.messages[0]


def test_one_that_has_rested_is_fed_again() -> None:
    broken = [fail] * 5

    def heal() -> None:
        if broken:
            broken.pop()()

    kept = Kept(heal)
    collectors = Collectors([named(kept)], breaker=BreakerPolicy(failures=2, cooldown=0.0))
    for batch in batches(10):
        collectors.observe(batch)
    collectors.close(WITHIN)
    assert kept.entries == LOG[50:]


def test_one_that_is_stuck_delays_nobody_and_what_does_not_fit_is_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    released, sound = threading.Event(), Kept()
    stuck = Kept(released.wait)
    collectors = Collectors([named(stuck), named(sound, "sound")], most_waiting=50)
    for batch in batches(10):
        heard = len(sound.entries) + len(batch)
        collectors.observe(batch)
        until(partial(heard_by, sound, heard))
    assert sound.entries == LOG
    assert collectors.lost == {("acme", Loss.FELL_BEHIND): len(LOG) - 50}
    assert [r.getMessage()[:9] for r in caplog.records] == ["TRX-P151:"], "it is said once"
    collectors.close(0.05)
    assert collectors.lost == {("acme", Loss.FELL_BEHIND): len(LOG)}
    released.set()


def test_with_patience_nothing_is_lost_to_one_that_is_slow() -> None:
    slow = Kept(lambda: time.sleep(0.001))
    collectors = Collectors([named(slow)], most_waiting=20, patience=WITHIN)
    for batch in batches(10):
        collectors.observe(batch)
    collectors.close(WITHIN)
    assert slow.entries == LOG
    assert not collectors.lost


def test_patience_ends_once_and_not_with_every_batch() -> None:
    released = threading.Event()
    stuck = Kept(released.wait)
    collectors = Collectors([named(stuck)], most_waiting=10, patience=0.05)
    started = time.monotonic()
    for batch in batches(1):
        collectors.observe(batch)
    spent = time.monotonic() - started
    released.set()
    collectors.close(WITHIN)
    assert spent < 0.05 * len(LOG) / 2
    assert collectors.lost["acme", Loss.FELL_BEHIND] == len(LOG) - len(stuck.entries)
