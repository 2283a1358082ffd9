"""Real workers beside the runner: what they return, raise, block and do not give up."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import anyio
import pytest

from trx_core.errors import OperatorError
from trx_core.kernel import Event, Finished
from trx_core.models import Attempt, ErrorKind, Outcome, Task, TaskStatus, WorkerPool
from trx_server.runner import worker_thread
from trx_server.runner.real_workers import RealWorkers

GOOD = Outcome(0.5, True, 2.0)
Work = Callable[[Task], Awaitable[Any]]


class Worker:
    """Does what the test says, and notes who called and when it was closed."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.tasks: list[Task] = []
        self.threads: set[str] = set()
        self.running = 0
        self.cancelled = 0
        self.closed_with: list[int] = []

    async def execute(self, task: Task, pool: WorkerPool) -> Outcome:
        self.tasks.append(task)
        self.threads.add(threading.current_thread().name)
        self.running += 1
        try:
            return await self._work(task)  # type: ignore[no-any-return]
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1

    async def aclose(self) -> None:
        self.closed_with.append(self.running)


class Bench:
    """Real workers, and what they told."""

    def __init__(self, build: Callable[[WorkerPool], Any]) -> None:
        self.told: list[tuple[Attempt, Outcome]] = []
        self.workers = RealWorkers(build, tell=self._take)

    def _take(self, event: Event) -> None:
        assert isinstance(event, Finished)
        self.told += event.results

    async def results(self, count: int) -> list[tuple[Attempt, Outcome]]:
        await until(lambda: len(self.told) >= count)
        return self.told


@asynccontextmanager
async def bench_of(build: Callable[[WorkerPool], Any]) -> AsyncIterator[Bench]:
    bench = Bench(build)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bench.workers.run)
        await anyio.sleep(0)
        yield bench
        tasks.cancel_scope.cancel()


async def until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(30):
        while not condition():
            await anyio.sleep(0.01)


def pool(capacity: int = 3) -> WorkerPool:
    return WorkerPool.model_validate(
        {
            "name": "shop",
            "region": "eu",
            "resource_type": "cpu",
            "cost_per_unit": 1.0,
            "capacity": capacity,
            "worker": {"kind": "test"},
        }
    )


def attempt(at: WorkerPool, number: int = 1) -> Attempt:
    return Attempt(Task(uuid4(), "job", attempt=number - 1), at, number, "greedy", 5.0)


async def good(task: Task) -> Outcome:
    return GOOD


async def endless(task: Task) -> Outcome:
    await anyio.sleep_forever()
    raise AssertionError


async def test_an_attempt_is_carried_out_beside_the_runner_and_told() -> None:
    worker, shop = Worker(good), pool()
    async with bench_of(lambda _: worker) as bench:
        attempts = [attempt(shop), attempt(shop, 2)]
        bench.workers.start(attempts)
        assert sorted(await bench.results(2), key=lambda r: r[0].number) == [
            (attempts[0], GOOD),
            (attempts[1], GOOD),
        ]
    assert [task.attempt for task in worker.tasks] == [1, 2]
    assert {task.status for task in worker.tasks} == {TaskStatus.PROCESSING}
    assert threading.current_thread().name not in worker.threads
    assert worker.closed_with == [0]


async def raises(task: Task) -> Outcome:
    raise LookupError("no such model")


async def leaves(task: Task) -> Outcome:
    raise SystemExit(3)


async def gives_up(task: Task) -> Outcome:
    raise asyncio.CancelledError


async def talks(task: Task) -> Any:
    return "done"


async def is_free(task: Task) -> Outcome:
    return Outcome(float("nan"), True, 0.0)


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (raises, "raised LookupError: no such model"),
        (leaves, "raised SystemExit: 3"),
        (gives_up, "raised CancelledError"),
        (talks, "returned 'done'"),
        (is_free, r"returned Outcome\(latency=nan"),
    ],
)
async def test_a_worker_that_breaks_its_contract_is_blamed_and_the_next_one_runs(
    work: Work, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker(work)
    async with bench_of(lambda _: worker) as bench:
        bench.workers.start([attempt(pool())])
        [(_, outcome)] = await bench.results(1)
        assert (outcome.success, outcome.error) == (False, ErrorKind.TRANSIENT)
        assert outcome.detail is not None
        assert outcome.detail.startswith("TRX-P137: the worker 'test' of pool 'shop'")
        worker._work = good
        bench.workers.start([attempt(pool())])
        assert (await bench.results(2))[1][1] == GOOD
    assert any(re.search(words, message) for message in caplog.messages)


async def test_what_nobody_wants_any_more_is_cancelled_and_tells_nothing() -> None:
    worker, shop = Worker(endless), pool()
    async with bench_of(lambda _: worker) as bench:
        unwanted, other = attempt(shop), attempt(shop)
        bench.workers.start([unwanted, other])
        await until(lambda: worker.running == 2)
        bench.workers.abandon([unwanted])
        await until(lambda: worker.running == 1)
        worker._work = good
        bench.workers.start([attempt(shop)])
        assert [outcome for _, outcome in await bench.results(1)] == [GOOD]
    assert worker.cancelled == 2, "what still ran when it stopped was cancelled, too"
    assert len(bench.told) == 1


async def test_an_attempt_that_is_abandoned_before_it_began_never_begins() -> None:
    worker, shop = Worker(endless), pool()
    async with bench_of(lambda _: worker) as bench:
        unwanted = attempt(shop)
        bench.workers.start([unwanted])
        bench.workers.abandon([unwanted])
        worker._work = good
        bench.workers.start([attempt(shop)])
        await bench.results(1)
    assert worker.running == 0
    assert worker.closed_with == [0]


async def test_a_pool_that_changes_gets_a_new_worker_and_the_old_one_ends_in_peace() -> None:
    gate = threading.Event()

    async def patient(task: Task) -> Outcome:
        while not gate.is_set():
            await anyio.sleep(0.01)
        return GOOD

    made = [Worker(patient), Worker(good)]
    left = list(made)
    async with bench_of(lambda _: left.pop(0)) as bench:
        small, large = pool(1), pool(9)
        bench.workers.prepare(small)
        bench.workers.prepare(small)
        first = attempt(small)
        bench.workers.start([first])
        await until(lambda: made[0].running == 1)
        bench.workers.prepare(large)
        bench.workers.start([attempt(large)])
        await bench.results(1)
        assert not made[0].closed_with
        gate.set()
        assert (await bench.results(2))[1] == (first, GOOD)
        await until(lambda: made[0].closed_with == [0])
        assert not made[1].closed_with
    assert made[1].closed_with == [0]


async def test_a_worker_that_cannot_be_made_fails_its_attempts() -> None:
    def build(_: WorkerPool) -> Worker:
        raise OperatorError("no key.", code="TRX-O120")

    async with bench_of(build) as bench:
        bench.workers.start([attempt(pool())])
        [(_, outcome)] = await bench.results(1)
    assert (outcome.error, outcome.detail) == (ErrorKind.TRANSIENT, "TRX-O120: no key.")


async def test_a_worker_that_blocks_does_not_stop_the_runner_and_is_reported(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker_thread, "BLOCKED_AFTER", 0.2)
    monkeypatch.setattr("trx_server.runner.real_workers.WATCH_EVERY", 0.05)
    caplog.set_level(logging.INFO)
    gate = threading.Event()

    async def blocking(task: Task) -> Outcome:
        while not gate.is_set():
            time.sleep(0.01)
        return GOOD

    async with bench_of(lambda _: Worker(blocking)) as bench:
        bench.workers.start([attempt(pool())])
        await until(lambda: "blocks the event loop" in caplog.text)
        gate.set()
        await bench.results(1)
        await until(lambda: "moves again" in caplog.text)
    assert caplog.text.count("blocks the event loop") == 1


async def test_a_worker_that_does_not_end_is_left_behind(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker_thread, "STOP_WITHIN", 0.2)
    gate = threading.Event()

    async def stubborn(task: Task) -> Outcome:
        gate.wait()
        return GOOD

    worker = Worker(stubborn)
    async with bench_of(lambda _: worker) as bench:
        bench.workers.start([attempt(pool())])
        await until(lambda: worker.running == 1)
    assert "left behind" in caplog.text
    gate.set()
    await until(lambda: not any(t.name == "trx-real-workers" for t in threading.enumerate()))
