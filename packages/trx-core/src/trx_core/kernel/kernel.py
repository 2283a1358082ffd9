"""The scheduling kernel: events in, effects out, no I/O, no clock of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from trx_core.kernel.config import PATIENCE_GROWS, KernelConfig
from trx_core.kernel.effects import (
    BreakerChanged,
    Claim,
    Decide,
    Drop,
    DropReason,
    Effect,
    Reject,
    Release,
    Reserve,
    Settle,
    Settlement,
    Start,
    WakeAt,
)
from trx_core.kernel.events import (
    Aborted,
    Arrived,
    Cancelled,
    Claimed,
    Decided,
    Draining,
    Event,
    Finished,
    LoadChanged,
    Lost,
    PoolChanged,
    Reserved,
    Tick,
)
from trx_core.kernel.pools import PoolBooks
from trx_core.kernel.rounds import Round, Stage, admit, placements, slots_of
from trx_core.kernel.transitions import Phase, Signal, after
from trx_core.models import Attempt, Outcome, Task
from trx_core.policy import Verdict, judge
from trx_core.randomness import KeyedRandom, Purpose
from trx_core.routing import (
    Breaker,
    ContractViolation,
    RoutingProblem,
    first_come_first_served,
    validate,
)

__all__ = ["FALLBACK", "Kernel"]

FALLBACK: Final = "fallback-fifo"
"""Named as the algorithm of what first-come-first-served decided in another one's place."""

_ENDINGS: Final = (Signal.SUCCEED, Signal.FAIL, Signal.GIVE_UP)
assert Phase.RUNNING not in {after(Phase.RUNNING, one) for one in _ENDINGS}, "what ends goes"

_COMPLETED: Final = Verdict.COMPLETED
_new: Final = tuple.__new__
"""Makes a named tuple in half the time."""

_Handler = Callable[[Any, float, list[Effect]], None]


class Kernel:
    """Decides what happens next to the tasks that one runner, or one lab run, holds.

    One round is open at a time. Each step of it is an effect that the engine answers with an event;
    an answer to another round than the open one, or a repeated event, changes nothing.

    Args:
        config: its parameters.
        seed: of the jitter between attempts; luck is keyed by task and attempt.
    """

    def __init__(self, config: KernelConfig, *, seed: int = 0) -> None:
        self._config = config
        self._window = config.window
        self._min_interval = config.min_interval
        self._patience = config.hold_interval
        self._luck = KeyedRandom(seed)
        self._books = PoolBooks(config.breaker)
        self._distance: Mapping[str, Mapping[str, float]] = {}
        self._phase: dict[int, Phase] = {}
        self._waiting: dict[int, Task] = {}
        self._running: dict[int, Attempt] = {}
        self._round: Round | None = None
        self._number = 0
        self._last_opened = float("-inf")
        self._not_before = float("-inf")
        self._wake_at = float("inf")
        self._changed = False
        self._draining = False
        self._handlers: Mapping[type[Any], _Handler] = {
            Arrived: self._arrived,
            Decided: self._decided,
            Reserved: self._reserved,
            Claimed: self._claimed,
            Aborted: self._aborted,
            Finished: self._finished,
            Cancelled: self._cancelled,
            Lost: self._lost,
            PoolChanged: self._pool_changed,
            LoadChanged: self._load_changed,
            Draining: self._drain,
            Tick: self._tick,
        }

    @property
    def room(self) -> int:
        """How many more undecided tasks the window takes, not negative."""
        room = self._window - len(self._phase) + len(self._running)
        return room if room > 0 else 0

    @property
    def undecided(self) -> int:
        """How many tasks it holds that do not run."""
        return len(self._phase) - len(self._running)

    @property
    def running(self) -> Mapping[UUID, Attempt]:
        """Attempts that have been started and have not ended, by task."""
        return {attempt.task.id: attempt for attempt in self._running.values()}

    @property
    def waiting(self) -> Mapping[UUID, Task]:
        """Undecided tasks that are in no round, by id."""
        return {task.id: task for task in self._waiting.values()}

    @property
    def held(self) -> Mapping[UUID, int]:
        """Slots that its attempts occupy, by pool, as far as the ledger has granted them."""
        return self._books.own

    @property
    def load(self) -> Mapping[UUID, int]:
        """Slots that are occupied, whoever does, by pool of the fleet, as far as is known."""
        return self._books.load

    @property
    def idle(self) -> bool:
        """Whether it holds no task at all."""
        return not self._phase

    @property
    def settled_down(self) -> bool:
        """Whether no round is open and nothing runs; tasks may wait."""
        return self._round is None and not self._running

    def handle(self, event: Event, now: float) -> list[Effect]:
        """Take in one event at ``now`` (seconds, never decreasing); what is to be done about it.

        Raises:
            KernelError: ``TRX-K100``, the engine broke the conversation.
        """
        effects: list[Effect] = []
        self._cool(now, effects)
        self._handlers[type(event)](event, now, effects)
        self._go_on(now, effects)
        return effects

    # What it is told.

    def _arrived(self, event: Arrived, now: float, effects: list[Effect]) -> None:
        self._hold(event.tasks)

    def _hold(self, tasks: Iterable[Task]) -> None:
        """Have tasks wait, unless they are held already."""
        for task in tasks:
            phase, known = self._phase.get(task.id.int), self._waiting.get(task.id.int)
            if phase is None:
                self._phase[task.id.int] = Phase.WAITING
            elif known is None or task.attempt <= known.attempt:
                continue
            self._wait(task)
            self._changed = True

    def _wait(self, task: Task) -> None:
        self._waiting[task.id.int] = task

    def _decided(self, event: Decided, now: float, effects: list[Effect]) -> None:
        current = self._at(Stage.DECISION, event.round)
        if current is None:
            return
        problem = current.problem
        current.attempts = self._placements(problem, event, effects)
        placed = {attempt.task.id for attempt in current.attempts}
        for task in problem.tasks:
            self._move(task.id.int, Signal.PLACE if task.id in placed else Signal.HOLD)
        if not placed:
            self._close()
            return
        current.stage = Stage.RESERVATION
        effects.append(Reserve(current.number, slots_of(current.attempts)))

    def _placements(
        self, problem: RoutingProblem, event: Decided, effects: list[Effect]
    ) -> list[Attempt]:
        """The attempts that a decision asks for, or else first-come-first-served does."""
        decision, algorithm = event.decision, event.algorithm
        try:
            pools = validate(problem, decision)
        except ContractViolation as violation:
            effects.append(Reject(event.round, algorithm, violation))
            decision, algorithm = first_come_first_served(problem), FALLBACK
            pools = validate(problem, decision)
        return placements(problem, decision, pools, algorithm)

    def _reserved(self, event: Reserved, now: float, effects: list[Effect]) -> None:
        current = self._at(Stage.RESERVATION, event.round)
        if current is None:
            return
        self._books.learn_others(event.others)
        goes, denied = admit(current.attempts, event.granted)
        for attempt in goes:
            self._move(attempt.task.id.int, Signal.GRANT)
        for attempt in denied:
            self._move(attempt.task.id.int, Signal.DENY)
        taken = slots_of(goes)
        self._books.take(taken)
        spare = {
            pool: count - taken[pool]
            for pool, count in event.granted.items()
            if count > taken[pool]
        }
        if spare:
            effects.append(Release(spare))
        current.attempts = goes
        if not goes:
            self._close()
            return
        current.stage = Stage.CLAIM
        effects.append(Claim(current.number, goes))

    def _claimed(self, event: Claimed, now: float, effects: list[Effect]) -> None:
        current = self._at(Stage.CLAIM, event.round)
        if current is None:
            return
        starts = [a for a in current.attempts if a.task.id in event.accepted]
        refused = [a for a in current.attempts if a.task.id not in event.accepted]
        for attempt in starts:
            self._move(attempt.task.id.int, Signal.ACCEPT)
            self._running[attempt.task.id.int] = attempt
        for attempt in refused:
            self._end(attempt.task.id.int, Signal.REFUSE)
        if starts:
            self._books.start(starts)
            effects.append(Start(starts))
        if refused:
            self._free(refused, effects)
            effects.append(Drop([a.task.id for a in refused], DropReason.REFUSED))
        self._close()

    def _aborted(self, event: Aborted, now: float, effects: list[Effect]) -> None:
        current = self._round
        if current is None or current.number != event.round:
            return
        if current.stage is Stage.DECISION:
            tasks: Sequence[Task] = current.problem.tasks
        else:
            tasks = [attempt.task for attempt in current.attempts]
        for task in tasks:
            self._move(task.id.int, Signal.ABORT)
        if current.stage is Stage.CLAIM:
            self._free(current.attempts, effects)
        self._not_before = event.retry_at
        self._changed = True
        self._close()

    def _finished(self, event: Finished, now: float, effects: list[Effect]) -> None:
        settlements, turned = self._close_attempts(event.results, now)
        if settlements:
            effects.extend(turned)
            effects.append(Settle(settlements))
            effects.append(Release(slots_of(one.attempt for one in settlements)))

    def _close_attempts(
        self, results: Iterable[tuple[Attempt, Outcome]], now: float
    ) -> tuple[list[Settlement], list[BreakerChanged]]:
        """Judge what ended and learn from it: how each attempt is closed, and breakers that turned.

        Attempts that are not running are left out.
        """
        settlements: list[Settlement] = []
        turned: list[BreakerChanged] = []
        running, phase, end = self._running, self._phase, self._books.end
        for attempt, outcome in results:
            key = attempt[0].id.int
            if running.get(key) is not attempt:
                continue
            if outcome[1]:
                closed = _new(Settlement, (attempt, outcome, now, _COMPLETED, None, None))
            else:
                closed = self._judge(attempt, outcome, now)
            settlements.append(closed)
            del running[key], phase[key]
            state = end(attempt, outcome, now)
            if state is not None:
                turned.append(BreakerChanged(attempt.pool.id, state))
            self._changed = True
        return settlements, turned

    def _lost(self, event: Lost, now: float, effects: list[Effect]) -> None:
        lost = [a for a in event.attempts if self._running.get(a.task.id.int) is a]
        if not lost:
            return
        for attempt in lost:
            del self._running[attempt.task.id.int]
            self._end(attempt.task.id.int, Signal.LOSE)
        self._books.forget(lost)
        self._free(lost, effects)
        effects.append(Drop([a.task.id for a in lost], DropReason.REFUSED))
        self._changed = True

    def _cancelled(self, event: Cancelled, now: float, effects: list[Effect]) -> None:
        dropped = [key for key in event.ids if self._phase.get(key.int) is Phase.WAITING]
        for key in dropped:
            self._waiting.pop(key.int, None)
            self._end(key.int, Signal.CANCEL)
        if dropped:
            effects.append(Drop(dropped, DropReason.CANCELLED))

    def _pool_changed(self, event: PoolChanged, now: float, effects: list[Effect]) -> None:
        self._books.replace(event.pools)
        self._distance = event.distance
        self._changed = True

    def _load_changed(self, event: LoadChanged, now: float, effects: list[Effect]) -> None:
        self._changed |= self._books.learn_others(event.others)

    def _drain(self, event: Draining, now: float, effects: list[Effect]) -> None:
        self._draining = True

    def _tick(self, event: Tick, now: float, effects: list[Effect]) -> None:
        """Nothing but to look whether it is time for a round."""

    # What follows from it.

    def _cool(self, now: float, effects: list[Effect]) -> None:
        for pool in self._books.cool(now):
            self._changed = True
            effects.append(BreakerChanged(pool, Breaker.HALF_OPEN))

    def _go_on(self, now: float, effects: list[Effect]) -> None:
        """Open a round if there is reason to, or ask to be woken when there may be."""
        if self._is_due(now, effects):
            self._open(now, effects)

    def _is_due(self, now: float, effects: list[Effect]) -> bool:
        """Whether it is time for a round; it sees to it that it is asked again when it may be."""
        if now >= self._wake_at:
            self._wake_at = float("inf")
        if not self._waiting or self._round is not None or self._draining:
            return False
        books = self._books
        if books.tripped:
            self._wake(books.next_cooling(), effects)
            if not books.any_free():
                return False
        elif not books.vacant:
            return False
        due = self._last_opened + (self._min_interval if self._changed else self._patience)
        if due < self._not_before:
            due = self._not_before
        if now < due:
            self._wake(due, effects)
            return False
        return True

    def _open(self, now: float, effects: list[Effect]) -> None:
        self._next_round(now)
        problem = self._problem(now)
        for key in list(self._waiting):
            self._move(key, Signal.ENTER_ROUND)
        self._round = Round(self._number, problem)
        effects.append(Decide(self._number, problem))

    def _next_round(self, now: float) -> None:
        self._books.look(now)
        self._number += 1
        self._last_opened = now
        self._patience = (
            self._config.hold_interval if self._changed else self._patience * PATIENCE_GROWS
        )
        self._changed = False

    def _problem(self, now: float) -> RoutingProblem:
        tasks = sorted(self._waiting.values(), key=_by_arrival)
        return RoutingProblem(
            tasks,
            self._books.views(tasks),
            now=now,
            number=self._number,
            objective=self._config.objective,
            distance=self._distance,
        )

    def _close(self) -> None:
        """End the round: what it brought back to waiting waits."""
        assert self._round is not None
        for task in self._round.problem.tasks:
            if self._phase.get(task.id.int) is Phase.WAITING:
                self._waiting.setdefault(task.id.int, task)
        self._round = None

    def _wake(self, at: float | None, effects: list[Effect]) -> None:
        if at is not None and at < self._wake_at:
            self._wake_at = at
            effects.append(WakeAt(at))

    def _at(self, stage: Stage, number: int) -> Round | None:
        """The open round, if it is that one and waits for that answer."""
        current = self._round
        return current if current and current.number == number and current.stage is stage else None

    def _move(self, key: int, signal: Signal) -> None:
        phase = self._phase[key] = after(self._phase[key], signal)
        if phase is not Phase.WAITING:
            self._waiting.pop(key, None)

    def _end(self, key: int, signal: Signal) -> None:
        after(self._phase.pop(key), signal)

    def _free(self, attempts: Sequence[Attempt], effects: list[Effect]) -> None:
        slots = slots_of(attempts)
        self._books.give(slots)
        effects.append(Release(slots))

    def _judge(self, attempt: Attempt, outcome: Outcome, now: float) -> Settlement:
        """How an attempt that has failed is closed."""
        retry = self._config.retry
        verdict, reason = judge(outcome, attempt.number, retry)
        due = None
        if verdict is Verdict.RETRY:
            luck = self._luck.at(attempt.task.id.int, attempt.number, Purpose.BACKOFF)
            due = now + retry.delay(attempt.number, luck, outcome.retry_after)
        return Settlement(attempt, outcome, now, verdict, due, reason)


def _by_arrival(task: Task) -> tuple[float, UUID]:
    return task.enqueued_at, task.id
