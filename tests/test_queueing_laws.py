"""The lab and the policies against queueing theory, within confidence intervals over seeds.

Exact values: A. K. Erlang (1917) for M/M/c; F. Pollaczek (1930) and A. Khinchine (1932) for M/G/1;
A. Cobham, "Priority assignment in waiting line problems" (Oper. Res. 2, 1954); T. E. Phipps,
"Machine repair as a priority waiting-line problem" (Oper. Res. 4, 1956) for shortest job first;
N. Vvedenskaya, R. Dobrushin and F. Karpelevich (1996) and M. Mitzenmacher (2001) for the fixed
point of the power of d choices.
"""

from __future__ import annotations

import json
import math
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from shared_data import shared

from trx_core.ids import IdFactory
from trx_core.kernel import KernelConfig
from trx_core.models import Fleet, Outcome, Task, WorkerPool
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import make_algorithm
from trx_core.randomness import KeyedRandom, Purpose
from trx_workers.lab import simulate

REGISTRY = load_plugins()
SEEDS = range(10)
COUNT, WARM_UP = 4000, 400
STUDENT = 4.297
"""Quantile 0.999 of Student's t with 9 degrees of freedom: an interval that holds 99.8 %."""

Draw = Callable[[random.Random], float]


def exponential(rng: random.Random) -> float:
    """Mean 1."""
    return rng.expovariate(1.0)


def constant(rng: random.Random) -> float:
    """1."""
    return 1.0


def hyperexponential(rng: random.Random) -> float:
    """Mean 1 and a squared coefficient of variation of 4, with balanced means."""
    share = 0.5 * (1 + math.sqrt(3 / 5))
    quick = rng.random() < share
    return rng.expovariate(2 * (share if quick else 1 - share))


class Recorded:
    """Serves as long as the task says."""

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        return Outcome(task.metadata["work"], True, 0.0)


class Queue:
    """One server with a queue of its own, in which a task waits while it occupies a slot."""

    def __init__(self) -> None:
        self._free = 0.0

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        self._free = max(self._free, now) + task.metadata["work"]
        return Outcome(self._free - now, True, 0.0)


def arrivals(
    rate: float, draw: Draw, seed: int, *, urgent: Sequence[tuple[int, float]] = ((5, 1.0),)
) -> Iterator[Task]:
    """Poisson arrivals with the work that each brings, and priorities in given shares."""
    rng, ids, at = KeyedRandom(seed).at(Purpose.TRAFFIC), IdFactory(random.Random(seed)), 0.0
    priorities, shares = zip(*urgent, strict=True)
    for _ in range(COUNT):
        at += rng.expovariate(rate)
        work = draw(rng)
        yield Task(
            ids.one(at),
            "job",
            priority=rng.choices(priorities, shares)[0],
            enqueued_at=at,
            expected_duration=work,
            metadata={"work": work},
        )


def fleet(pools: int, capacity: int) -> Fleet:
    return Fleet.model_validate(
        {
            "pools": [
                {
                    "name": f"p{number}",
                    "region": "here",
                    "resource_type": "cpu",
                    "cost_per_unit": 0,
                    "capacity": capacity,
                    "worker": {"kind": "own"},
                }
                for number in range(pools)
            ]
        }
    )


def waits(
    servers: int, tasks: Sequence[Task], algorithm: str = "fifo", **params: Any
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """[N] waiting times in order of arrival."""
    run = simulate(
        fleet(1, servers),
        make_algorithm(REGISTRY, algorithm, params),
        tasks,
        build=lambda _: Recorded(),
        config=KernelConfig(min_interval=0.0, window=COUNT),
    )
    assert (run.summary.completed, run.failures) == (COUNT, {})
    return run.fold.samples().wait


def holds(found: Sequence[float], expected: float, *, width: float = 0.4) -> None:
    """The interval over the seeds holds the exact value, and is narrow enough to say something."""
    margin = STUDENT * statistics.stdev(found) / math.sqrt(len(found))
    assert margin < width * expected
    assert statistics.mean(found) == pytest.approx(expected, abs=margin)


def erlang_c(servers: int, offered: float) -> float:
    blocking = 1.0
    for busy in range(1, servers + 1):
        blocking = offered * blocking / (busy + offered * blocking)
    return blocking / (1 - offered / servers * (1 - blocking))


def mmc(servers: int, load: float) -> float:
    return erlang_c(servers, servers * load) / (servers * (1 - load))


def pollaczek(load: float, variation: float) -> float:
    return load * (1 + variation) / (2 * (1 - load))


def cobham(servers: int, rates: Sequence[float]) -> list[float]:
    """Mean waits by class, the most urgent first, of exponential work of mean 1."""
    offered = sum(rates)
    residual = erlang_c(servers, offered) / servers
    sums = [sum(rates[:count]) / servers for count in range(len(rates) + 1)]
    return [residual / ((1 - a) * (1 - b)) for a, b in pairwise(sums)]


def shortest_first(load: float) -> float:
    """Mean wait of M/M/1 under non-preemptive shortest job first, work of mean 1, by quadrature."""
    work = np.linspace(0.0, 60.0, 600_001)
    served = load * (1 - np.exp(-work) * (1 + work))
    return float(np.trapezoid(load * np.exp(-work) / (1 - served) ** 2, work))


def fixed_point(load: float, choices: int) -> float:
    """Mean turnaround of infinitely many servers of rate 1 under the power of ``choices``."""
    if choices == 1:
        return 1 / (1 - load)
    exponents = ((choices**i - choices) / (choices - 1) for i in range(1, 40))
    return math.fsum(load**exponent for exponent in exponents if exponent < 1e6)


@pytest.mark.parametrize(("servers", "load"), [(8, 0.8)])
def test_mmc_waits(servers: int, load: float) -> None:
    runs = [list(arrivals(servers * load, exponential, seed)) for seed in SEEDS]
    holds([float(waits(servers, run)[WARM_UP:].mean()) for run in runs], mmc(servers, load))


@pytest.mark.parametrize(("draw", "variation"), [(constant, 0.0), (hyperexponential, 4.0)])
def test_mg1_waits(draw: Draw, variation: float) -> None:
    runs = [list(arrivals(0.6, draw, seed)) for seed in SEEDS]
    found = [float(waits(1, run)[WARM_UP:].mean()) for run in runs]
    holds(found, pollaczek(0.6, variation))


@pytest.mark.parametrize(("servers", "rates"), [(1, (0.2, 0.25, 0.25)), (4, (0.8, 1.0, 1.2))])
def test_priorities_wait_as_cobham_says(servers: int, rates: tuple[float, ...]) -> None:
    urgent = list(zip((10, 5, 1), rates, strict=True))
    found: dict[int, list[float]] = {priority: [] for priority, _ in urgent}
    for seed in SEEDS:
        tasks = list(arrivals(sum(rates), exponential, seed, urgent=urgent))
        waited = waits(servers, tasks, "priority-aging", rate=0.0, blocking=False)
        priority = np.array([task.priority for task in tasks])
        for one, means in found.items():
            means.append(float(waited[WARM_UP:][priority[WARM_UP:] == one].mean()))
    for means, expected in zip(found.values(), cobham(servers, rates), strict=True):
        holds(means, expected)


def test_shortest_job_first_waits() -> None:
    runs = [list(arrivals(0.7, exponential, seed)) for seed in SEEDS]
    holds(
        [float(waits(1, run, "shortest-job-first")[WARM_UP:].mean()) for run in runs],
        shortest_first(0.7),
    )


@pytest.mark.parametrize("choices", [2, 3])
def test_the_power_of_choices_has_its_fixed_point(choices: int) -> None:
    servers, load, found = 40, 0.7, []
    for seed in SEEDS:
        queues: dict[str, Queue] = {}
        run = simulate(
            fleet(servers, 1000),
            make_algorithm(REGISTRY, "power-of-two-choices", {"d": choices, "seed": seed}),
            arrivals(servers * load, exponential, seed),
            build=lambda pool, queues=queues: queues.setdefault(pool.name, Queue()),  # type: ignore[misc]
            config=KernelConfig(min_interval=0.0),
            seed=seed,
        )
        assert run.summary.completed == COUNT
        found.append(float(run.fold.samples().end_to_end[WARM_UP:].mean()))
    holds(found, fixed_point(load, choices))


def test_the_formulas_are_those_that_others_computed() -> None:
    known = json.loads(shared("golden/queueing.json").read_text())
    for servers, load in ((1, 0.8), (2, 0.8), (8, 0.9), (32, 0.9), (100, 0.95)):
        told = known[f"MMc c={servers} rho={load:g}"]
        assert mmc(servers, load) == pytest.approx(told["Wq"])
        assert erlang_c(servers, servers * load) == pytest.approx(told["ErlangC"])
    for variation in (0, 1, 4):
        told = known[f"MG1 rho=.8 cv2={variation}"]
        assert pollaczek(0.8, variation) == pytest.approx(told["Wq"])
    one = known["Cobham M/M/1 lam=.2,.3,.3"]["Wq"]
    assert cobham(1, (0.2, 0.3, 0.3)) == pytest.approx(one)
    eight = known["Cobham M/M/8 sigma=.2,.5,.9"]["Wq"]
    assert cobham(8, (1.6, 2.4, 3.2)) == pytest.approx(eight)
    assert shortest_first(0.8) == pytest.approx(known["SJF nonpreemptive M/M/1 rho=.8"]["Wq"])
    for load in (0.5, 0.7, 0.9):
        told = known[f"supermarket lam={load}"]
        for choices in (1, 2, 3, 5):
            assert fixed_point(load, choices) == pytest.approx(told[f"d={choices}"])
