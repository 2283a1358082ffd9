"""Pools whose capacity and price change, in virtual time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lab_bench import most_at_once, named, pool, task

from trx_core.models import EventType, Fleet, LogEntry, Task
from trx_workers.lab import simulate
from trx_workers.simulators.kinds import Deterministic

HOUR = 3600.0


def run(
    tasks: Sequence[Task], *, capacity: int = 1, seed: int = 0, **worker: Any
) -> tuple[list[LogEntry], int]:
    """The log of a run on one pool, and how many tasks were left."""
    log: list[LogEntry] = []
    result = simulate(
        Fleet(pools=(pool(capacity=capacity),)),
        named(),
        tasks,
        build=lambda _: Deterministic(success_rate=1.0, **worker),
        seed=seed,
        on_entries=log.extend,
    )
    return log, result.unplaced


def starts(log: Sequence[LogEntry]) -> list[float]:
    return [one.timestamp for one in log if one.event_type is EventType.DISPATCHED]


def test_an_elastic_pool_grows_under_load_and_is_never_over_filled() -> None:
    elastic = {"min": 1, "target": 0.8, "look": 10.0, "up_delay": 5.0}
    tasks = [task(0.0) for _ in range(30)]
    log, left = run(tasks, capacity=4, mean=8.0, elastic=elastic)
    assert left == 0
    assert starts(log)[:7] == [0.0, 8.0, 15.0, 16.0, 23.0, 24.0, 25.0]
    assert most_at_once(log) == {"cpu": 4}


def test_a_pool_that_is_closed_at_night_is_waited_for() -> None:
    day = [0.0] * 8 + [1.0] * 12 + [0.0] * 4
    log, left = run([task(21 * HOUR), task(22 * HOUR)], capacity_by_hour=day, mean=60.0)
    assert left == 0
    assert starts(log) == [32 * HOUR, 32 * HOUR + 60.0]


def test_a_pool_that_never_opens_is_not_waited_for_without_end() -> None:
    _, left = run([task(HOUR), task(HOUR)], capacity_by_hour=[0.0] * 24)
    assert left == 2


def test_an_attempt_costs_what_the_hour_asks_when_it_is_placed() -> None:
    by_hour = [1.0, 3.0] * 12
    log, _ = run(
        [task(at) for at in (10.0, HOUR - 5.0, HOUR + 5.0, 2 * HOUR)],
        capacity=4,
        mean=60.0,
        prices={"by_hour": by_hour},
    )
    costs = [one.details["cost"] for one in log if one.event_type is EventType.COMPLETED]
    assert costs == [1.0, 1.0, 3.0, 1.0]


def test_a_long_idle_time_is_passed_through() -> None:
    elastic = {"min": 1, "look": 15.0, "up_delay": 0.0, "down_delay": 60.0}
    first = [task(0.0) for _ in range(8)]
    log, left = run([*first, task(20 * HOUR)], capacity=4, mean=30.0, elastic=elastic)
    assert left == 0
    assert starts(log)[-1] == 20 * HOUR


def test_the_market_is_the_same_in_every_run_of_a_seed() -> None:
    prices = {"market": {"every": 60.0, "cv": 0.5}}

    def costs(seed: int) -> list[float]:
        log, _ = run([task(60.0 * n) for n in range(20)], seed=seed, prices=prices)
        return [one.details["cost"] for one in log if one.event_type is EventType.COMPLETED]

    assert costs(1) == costs(1) != costs(2)
    assert len(set(costs(1))) == 20


def test_attempts_wait_in_line_at_a_pool_that_has_one() -> None:
    log, left = run([task(0.0) for _ in range(5)], capacity=4, mean=10.0, queue=3)
    assert left == 0
    assert starts(log) == [0.0, 0.0, 0.0, 0.0, 10.0]
    ends = [one.timestamp for one in log if one.event_type is EventType.COMPLETED]
    assert ends == [10.0, 20.0, 30.0, 40.0, 50.0]
