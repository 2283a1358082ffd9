"""Whatever an engine answers, no task is lost, none ends twice and no pool is over-filled."""

from __future__ import annotations

from collections import Counter, deque
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_bench import BAD, GOOD, HOPELESS, pool, task

from trx_core.ids import IdFactory
from trx_core.kernel import (
    Aborted,
    Arrived,
    Claim,
    Claimed,
    Decide,
    Decided,
    Drop,
    Effect,
    Event,
    Finished,
    Kernel,
    KernelConfig,
    PoolChanged,
    Release,
    Reserve,
    Reserved,
    Settle,
    Start,
    Tick,
    WakeAt,
)
from trx_core.models import Attempt, Task
from trx_core.policy import BreakerPolicy, RetryPolicy, Verdict
from trx_core.randomness import KeyedRandom
from trx_core.routing import Decision, first_come_first_served

POOLS = [pool("a", 3), pool("b", 2), pool("c", 1, resource_type="gpu")]
CONFIG = KernelConfig(
    window=10,
    min_interval=0.25,
    retry=RetryPolicy(max_attempts=3, base=0.5),
    breaker=BreakerPolicy(failures=2, cooldown=1.0),
)


class Erratic:
    """An engine that answers every effect as it is told to by ``draw``."""

    def __init__(self, draw: st.DataObject) -> None:
        self.draw = draw
        self.kernel = Kernel(CONFIG)
        self.now = 0.0
        self.inbox: deque[Event] = deque([PoolChanged(POOLS, {})])
        self.ledger: Counter[UUID] = Counter()
        self.due: list[tuple[float, Task]] = []
        self.alarms: list[float] = []
        self.running: dict[UUID, Attempt] = {}
        self.ended: Counter[UUID] = Counter()
        self.carry_out = {
            Decide: self.decide,
            Reserve: self.reserve,
            Claim: self.claim,
            Start: self.start,
            Release: self.release,
            Settle: self.settle,
            Drop: self.drop,
            WakeAt: lambda effect: self.alarms.append(effect.at),
        }

    def coin(self) -> bool:
        return self.draw.draw(st.booleans())

    def step(self, queued: deque[Task]) -> None:
        while self.inbox:
            for effect in self.kernel.handle(self.inbox.popleft(), self.now):
                self.carry(effect)
        ready = [t for at, t in self.due if at <= self.now]
        self.due = [(at, t) for at, t in self.due if at > self.now]
        queued.extend(ready)
        take = min(self.kernel.room, len(queued), self.draw.draw(st.integers(0, 6)))
        self.inbox.append(Arrived([queued.popleft() for _ in range(take)]))
        if self.running and self.coin():
            key = self.draw.draw(st.sampled_from(sorted(self.running)))
            outcome = self.draw.draw(st.sampled_from([GOOD, BAD, HOPELESS]))
            event = Finished([(self.running.pop(key), outcome)])
            self.inbox.extend([event, event] if self.coin() else [event])
        self.now += 0.25
        if any(at <= self.now for at in self.alarms):
            self.alarms = [at for at in self.alarms if at > self.now]
            self.inbox.append(Tick())

    def carry(self, effect: Effect) -> None:
        handler = self.carry_out.get(type(effect))
        if handler is not None:
            handler(effect)  # type: ignore[operator]

    def decide(self, effect: Decide) -> None:
        decision = first_come_first_served(effect.problem)
        if self.coin():
            decision = Decision([0] * len(effect.problem.tasks))
        self.inbox.append(Decided(effect.round, decision, "erratic"))

    def reserve(self, effect: Reserve) -> None:
        if self.draw.draw(st.integers(0, 5)) == 0:
            self.inbox.append(Aborted(effect.round, self.now + 1.0))
            return
        granted = {key: self.draw.draw(st.integers(0, n)) for key, n in effect.slots.items()}
        self.ledger.update(granted)
        for each in POOLS:
            assert self.ledger[each.id] <= each.capacity
        self.inbox.append(Reserved(effect.round, granted, {}))

    def claim(self, effect: Claim) -> None:
        if self.draw.draw(st.integers(0, 5)) == 0:
            self.inbox.append(Aborted(effect.round, self.now + 1.0))
            return
        accepted = {a.task.id for a in effect.attempts if self.draw.draw(st.integers(0, 4))}
        self.inbox.append(Claimed(effect.round, accepted))

    def start(self, effect: Start) -> None:
        for attempt in effect.attempts:
            assert attempt.task.id not in self.running
            self.running[attempt.task.id] = attempt

    def release(self, effect: Release) -> None:
        self.ledger.subtract(effect.slots)
        assert all(count >= 0 for count in self.ledger.values())

    def settle(self, effect: Settle) -> None:
        for settlement in effect.settlements:
            if settlement.verdict is Verdict.RETRY:
                assert settlement.due is not None
                self.due.append((settlement.due, settlement.attempt.failed_task()))
            else:
                self.ended[settlement.attempt.task.id] += 1

    def drop(self, effect: Drop) -> None:
        self.ended.update(effect.ids)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 12))
def test_every_task_ends_once(data: st.DataObject, count: int) -> None:
    kinds = [None, "cpu", "gpu"]
    ids = IdFactory(KeyedRandom(1))
    tasks = [
        task(ids=ids, slots=1 + n % 2, resource_type=kinds[n % 3] if n % 2 == 0 else None)
        for n in range(count)
    ]
    engine, queued = Erratic(data), deque(tasks)
    for _ in range(400):
        engine.step(queued)
        if engine.ended.total() == count and not engine.running:
            break
    while engine.inbox:
        for effect in engine.kernel.handle(engine.inbox.popleft(), engine.now):
            engine.carry(effect)
    alive = {t.id for t in queued} | {t.id for _, t in engine.due} | set(engine.running)
    missing = {t.id for t in tasks} - set(engine.ended) - alive
    assert len(missing) == CONFIG.window - engine.kernel.room, "what is not elsewhere is held"
    assert all(times == 1 for times in engine.ended.values())
    if not alive and not missing:
        assert engine.kernel.idle
        assert not +engine.ledger
