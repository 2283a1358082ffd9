"""The Python worker: what it calls, and what comes of it."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest

from trx_core import PermanentError, TransientError
from trx_core.models import ErrorKind, Outcome, Task, WorkerPool
from trx_workers.python import PythonWorker

POOL = WorkerPool.model_validate(
    {
        "name": "here",
        "region": "eu",
        "resource_type": "cpu",
        "cost_per_unit": 2.0,
        "capacity": 4,
        "worker": {"kind": "python"},
    }
)


class Job:
    """Callable, asynchronously."""

    async def __call__(self, task: Task, pool: WorkerPool) -> float:
        return 0.25


async def done(task: Task, pool: WorkerPool) -> None:
    assert (task.type, pool.name) == ("job", "here")


async def whole(task: Task, pool: WorkerPool) -> Outcome:
    return Outcome(9.0, False, 1.0, ErrorKind.PERMANENT, "no")


async def hopeless(task: Task, pool: WorkerPool) -> None:
    raise PermanentError("no such\npicture")


async def busy(task: Task, pool: WorkerPool) -> None:
    raise TransientError("busy", retry_after=5.0)


async def broken(task: Task, pool: WorkerPool) -> None:
    raise KeyError("size")


async def late(task: Task, pool: WorkerPool) -> None:
    raise TimeoutError


async def endless(task: Task, pool: WorkerPool) -> None:
    await asyncio.sleep(3600)


def blocking(task: Task, pool: WorkerPool) -> None:
    """Not asynchronous."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("acme_jobs")
    module.__dict__.update(
        {
            **{f.__name__: f for f in (done, whole, hopeless, busy, broken, late, endless)},
            "blocking": blocking,
            "job": Job(),
            "Group": type("Group", (), {"done": staticmethod(done)}),
            "bound": partial(done),
            "number": 5,
        }
    )
    monkeypatch.setitem(sys.modules, "acme_jobs", module)


async def run(name: str, **params: Any) -> Outcome:
    worker = PythonWorker(call=f"acme_jobs:{name}", **params)
    return await worker.execute(Task(uuid4(), "job", cost=3.0), POOL)


@pytest.mark.parametrize(
    ("name", "cost"), [("done", 6.0), ("bound", 6.0), ("Group.done", 6.0), ("job", 0.25)]
)
async def test_a_function_that_returns_is_success(name: str, cost: float) -> None:
    outcome = await run(name)
    assert outcome == Outcome(outcome.latency, True, cost)


async def test_a_whole_outcome_is_taken_as_it_is() -> None:
    assert await run("whole") == Outcome(9.0, False, 1.0, ErrorKind.PERMANENT, "no")


@pytest.mark.parametrize(
    ("name", "error", "detail", "retry_after"),
    [
        ("hopeless", ErrorKind.PERMANENT, "PermanentError: no such picture", None),
        ("busy", ErrorKind.TRANSIENT, "TransientError: busy", 5.0),
        ("broken", ErrorKind.TRANSIENT, "KeyError: 'size'", None),
        ("late", ErrorKind.TRANSIENT, "TimeoutError", None),
    ],
)
async def test_an_exception_is_a_failure(
    name: str, error: ErrorKind, detail: str, retry_after: float | None
) -> None:
    outcome = await run(name)
    assert outcome[1:] == (False, 0.0, error, detail, retry_after)


async def test_what_takes_too_long_is_cancelled() -> None:
    outcome = await run("endless", timeout=0.05)
    assert (outcome.error, outcome.detail) == (ErrorKind.TIMEOUT, "not done within 0.05 s")
    assert outcome.latency >= 0.05


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("no_such_module:f", "'no_such_module' cannot be imported: ModuleNotFoundError"),
        ("acme_jobs:missing", "'acme_jobs' has no 'missing'"),
        ("acme_jobs:blocking", "'acme_jobs:blocking' is not an asynchronous function"),
        ("acme_jobs:number", "'acme_jobs:number' is not an asynchronous function"),
        ("acme_jobs", "call: "),
        ("acme_jobs:", "call: "),
    ],
)
def test_what_cannot_be_called_is_named_at_once(call: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        PythonWorker(call=call)
