"""Outcomes that are drawn ahead, many at once, are those that are drawn one by one."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from kernel_bench import pool, task
from numpy.typing import NDArray

from trx_core.engine import Simulators
from trx_core.errors import PluginError
from trx_core.models import Attempt, ErrorKind, Outcome, Task, WorkerPool
from trx_core.protocols import Sampler, Samples


class Lucky:
    """Takes a random time; a third fails."""

    def __init__(self) -> None:
        self.batches = 0

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        if task.type == "odd":
            raise ValueError("odd")
        latency, failed = rng.random(), rng.random() < 0.3
        cost = task.cost * pool.cost_per_unit
        if failed:
            return Outcome(latency, False, cost, ErrorKind.TRANSIENT, f"at {pool.name}")
        return Outcome(latency, True, cost)

    def sample_many(self, tasks: Sequence[Task], pool: WorkerPool) -> Sampler | None:
        self.batches += 1
        if any(task.type == "odd" for task in tasks):
            raise ValueError("odd")
        costs = np.array([task.cost * pool.cost_per_unit for task in tasks])

        def draw(luck: NDArray[Any]) -> Samples:
            failed = np.flatnonzero(luck[:, 1] < 0.3).tolist()
            return Samples(luck[:, 0], costs, dict.fromkeys(failed, ErrorKind.TRANSIENT))

        return draw


def outcomes(
    tasks: Sequence[Task], pools: Sequence[WorkerPool], *, ahead: bool
) -> tuple[list[Outcome], int]:
    """Of first and second attempts, each on the next pool; and how many batches were drawn."""
    worker = Lucky()
    simulators, drawn = Simulators(lambda _: worker, 5), []
    simulators.prepare(pools)
    if ahead:
        simulators.expect(tasks)
    for number in (1, 2):
        for at, one in enumerate(tasks):
            where = pools[at % len(pools)]
            drawn.append(simulators.start(Attempt(one, where, number, "a", 0.0), 0.0))
    return drawn, worker.batches


@pytest.mark.parametrize(("sorts", "batches"), [(1, 1), (3, 3)])
def test_a_block_is_drawn_once_for_every_sort_of_pool(sorts: int, batches: int) -> None:
    tasks = [task(cost=at / 7) for at in range(60)]
    pools = [pool(f"p{at}", capacity=at + 1, cost_per_unit=at % sorts + 0.5) for at in range(6)]
    drawn, asked = outcomes(tasks, pools, ahead=True)
    assert (drawn, 0) == outcomes(tasks, pools, ahead=False)
    assert all(type(one.latency) is float and type(one.cost) is float for one in drawn)
    assert {one.success for one in drawn} == {True, False}
    assert asked == batches


def test_where_pools_are_many_each_attempt_is_drawn_for_its_own() -> None:
    tasks = [task() for _ in range(60)]
    pools = [pool(f"p{at}") for at in range(33)]
    assert outcomes(tasks, pools, ahead=True) == outcomes(tasks, pools, ahead=False)


NO_KIND: Any = {0: "timeout"}
WRONG: dict[str, Callable[[NDArray[Any]], Any]] = {
    "too few": lambda luck: Samples(np.ones(1), np.ones(1)),
    "late": lambda luck: Samples(np.array([1.0, np.nan]), np.ones(2)),
    "dear": lambda luck: Samples(np.ones(2), np.array([1.0, -1.0])),
    "whole numbers": lambda luck: Samples(np.ones(2, dtype=int), np.ones(2)),
    "beyond": lambda luck: Samples(np.ones(2), np.ones(2), {2: ErrorKind.TIMEOUT}),
    "no kind": lambda luck: Samples(np.ones(2), np.ones(2), NO_KIND),
    "no samples": lambda luck: None,
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_batch_of_nonsense_is_blamed(wrong: Callable[[NDArray[Any]], Any]) -> None:
    class Nonsense(Lucky):
        def sample_many(self, tasks: Sequence[Task], pool: WorkerPool) -> Sampler:
            return wrong

    simulators = Simulators(lambda _: Nonsense(), 5)
    with pytest.raises(PluginError, match=r"TRX-P130: .* 'p' returned "):
        simulators.sample_many([task(), task()], 1, [pool("p")])


def test_a_pool_that_is_described_anew_is_of_another_sort() -> None:
    tasks = [task() for _ in range(20)]
    usual = pool("p")
    dearer = usual.model_copy(update={"cost_per_unit": 9.0})
    assert (
        outcomes(tasks, [usual, dearer], ahead=True)[0]
        == (outcomes(tasks, [usual, dearer], ahead=False)[0])
    )


def test_what_cannot_be_drawn_is_blamed_when_it_is_needed() -> None:
    worker = Lucky()
    simulators = Simulators(lambda _: worker, 5)
    one, odd = task(), task(type="odd")
    simulators.expect([one, odd])
    simulators.start(Attempt(one, pool("p"), 1, "a", 0.0), 0.0)
    with pytest.raises(PluginError, match=r"TRX-P130: .* raised ValueError: odd"):
        simulators.start(Attempt(odd, pool("p"), 1, "a", 0.0), 0.0)
