"""The virtual-time engine: carries out a kernel's effects on a heap of instants."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final
from uuid import UUID

from trx_core.clock import VirtualClock
from trx_core.engine import (
    Conductor,
    Decider,
    NamedAlgorithm,
    Simulators,
    Variations,
    dispatched,
    enqueued,
    settled,
)
from trx_core.kernel import (
    Arrived,
    BreakerChanged,
    Claim,
    Claimed,
    Decide,
    Drop,
    Event,
    Finished,
    Kernel,
    KernelConfig,
    PoolChanged,
    Reject,
    Release,
    Reserve,
    Reserved,
    Settle,
    Start,
    Tick,
    WakeAt,
)
from trx_core.models import (
    Attempt,
    Disruption,
    Fleet,
    LogEntry,
    Outcome,
    Task,
    disrupted,
    turning_points,
)
from trx_core.policy import Verdict
from trx_core.protocols import Clairvoyant
from trx_core.queues import LaneStore
from trx_workers.lab.left import all_stuck, reasons_of

__all__ = ["Lab"]

_PATIENCE: Final = 3600.0
_PATIENCE_WITH_CHANGE: Final = 25 * _PATIENCE
_Ending = tuple[float, int, Attempt, Outcome]


class Lab:
    """One run of one algorithm on one fleet.

    Tasks arrive as the iterable yields them; the lab draws one only when its time has come, so that
    a long trace is never in memory as a whole. At one instant arrivals go before endings, and
    everything that ends at one instant is told to the kernel at once, unless asked otherwise. An
    algorithm that asks for foresight is given it.

    Args:
        fleet: the pools.
        algorithm: who decides.
        simulators: sample what the workers do.
        config: the kernel's parameters.
        seed: of the jitter between attempts.
        on_entries: gets the schedule log, batch by batch, in the order in which things happen.
        endings_at_once: whether what ends at one instant is told at once; otherwise one by one,
            with a round after each, as simulators do that go from event to event.
        disruptions: what befalls the pools, in seconds of virtual time.
    """

    def __init__(
        self,
        fleet: Fleet,
        algorithm: NamedAlgorithm,
        simulators: Simulators,
        config: KernelConfig,
        *,
        seed: int = 0,
        on_entries: Callable[[list[LogEntry]], None],
        endings_at_once: bool = True,
        disruptions: Sequence[Disruption] = (),
    ) -> None:
        self.decider = Decider(algorithm)
        self.clock = VirtualClock()
        self._fleet = fleet
        self._simulators = simulators
        self._log = on_entries
        self._endings_at_once = endings_at_once
        self._kernel = Kernel(config, seed=seed)
        self._conductor = Conductor(
            self._kernel,
            self.clock,
            {
                Decide: self._decide,
                Reject: self.decider.rejected,
                Reserve: self._reserve,
                Claim: self._claim,
                Start: self._start,
                Release: _granted_for_ever,
                Settle: self._settle,
                Drop: self._drop,
                BreakerChanged: _granted_for_ever,
                WakeAt: self._wake_at,
            },
        )
        self._tell: Callable[[Event], None] = self._conductor.tell
        self._queue = LaneStore()
        self._receipts: dict[UUID, str] = {}
        self._endings: list[_Ending] = []
        self._sequence = count()
        self._alarm = float("inf")
        simulators.prepare(fleet.pools)
        if isinstance(algorithm.algorithm, Clairvoyant):
            algorithm.algorithm.foresee(simulators.foretell)
        self._described = self._fleet = fleet
        self._disruptions = disruptions
        self._turns = deque(turning_points(disruptions))
        self._variations = Variations(simulators.of)
        self._tell(PoolChanged(fleet.pools, fleet.distance))

    def run(self, tasks: Iterable[Task]) -> int:
        """Run until every task has ended or can never start.

        A run in which an hour passes with nothing but waiting ends, too: a task that a pool may
        take is held, for whatever reason the algorithm has. Where pools change over time it is 25
        hours, since many change by the hour of the day.

        Args:
            tasks: in the order of ``enqueued_at``.

        Returns:
            How many tasks are left that no pool would take.

        Raises:
            PluginError: a simulator broke its contract.
        """
        arrivals = _Arrivals(iter(tasks))
        patience = self._begin(arrivals)
        since, calm = self.clock.now(), False
        while (now := self._next(arrivals)) < float("inf"):
            if min(arrivals.next_at, self._next_work(), self._next_turn()) < float("inf"):
                since, calm = now, False
            elif now - since > patience:
                break
            elif not calm:
                calm = True
                if all_stuck(self._kernel.waiting.values(), self._fleet):
                    break
            self._advance(now, arrivals)
        return self.left.total()

    @property
    def left(self) -> Counter[str]:
        """Tasks that have not ended, by the reason why they have not started."""
        behind = self._queue.depth().lag
        return reasons_of(self._kernel.waiting.values(), self._fleet, behind)

    def _begin(self, arrivals: _Arrivals) -> float:
        """Look how the pools are when the first task arrives; seconds of patience."""
        if arrivals.next_at == float("inf"):
            return _PATIENCE
        now = max(arrivals.next_at, self.clock.now())
        self.clock.advance(now)
        pools = self._variations.adopt(self._fleet.pools, {}, now)
        if self._variations.due == float("inf"):
            return _PATIENCE
        self._tell(PoolChanged(pools, self._fleet.distance))
        return _PATIENCE_WITH_CHANGE

    def _next(self, arrivals: _Arrivals) -> float:
        coming = min(arrivals.next_at, self._next_work(), self._alarm)
        if coming == float("inf") and not self._receipts:
            return coming
        return min(coming, self._variations.due, self._next_turn())

    def _next_work(self) -> float:
        due = self._queue.next_due()
        ending = self._endings[0][0] if self._endings else float("inf")
        return ending if due is None else min(due, ending)

    def _next_turn(self) -> float:
        return self._turns[0] if self._turns else float("inf")

    def _disrupt(self, now: float) -> None:
        """Have the pools as they are from ``now`` on."""
        while self._next_turn() <= now:
            self._turns.popleft()
        self._fleet = disrupted(self._described, self._disruptions, now)
        self._simulators.prepare(self._fleet.pools)
        pools = self._variations.adopt(self._fleet.pools, self._kernel.load, now)
        self._tell(PoolChanged(pools, self._fleet.distance))

    def _advance(self, now: float, arrivals: _Arrivals) -> None:
        """Everything that happens at one instant."""
        self.clock.advance(now)
        if self._next_turn() <= now:
            self._disrupt(now)
        if self._variations.due <= now:
            self._vary(now)
        accepted = arrivals.take(now)
        if accepted:
            self._queue.push(accepted)
            self._log([enqueued(task) for task in accepted])
        self._queue.promote(now)
        self._fill_window()
        ended: list[tuple[Attempt, Outcome]] = []
        while self._endings and self._endings[0][0] <= now:
            _, _, attempt, outcome = heappop(self._endings)
            ended.append((attempt, outcome))
        for batch in [ended] if self._endings_at_once else [[one] for one in ended]:
            if batch:
                self._tell(Finished(batch))
                self._fill_window()
        if self._alarm <= now:
            self._alarm = float("inf")
            self._tell(Tick())
            self._fill_window()

    def _vary(self, now: float) -> None:
        pools = self._variations.advance(self._kernel.load, now)
        if pools is not None:
            self._tell(PoolChanged(pools, self._fleet.distance))

    def _fill_window(self) -> None:
        while room := self._kernel.room:
            deliveries = self._queue.take(room, self.decider.chosen.order)
            if not deliveries:
                return
            tasks = [delivery.task for delivery in deliveries if delivery.task is not None]
            self._receipts.update((d.task.id, d.receipt) for d in deliveries if d.task is not None)
            self._tell(Arrived(tasks))

    # How effects are carried out: at once.

    def _decide(self, effect: Decide) -> None:
        self._tell(self.decider.decide(effect))

    def _reserve(self, effect: Reserve) -> None:
        self._tell(Reserved(effect.round, effect.slots, {}))

    def _claim(self, effect: Claim) -> None:
        self._tell(Claimed(effect.round, {attempt.task.id for attempt in effect.attempts}))

    def _start(self, effect: Start) -> None:
        now = self.clock.now()
        self._log([dispatched(attempt) for attempt in effect.attempts])
        for attempt in effect.attempts:
            outcome = self._simulators.start(attempt, now)
            ending = (now + outcome.latency, next(self._sequence), attempt, outcome)
            heappush(self._endings, ending)

    def _settle(self, effect: Settle) -> None:
        self.decider.settled(effect)
        self._log([settled(settlement) for settlement in effect.settlements])
        self._queue.ack([self._receipts.pop(s.attempt.task.id) for s in effect.settlements])
        again = [s for s in effect.settlements if s.verdict is Verdict.RETRY]
        if again:
            self._queue.push(
                [s.attempt.failed_task() for s in again],
                [s.due for s in again if s.due is not None],
            )

    def _drop(self, effect: Drop) -> None:
        self._queue.ack([self._receipts.pop(key) for key in effect.ids])

    def _wake_at(self, effect: WakeAt) -> None:
        self._alarm = min(self._alarm, effect.at)


class _Arrivals:
    """Tasks drawn one ahead of time."""

    def __init__(self, tasks: Iterator[Task]) -> None:
        self._tasks = tasks
        self._head = next(tasks, None)

    @property
    def next_at(self) -> float:
        return float("inf") if self._head is None else self._head.enqueued_at

    def take(self, now: float) -> list[Task]:
        """Everything that has arrived by ``now``."""
        taken = []
        while self._head is not None and self._head.enqueued_at <= now:
            taken.append(self._head)
            self._head = next(self._tasks, None)
        return taken


def _granted_for_ever(effect: Any) -> None:
    """One kernel alone keeps count of slots and breakers by itself."""
