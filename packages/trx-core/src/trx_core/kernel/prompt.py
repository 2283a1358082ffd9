"""The same kernel for an engine that grants at once: a round is one pass, not a conversation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from trx_core.kernel.book import Seat
from trx_core.kernel.config import KernelConfig
from trx_core.kernel.effects import Decide, Effect, Reject, Settlement
from trx_core.kernel.events import Cancelled, Decided
from trx_core.kernel.kernel import Kernel
from trx_core.kernel.line import Line
from trx_core.kernel.transitions import Phase, Signal, follow
from trx_core.models import Attempt, Outcome, Task
from trx_core.routing import ContractViolation, RoutingProblem, Urgency

__all__ = ["PromptKernel"]

_new: Final = tuple.__new__
_NOWHERE: Final[list[Effect]] = []
_WAITING: Final = Phase.WAITING
_RUNNING: Final = follow(
    Phase.WAITING, Signal.ENTER_ROUND, Signal.PLACE, Signal.GRANT, Signal.ACCEPT
)
_HELD: Final = follow(Phase.WAITING, Signal.ENTER_ROUND, Signal.HOLD)
assert _HELD is Phase.WAITING, "nothing is done about a task that a round holds"


class PromptKernel(Kernel):
    """A kernel whose engine need not wait for slots or claims: it is alone with its pools, and
    nobody else takes its tasks. Table, books and policies are those of :class:`Kernel`; what is
    granted at once is followed through the table in one step.

    The engine tells of arrivals by :meth:`take_in`, of endings by :meth:`close` and of the rest by
    ``handle``. After each it calls :meth:`begin`, and as long as that opens a round it has one
    decided: it calls either :meth:`ask` and :meth:`carry_out`, or :meth:`seat` with what was chosen
    task by task from :attr:`line`, where there is one and no breaker has tripped.

    Attributes:
        alarm: when to call :meth:`begin` again at the latest, seconds; the engine sets it back to
            infinity when it does.
        books: what is known of the pools, to be looked at only.
        line: the tasks that wait, the most urgent first, if there is an urgency.

    Args:
        config: its parameters.
        seed: of the jitter between attempts.
        urgency: sorts the line; without it there is none.
    """

    def __init__(
        self, config: KernelConfig, *, seed: int = 0, urgency: Urgency | None = None
    ) -> None:
        super().__init__(config, seed=seed)
        self.alarm = float("inf")
        self.books = self._books
        self.line = None if urgency is None else Line(urgency)
        self._asked: RoutingProblem | None = None

    def take_in(self, tasks: Iterable[Task], now: float) -> None:
        """Tasks that have arrived, or are to be tried again."""
        if self._books.tripped:
            self._cool(now, [])
        phase, waiting, line = self._phase, self._waiting, self.line
        for task in tasks:
            key = task.id.int
            if key in phase:
                self._hold((task,))
                continue
            phase[key] = _WAITING
            waiting[key] = task
            if line is not None:
                line.join(task)
            self._changed = True

    def close(self, results: Iterable[tuple[Attempt, Outcome]], now: float) -> list[Settlement]:
        """How attempts are closed that ended at ``now`` (seconds); their slots are free."""
        if self._books.tripped:
            self._cool(now, [])
        return self._close_attempts(results, now)[0]

    @property
    def room(self) -> int:
        """How many more undecided tasks the window takes, not negative."""
        room = self._window - len(self._waiting)
        return room if room > 0 else 0

    def begin(self, now: float) -> int:
        """Open a round if one is due at ``now`` (seconds); its number, from 1, or else 0."""
        if not self._waiting:
            return 0
        books = self._books
        if not (books.vacant or books.tripped) and now < self._wake_at:
            return 0
        if not self._is_due(now, _NOWHERE):
            return 0
        self._next_round(now)
        return self._number

    def ask(self) -> Decide:
        """What the open round is about."""
        self._asked = self._problem(self._last_opened)
        return Decide(self._number, self._asked)

    def carry_out(self, decided: Decided) -> tuple[list[Attempt], Reject | None]:
        """The attempts that start now, and what was wrong with the decision, if anything."""
        problem, self._asked = self._asked, None
        if problem is None or decided.round != self._number:
            return [], None
        effects: list[Effect] = []
        attempts = self._placements(problem, decided, effects)
        for attempt in attempts:
            task, book = attempt.task, self._books.of(attempt.pool)
            if self.line is not None:
                self.line.leave(task)
            key = task.id.int
            del self._waiting[key]
            self._phase[key] = _RUNNING
            self._running[key] = attempt
            self._books.occupy(book, task.slots)
            book.expect(attempt)
        self._cool(problem.now, [])
        rejects = [effect for effect in effects if isinstance(effect, Reject)]
        return attempts, next(iter(rejects), None)

    def seat(
        self, placed: Iterable[tuple[Task, Seat]], algorithm: str, now: float
    ) -> list[Attempt]:
        """The attempts that start now, most urgent first. When they end is not foretold: a policy
        that places task by task does not see it.

        Args:
            placed: each task in line, with a seat that may take it.
            algorithm: who decided.
            now: when, seconds.

        Raises:
            ContractViolation: ``TRX-P104``, a pool does not have the slots free, whatever its seat
                was made to say; nothing starts.
        """
        assert self.line is not None
        attempts: list[Attempt] = []
        leave, books = self.line.leave, self._books
        accounts = books.accounts
        waiting, phase, running = self._waiting, self._phase, self._running
        for task, seat in placed:
            book, slots = accounts[id(seat)], task.slots
            more = book.occupy(slots)
            if more + slots:
                book.occupy(-slots)
                self._unseat(attempts)
                raise _over_filled(book.pool.name)
            books.vacant += more
            attempt = _new(Attempt, (task, book.pool, task.attempt + 1, algorithm, now))
            attempts.append(attempt)
            leave(task)
            key = task.id.int
            del waiting[key]
            phase[key] = _RUNNING
            running[key] = attempt
            book.estimates.begin(task.type, now)
        return attempts

    def _unseat(self, attempts: Iterable[Attempt]) -> None:
        """Have everything as it was before these attempts."""
        for attempt in attempts:
            task, book = attempt.task, self._books.of(attempt.pool)
            self._books.occupy(book, -task.slots)
            book.estimates.leave(task.type, attempt.placed_at)
            del self._running[task.id.int]
            self._phase[task.id.int] = _WAITING
            self._wait(task)

    def _wait(self, task: Task) -> None:
        if self.line is not None:
            if task.id.int in self._waiting:
                self.line.leave(self._waiting[task.id.int])
            self.line.join(task)
        self._waiting[task.id.int] = task

    def _cancelled(self, event: Cancelled, now: float, effects: list[Effect]) -> None:
        if self.line is not None:
            for key in event.ids:
                if key.int in self._waiting:
                    self.line.leave(self._waiting[key.int])
        super()._cancelled(event, now, effects)

    def _go_on(self, now: float, effects: list[Effect]) -> None:
        """Nothing by itself: the engine asks whether a round is due."""

    def _wake(self, at: float | None, effects: list[Effect]) -> None:
        if at is not None and at < self._wake_at:
            self._wake_at = at
            self.alarm = at


def _over_filled(pool: str) -> ContractViolation:
    return ContractViolation(
        f"put more on pool {pool!r} than it has free.",
        code="TRX-P104",
        hint="The free slots of a pool are to be looked at only.",
    )
