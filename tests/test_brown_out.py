"""A policy that learns from single outcomes leaves a pool that browns out, and comes back to it."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from trx_core.engine import NamedAlgorithm
from trx_core.ids import IdFactory
from trx_core.kernel import KernelConfig
from trx_core.models import EventType, Fleet, LogEntry, Outcome, Task, WorkerPool
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import make_algorithm
from trx_workers.lab import simulate

POOLS = ("steady", "troubled")
TROUBLE = (100.0, 160.0)
SLOW, USUAL = 4.0, 0.5
RATE = 4.0
BEFORE, KNOWN, AFTER = (20.0, 100.0), (110.0, 160.0), (220.0, 300.0)


class BrownsOut:
    """Takes half a second; for a minute one of the pools takes four."""

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        slow = pool.name == "troubled" and TROUBLE[0] <= now < TROUBLE[1]
        return Outcome(SLOW if slow else USUAL, True, 0.0)


def fleet() -> Fleet:
    pool = {
        "capacity": 20,
        "region": "here",
        "resource_type": "cpu",
        "cost_per_unit": 0.0,
        "expected_latency": USUAL,
        "worker": {"kind": "ours"},
    }
    return Fleet.model_validate({"pools": tuple({"name": name, **pool} for name in POOLS)})


def started(algorithm: NamedAlgorithm) -> list[tuple[float, str]]:
    """When each task started, and where."""
    luck, at, found = random.Random(7), 0.0, list[tuple[float, str]]()
    ids = IdFactory(luck)
    tasks = []
    while at < 300.0:
        at += luck.expovariate(RATE)
        tasks.append(Task(ids.one(at), "web", enqueued_at=at))

    def log(entries: Sequence[LogEntry]) -> None:
        dispatched = (one for one in entries if one.event_type is EventType.DISPATCHED)
        found.extend((one.timestamp, one.details["pool"]) for one in dispatched)

    done = simulate(
        fleet(),
        algorithm,
        tasks,
        build=lambda _: BrownsOut(),
        config=KernelConfig(min_interval=0.0),
        on_entries=log,
    )
    assert (done.summary.completed, done.failures) == (len(tasks), {})
    return found


def share(runs: list[tuple[float, str]], span: tuple[float, float]) -> float:
    """Of the tasks that started in a span of time, how many went to the troubled pool."""
    where = [pool for at, pool in runs if span[0] <= at < span[1]]
    return where.count("troubled") / len(where)


@pytest.fixture(scope="module")
def peak_ewma() -> NamedAlgorithm:
    return make_algorithm(load_plugins(), "peak-ewma")


def test_it_leaves_the_pool_and_comes_back(peak_ewma: NamedAlgorithm) -> None:
    runs = started(peak_ewma)
    assert share(runs, BEFORE) == pytest.approx(0.5, abs=0.1)
    assert share(runs, KNOWN) < 0.1
    assert share(runs, AFTER) == pytest.approx(0.5, abs=0.1)


def test_it_is_the_outcomes_that_tell_it() -> None:
    made = make_algorithm(load_plugins(), "peak-ewma")
    assert made.learns
    untold = started(made._replace(learns=False))
    told = started(make_algorithm(load_plugins(), "peak-ewma"))
    assert share(told, KNOWN) < share(untold, KNOWN) / 2


def test_one_that_does_not_learn_stays_longer(peak_ewma: NamedAlgorithm) -> None:
    other = started(make_algorithm(load_plugins(), "shortest-expected-delay"))
    told = started(make_algorithm(load_plugins(), "peak-ewma"))
    assert share(told, KNOWN) < share(other, KNOWN) / 2
