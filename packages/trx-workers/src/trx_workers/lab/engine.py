"""The virtual-time engine: carries out a kernel's effects on a heap of instants."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush
from math import inf
from typing import Final

from trx_core.clock import VirtualClock
from trx_core.engine import (
    Blame,
    Decider,
    DecisionWatcher,
    Deed,
    NamedAlgorithm,
    Simulators,
    Variations,
    telling_interrupts_apart,
)
from trx_core.errors import message_of
from trx_core.kernel import (
    Decided,
    Event,
    KernelConfig,
    PoolChanged,
    PromptKernel,
    Settle,
    Tick,
)
from trx_core.models import (
    Attempt,
    Disruption,
    Fleet,
    Outcome,
    Task,
    WorkerPool,
    disrupted,
    turning_points,
)
from trx_core.protocols import Clairvoyant
from trx_core.queues import LaneStore
from trx_core.routing import Best, ContractViolation, Decision, RoutingProblem, in_turn
from trx_workers.lab.arrivals import Arrivals
from trx_workers.lab.left import all_stuck, reasons_of
from trx_workers.lab.reasons import Reasons

__all__ = ["BUDGET", "Lab"]

BUDGET: Final = 30.0
"""Seconds for a round unless told otherwise: a hundred times the service's, so that how fast a
machine is does not show in a log as long as nothing hangs."""

_BATCH: Final = 8192
_PATIENCE: Final = 3600.0
_PATIENCE_WITH_CHANGE: Final = 25 * _PATIENCE
_Ending = tuple[float, int, Attempt, Outcome]


class Lab:
    """One run of one algorithm on one fleet.

    Tasks arrive as the iterable yields them; the lab draws two thousand ahead, so that a long
    trace is never in memory as a whole. At one instant arrivals go before endings, and
    everything that ends at one instant is told to the kernel at once, unless asked otherwise. An
    algorithm that asks for foresight is given it.

    Args:
        fleet: the pools.
        algorithm: who decides.
        simulators: sample what the workers do.
        config: the kernel's parameters.
        seed: of the jitter between attempts.
        on_deeds: gets what happens, batch by batch, in the order in which it does.
        endings_at_once: whether what ends at one instant is told at once; otherwise one by one,
            with a round after each, as simulators do that go from event to event.
        disruptions: what befalls the pools, in seconds of virtual time.
        watcher: is told of every decision.
        budget: wall-clock seconds that a round may take.
        on_decision: gets every problem, and what was answered, before the kernel has checked it.
    """

    def __init__(
        self,
        fleet: Fleet,
        algorithm: NamedAlgorithm,
        simulators: Simulators,
        config: KernelConfig,
        *,
        seed: int = 0,
        on_deeds: Callable[[list[Deed]], None],
        endings_at_once: bool = True,
        disruptions: Sequence[Disruption] = (),
        watcher: DecisionWatcher | None = None,
        budget: float = BUDGET,
        on_decision: Callable[[RoutingProblem, Decision], None] | None = None,
    ) -> None:
        self.decider = Decider(algorithm, watcher=watcher, budget=budget)
        self.reasons = Reasons()
        self._on_decision = on_decision
        self.clock = VirtualClock()
        self._fleet = fleet
        self._simulators = simulators
        self._on_deeds = on_deeds
        self._journal: list[Deed] = []
        self._endings_at_once = endings_at_once
        in_line = not algorithm.learns and on_decision is None
        turn = in_turn(algorithm.algorithm) if in_line else None
        urgency = None if turn is None else turn[0]
        self._best: Best | None = None if turn is None else turn[1]
        self._kernel = PromptKernel(config, seed=seed, urgency=urgency)
        self._queue = LaneStore()
        self._endings: list[_Ending] = []
        self._sequence = 0
        simulators.prepare(fleet.pools)
        if isinstance(algorithm.algorithm, Clairvoyant):
            algorithm.algorithm.foresee(self._foretell)
        self._described = fleet
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
        with telling_interrupts_apart(), self.decider.budget.watched():
            self._run(Arrivals(tasks, self._simulators.expect))
        return self.left.total()

    def _run(self, arrivals: Arrivals) -> None:
        queue, kernel, endings = self._queue, self._kernel, self._endings
        variations, patience = self._variations, self._begin(arrivals)
        journal, turns, clock = self._journal, self._turns, self.clock
        since, calm = clock.at, False
        while True:
            work = arrivals.next_at
            if endings and endings[0][0] < work:
                work = endings[0][0]
            if queue.next_due < work:
                work = queue.next_due
            turn = turns[0] if turns else inf
            if work < kernel.alarm and work < variations.due and work < turn:
                clock.at = since = now = work
                calm = False
            else:
                now = work if work < kernel.alarm else kernel.alarm
                if now < inf or kernel.undecided:
                    now = min(now, variations.due, turn)
                if now == inf:
                    break
                if work < inf or turn < inf:
                    since, calm = now, False
                elif now - since > patience:
                    break
                elif not calm:
                    calm = True
                    if all_stuck(kernel.waiting.values(), self._fleet):
                        break
                clock.at = now
                if turn <= now:
                    self._disrupt(now)
                if variations.due <= now:
                    self._vary(now)
            if arrivals.next_at <= now:
                self._accept(arrivals.take(now), now)
            if queue.next_due <= now:
                queue.promote(now)
                self._fill_window(now)
            if endings and endings[0][0] <= now:
                self._end(now)
            if kernel.alarm <= now:
                kernel.alarm = inf
                self._tell(Tick())
            if len(journal) >= _BATCH:
                self._flush()
        self._flush()

    @property
    def left(self) -> Counter[str]:
        """Tasks that have not ended, by the reason why they have not started."""
        return reasons_of(self._kernel.waiting.values(), self._fleet, self._queue.lag)

    def _foretell(self, task: Task, pool: WorkerPool, now: float) -> Outcome:
        """As :meth:`~trx_core.engine.Simulators.foretell` does, of the pool that is shown so."""
        return self._simulators.foretell(task, self._kernel.books.of(pool).pool, now)

    def _begin(self, arrivals: Arrivals) -> float:
        """Look how the pools are when the first task arrives; seconds of patience."""
        if arrivals.next_at == inf:
            return _PATIENCE
        now = max(arrivals.next_at, self.clock.at)
        self.clock.advance(now)
        pools = self._variations.adopt(self._fleet.pools, {}, now)
        if self._variations.due == inf:
            return _PATIENCE
        self._tell(PoolChanged(pools, self._fleet.distance))
        return _PATIENCE_WITH_CHANGE

    def _disrupt(self, now: float) -> None:
        """Have the pools as they are from ``now`` on."""
        while self._turns and self._turns[0] <= now:
            self._turns.popleft()
        self._fleet = disrupted(self._described, self._disruptions, now)
        self._simulators.prepare(self._fleet.pools)
        pools = self._variations.adopt(self._fleet.pools, self._kernel.load, now)
        self._tell(PoolChanged(pools, self._fleet.distance))

    def _vary(self, now: float) -> None:
        pools = self._variations.advance(self._kernel.load, now)
        if pools is not None:
            self._tell(PoolChanged(pools, self._fleet.distance))

    def _flush(self) -> None:
        deeds = self._journal.copy()
        self._journal.clear()
        self._on_deeds(deeds)

    def _accept(self, tasks: list[Task], now: float) -> None:
        queue, kernel = self._queue, self._kernel
        self._journal += tasks
        if queue.next_due > now and not queue.lag and len(tasks) < kernel.room:
            if queue.owing:
                queue.settle()
            kernel.take_in(tasks, now)
            self._decide(now)
        else:
            queue.push(tasks)
            queue.promote(now)
            self._fill_window(now)

    def _fill_window(self, now: float) -> None:
        queue = self._queue
        while (queue.lag or queue.owing) and (room := self._kernel.room):
            if not queue.lag:
                queue.settle()
                return
            tasks = queue.draw(room, self.decider.chosen.order)
            self._kernel.take_in(tasks, now)
            self._decide(now)

    def _end(self, now: float) -> None:
        endings, queue = self._endings, self._queue
        ended = [heappop(endings)[2:]]
        while endings and endings[0][0] <= now:
            ended.append(heappop(endings)[2:])
        for batch in (ended,) if self._endings_at_once else [[one] for one in ended]:
            settlements = self._kernel.close(batch, now)
            self._journal += settlements
            if self.decider.chosen.learns:
                self.decider.settled(Settle(settlements))
            for one in settlements:
                if one[4] is not None:
                    queue.push([one.attempt.failed_task()], [one[4]])
            self._decide(now)
            if queue.lag or queue.owing:
                self._fill_window(now)

    def _tell(self, event: Event) -> None:
        now = self.clock.at
        self._kernel.handle(event, now)
        self._decide(now)
        self._fill_window(now)

    def _decide(self, now: float) -> None:
        """Carry out every round that is due."""
        kernel, decider, best = self._kernel, self.decider, self._best
        books, line = kernel.books, kernel.line
        endings, start = self._endings, self._simulators.start
        while number := kernel.begin(now):
            if best is None or line is None or books.tripped:
                attempts = self._carry_out(self._whole())
            else:
                placed = decider.place(best, number, now, line.tasks, books.seats, books.vacant)
                try:
                    if placed is None:
                        attempts = self._make_up(None)
                    else:
                        attempts = kernel.seat(placed, decider.chosen.name, now)
                except ContractViolation as violation:
                    attempts = self._make_up(violation)
            self._journal += attempts
            for attempt in attempts:
                outcome = start(attempt, now)
                self._sequence = sequence = self._sequence + 1
                heappush(endings, (now + outcome[0], sequence, attempt, outcome))

    def _make_up(self, violation: ContractViolation | None) -> list[Attempt]:
        """The attempts that start where a round that was decided task by task went wrong; a
        violation has not been blamed yet."""
        kernel, decider = self._kernel, self.decider
        kernel.books.show_anew()
        asked = kernel.ask()
        if violation is None:
            return self._carry_out(decider.stand_in(asked))
        what = message_of(violation)
        return self._carry_out(decider.fall_back(asked, decider.chosen, Blame.BROKE_CONTRACT, what))

    def _whole(self) -> Decided:
        """Have the open round decided as a whole."""
        asked = self._kernel.ask()
        decided = self.decider.decide(asked)
        if self._on_decision is not None:
            self._on_decision(asked.problem, decided.decision)
        return decided

    def _carry_out(self, decided: Decided) -> list[Attempt]:
        """The attempts of a decided round that start."""
        attempts, rejected = self._kernel.carry_out(decided)
        if rejected is not None:
            self.decider.rejected(rejected)
        else:
            self.reasons.hear(decided, self.clock.at)
        return attempts
