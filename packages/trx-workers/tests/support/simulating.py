"""Tasks, pools and many attempts, for tests of simulators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from trx_core.models import Outcome, Task, WorkerPool
from trx_core.protocols import WorkerSimulator
from trx_core.randomness import KeyedRandom

__all__ = ["NOON", "attempts", "pool", "task"]

NOON = 1_700_000_000.0 // 86_400 * 86_400 + 43_200
"""Seconds: noon of some day, UTC."""


def pool(name: str = "p", **fields: Any) -> WorkerPool:
    """A pool of 10 slots at 0.5 a unit, in eu-west."""
    usual = {"region": "eu-west", "resource_type": "cpu", "cost_per_unit": 0.5, "capacity": 10}
    return WorkerPool.model_validate({"name": name, "worker": {"kind": "any"}, **usual, **fields})


def task(number: int = 7, **fields: Any) -> Task:
    """A task of type web and cost 1."""
    return Task(**{"id": UUID(int=number), "type": "web", **fields})


def attempts(
    worker: WorkerSimulator,
    count: int,
    /,
    at: float = NOON,
    step: float = 0.0,
    on: WorkerPool | None = None,
    of: Task | None = None,
) -> Sequence[Outcome]:
    """Outcomes of attempts that start at ``at`` and every ``step`` seconds from then on."""
    rng, where, what = KeyedRandom(3), on or pool(), of or task()
    return [worker.sample(what, where, at + n * step, rng.at(n)) for n in range(count)]
