"""Sampling simulated workers, and what is said of one that talks nonsense."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from kernel_bench import pool, task

from trx_core.engine import Simulators
from trx_core.errors import OperatorError, PluginError
from trx_core.models import Attempt, ErrorKind, Outcome, Task, WorkerPool, WorkerSpec
from trx_core.protocols import WorkerSimulator
from trx_core.randomness import KeyedRandom, Purpose, named


class Worker:
    """Answers as the test says."""

    def __init__(self, answer: Callable[[random.Random], Any]) -> None:
        self._answer = answer
        self.asked: list[tuple[Task, WorkerPool, float]] = []

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Any:
        self.asked.append((task, pool, now))
        return self._answer(rng)


def lucky(rng: random.Random) -> Outcome:
    return Outcome(rng.random(), True, rng.gauss(5.0, 0.1))


def attempt(number: int = 1, at: WorkerPool | None = None, **more: Any) -> Attempt:
    return Attempt(more.pop("of", None) or task(**more), at or pool("cpu"), number, "a", 0.0)


def answering(outcome: Any) -> Simulators:
    return Simulators(lambda _: Worker(lambda _: outcome), 1)


def test_what_is_foretold_of_the_next_attempt_is_what_comes() -> None:
    simulators = Simulators(lambda _: Worker(lucky), 1)
    for number in (1, 2):
        one = attempt(number, attempt=number - 1)
        told = simulators.foretell(one.task, one.pool, 7.0)
        assert told == simulators.sample(one, 7.0)


def test_a_simulator_gets_the_task_the_pool_and_the_time() -> None:
    worker, one = Worker(lucky), attempt()
    Simulators(lambda _: worker, 1).sample(one, 7.0)
    assert worker.asked == [(one.task, one.pool, 7.0)]


def test_luck_is_keyed_by_seed_task_attempt_and_pool_not_by_turn() -> None:
    first, second = attempt(), attempt()
    again = attempt(2, of=first.task)
    elsewhere = attempt(at=pool("gpu"), of=first.task)
    one, two, other = (Simulators(lambda _: Worker(lucky), seed) for seed in (1, 1, 2))
    drawn = [one.sample(each, 0.0) for each in (first, second, again, elsewhere)]
    assert [two.sample(each, 9.0) for each in (elsewhere, again, second, first)] == drawn[::-1]
    assert len(set(drawn)) == 4, "other luck for another task, attempt or pool"
    assert other.sample(first, 0.0) not in drawn


def test_the_key_is_the_documented_one() -> None:
    one = attempt(3)
    luck = KeyedRandom(9).at(one.task.id.int, 3, Purpose.SERVICE, named(one.pool.name))
    assert Simulators(lambda _: Worker(lucky), 9).sample(one, 0.0) == lucky(luck)


@pytest.mark.parametrize("ahead", [False, True])
def test_luck_on_one_pool_tells_nothing_of_luck_on_another(ahead: bool) -> None:
    pools = [pool(name) for name in ("a", "b", "gpu-east", "gpu-west")]
    tasks = [task() for _ in range(4000)]
    simulators = Simulators(lambda _: Worker(lucky), 3)
    if ahead:
        simulators.expect(tasks)
    told = [[simulators.foretell(one, at, 0.0).latency for one in tasks] for at in pools]
    related = np.corrcoef(told) - np.eye(len(pools))
    assert np.abs(related).max() < 4 / math.sqrt(len(tasks))
    assert np.mean(told, axis=1) == pytest.approx([0.5] * len(pools), abs=0.02)


def test_luck_goes_by_the_pools_name_whatever_else_changes() -> None:
    one, usual = task(), pool("cpu")
    simulators = Simulators(lambda _: Worker(lucky), 3)
    drawn = simulators.foretell(one, usual, 0.0).latency
    for change, same in (
        ({"capacity": 99, "cost_per_unit": 7.0, "id": uuid4()}, True),
        ({"name": "cpu2"}, False),
    ):
        changed = usual.model_copy(update=change)
        assert (simulators.foretell(one, changed, 0.0).latency == drawn) is same


class Shop:
    """Makes workers, and keeps whom for."""

    def __init__(self) -> None:
        self.made: list[tuple[str, WorkerSpec]] = []

    def __call__(self, pool: WorkerPool) -> WorkerSimulator:
        self.made.append((pool.name, pool.worker))
        return Worker(lucky)


def test_a_simulator_is_made_once_and_again_when_the_pools_worker_changes() -> None:
    shop = Shop()
    simulators = Simulators(shop, 1)
    cpu, gpu = pool("cpu"), pool("gpu")
    simulators.prepare([cpu, gpu])
    for at in (cpu, gpu, cpu, cpu.model_copy(update={"capacity": 9})):
        simulators.sample(attempt(at=at), 0.0)
    assert [name for name, _ in shop.made] == ["cpu", "gpu"]
    faster = WorkerSpec(kind="test", params={"speed": 2})
    for _ in range(2):
        simulators.sample(attempt(at=cpu.model_copy(update={"worker": faster})), 0.0)
    assert shop.made[2:] == [("cpu", faster)]


def test_what_cannot_be_made_shows_at_once() -> None:
    def refuse(pool: WorkerPool) -> WorkerSimulator:
        raise OperatorError(f"no worker for {pool.name}.", code="TRX-O120")

    with pytest.raises(OperatorError, match="no worker for cpu"):
        Simulators(refuse, 1).prepare([pool("cpu")])


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(0.0, True, 0.0),
        Outcome(1, True, 2),
        Outcome(np.float64(1.5), True, np.float64(2.5)),
        *(Outcome(1.0, False, 1.0, kind, "bad luck") for kind in ErrorKind),
    ],
)
def test_sane_outcomes_pass(outcome: Outcome) -> None:
    assert answering(outcome).sample(attempt(), 0.0) == outcome


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        (1.0, True, 1.0, None, None),
        Outcome(-1e-9, True, 1.0),
        Outcome(float("nan"), True, 1.0),
        Outcome(float("inf"), True, 1.0),
        Outcome("1", True, 1.0),  # type: ignore[arg-type]
        Outcome(None, True, 1.0),  # type: ignore[arg-type]
        Outcome(np.array([1.0, 2.0]), True, 1.0),  # type: ignore[arg-type]
        Outcome(1.0, True, -1.0),
        Outcome(1.0, True, float("nan")),
        Outcome(1.0, True, 1.0, ErrorKind.TRANSIENT),
        Outcome(1.0, False, 1.0),
        Outcome(1.0, None, 1.0),  # type: ignore[arg-type]
        Outcome(1.0, False, 1.0, "unlucky"),  # type: ignore[arg-type]
    ],
)
def test_nonsense_is_blamed_on_the_simulator(nonsense: Any) -> None:
    with pytest.raises(PluginError) as blamed:
        answering(nonsense).sample(attempt(), 0.0)
    assert str(blamed.value).startswith("TRX-P130: the simulator 'test' of pool 'cpu' returned ")


def test_a_simulator_that_raises_is_named() -> None:
    def burn(rng: random.Random) -> Outcome:
        raise RuntimeError("burnt out")

    simulators = Simulators(lambda _: Worker(burn), 1)
    told = "^TRX-P130: the simulator 'test' of pool 'cpu' raised RuntimeError: burnt out"
    with pytest.raises(PluginError, match=told) as blamed:
        simulators.sample(attempt(), 0.0)
    assert isinstance(blamed.value.__cause__, RuntimeError)
