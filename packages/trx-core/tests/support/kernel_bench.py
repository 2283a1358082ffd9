"""An engine of a few lines that drives a kernel step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from trx_core.ids import IdFactory
from trx_core.kernel import (
    Arrived,
    Claim,
    Claimed,
    Decide,
    Decided,
    Effect,
    Event,
    Kernel,
    KernelConfig,
    PoolChanged,
    Reserve,
    Reserved,
)
from trx_core.models import Attempt, ErrorKind, Fleet, Outcome, Task, WorkerPool
from trx_core.randomness import KeyedRandom
from trx_core.routing import Decision, first_come_first_served

E = TypeVar("E")

GOOD = Outcome(1.0, True, 1.0)
BAD = Outcome(1.0, False, 1.0, ErrorKind.TRANSIENT)
HOPELESS = Outcome(1.0, False, 1.0, ErrorKind.PERMANENT)

_IDS = IdFactory(KeyedRandom(7))


def pool(name: str, capacity: int = 1, **more: Any) -> WorkerPool:
    fields = {"region": "eu", "resource_type": "cpu", "cost_per_unit": 1.0} | more
    return WorkerPool.model_validate(
        {"name": name, "capacity": capacity, "worker": {"kind": "test"}} | fields
    )


def fleet(*pools: WorkerPool) -> Fleet:
    return Fleet(pools=pools)


def task(at: float = 0.0, *, ids: IdFactory = _IDS, **more: Any) -> Task:
    return Task(ids.one(at), more.pop("type", "job"), enqueued_at=at, **more)


def only(effects: Sequence[Effect], kind: type[E]) -> E:
    """The one effect of that kind."""
    found = [effect for effect in effects if isinstance(effect, kind)]
    assert len(found) == 1, effects
    return found[0]


def none_of(effects: Sequence[Effect], kind: type[Any]) -> bool:
    return not any(isinstance(effect, kind) for effect in effects)


class Bench:
    """A kernel, a fleet, and the time of the last event."""

    def __init__(self, *pools: WorkerPool, **config: Any) -> None:
        self.kernel = Kernel(KernelConfig(**({"min_interval": 0.0} | config)))
        self.now = 0.0
        self.tell(PoolChanged(pools, {}))

    def tell(self, event: Event, at: float | None = None) -> list[Effect]:
        self.now = self.now if at is None else at
        return self.kernel.handle(event, self.now)

    def arrive(self, *tasks: Task, at: float | None = None) -> list[Effect]:
        return self.tell(Arrived(tasks), at)

    def decide(self, effect: Decide, decision: Decision | None = None) -> list[Effect]:
        answer = decision or first_come_first_served(effect.problem)
        return self.tell(Decided(effect.round, answer, "test"))

    def grant(self, effect: Reserve) -> list[Effect]:
        return self.tell(Reserved(effect.round, effect.slots, {}))

    def accept(self, effect: Claim, refused: frozenset[UUID] = frozenset()) -> list[Effect]:
        accepted = {a.task.id for a in effect.attempts} - refused
        return self.tell(Claimed(effect.round, accepted))

    def carry_through(self, effects: Sequence[Effect]) -> list[Effect]:
        """Answer Decide, Reserve and Claim as a willing engine would; what came of the claim."""
        reserve = only(self.decide(only(effects, Decide)), Reserve)
        return self.accept(only(self.grant(reserve), Claim))

    def running(self) -> list[Attempt]:
        return list(self.kernel.running.values())
