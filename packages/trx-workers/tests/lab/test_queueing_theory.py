"""The lab against what is known: mean waiting times of M/M/c queues."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Iterator
from math import factorial

import pytest
from lab_bench import Scripted, named, pool

from trx_core.ids import IdFactory
from trx_core.kernel import KernelConfig
from trx_core.models import EventType, Fleet, LogEntry, Outcome, Task, WorkerPool
from trx_core.randomness import KeyedRandom, Purpose
from trx_workers.lab import simulate

SEEDS = range(10)
COUNT, WARM_UP = 3000, 300
STUDENT: float = 4.297
"""Quantile 0.999 of Student's t with 9 degrees of freedom: an interval that holds 99.8 %."""


def erlang_c(servers: int, offered: float) -> float:
    """Probability of waiting (A. K. Erlang, 1917) at an ``offered`` load below ``servers``."""
    busy = offered**servers / factorial(servers) / (1 - offered / servers)
    return busy / (sum(offered**k / factorial(k) for k in range(servers)) + busy)


def poisson(rate: float, seed: int) -> Iterator[Task]:
    rng, ids, at = KeyedRandom(seed).at(Purpose.TRAFFIC), IdFactory(random.Random(seed)), 0.0
    for _ in range(COUNT):
        at += rng.expovariate(rate)
        yield Task(ids.one(at), "job", enqueued_at=at)


def exponential(task: Task, pool: WorkerPool, rng: random.Random) -> Outcome:
    return Outcome(rng.expovariate(1.0), True, 0.0)


def waits(servers: int, rate: float, seed: int) -> list[float]:
    """Waiting times at ``servers`` of rate 1, in order of arrival, without the warm-up."""
    arrived: dict[object, float] = {}
    waited: dict[object, float] = {}

    def watch(entries: list[LogEntry]) -> None:
        for entry in entries:
            if entry.event_type is EventType.ENQUEUED:
                arrived[entry.task_id] = entry.timestamp
            elif entry.event_type is EventType.DISPATCHED:
                waited[entry.task_id] = entry.timestamp - arrived[entry.task_id]

    run = simulate(
        Fleet(pools=(pool("servers", servers),)),
        named(),
        poisson(rate, seed),
        build=lambda _: Scripted(exponential),
        config=KernelConfig(min_interval=0.0),
        seed=seed,
        on_entries=watch,
    )
    assert run.summary.completed == COUNT
    return [waited[key] for key in arrived][WARM_UP:]


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (4, 0.6)])
def test_waiting_times_are_those_of_an_mmc_queue(servers: int, load: float) -> None:
    rate = servers * load
    runs = [waits(servers, rate, seed) for seed in SEEDS]
    for found, expected in (
        ([statistics.mean(run) for run in runs], erlang_c(servers, rate) / (servers - rate)),
        ([sum(w > 0 for w in run) / len(run) for run in runs], erlang_c(servers, rate)),
    ):
        margin = STUDENT * statistics.stdev(found) / math.sqrt(len(found))
        assert margin < 0.25 * expected, "the interval tells something"
        assert statistics.mean(found) == pytest.approx(expected, abs=margin)
