"""What a kernel knows of the pools: load, breaker and estimates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from trx_core.models import Attempt, Outcome, Task, WorkerPool
from trx_core.policy import BreakerPolicy, CircuitBreaker, Estimates
from trx_core.routing import Breaker, PoolView

__all__ = ["PoolBooks"]


class _Book:
    """The account of one pool."""

    __slots__ = ("breaker", "estimates", "others", "own", "pool", "running")

    def __init__(self, pool: WorkerPool, policy: BreakerPolicy) -> None:
        self.pool = pool
        self.breaker = CircuitBreaker(policy)
        self.estimates = Estimates(pool.expected_latency, pool.expected_success)
        self.own = 0
        self.others = 0
        self.running: dict[UUID, tuple[float, int]] = {}

    def free(self, waiting: Iterable[Task] = ()) -> int:
        """Slots that may be filled now.

        A half-open breaker lets one attempt through at a time: it offers the slots of the smallest
        task of ``waiting`` that may run here, which no two tasks fit into.
        """
        free = max(0, self.pool.capacity - self.own - self.others)
        if self.breaker.state is Breaker.CLOSED:
            return free
        if self.breaker.state is Breaker.OPEN or self.own:
            return 0
        return min(free, min((t.slots for t in waiting if self._may_take(t)), default=1))

    def _may_take(self, task: Task) -> bool:
        fits = task.slots <= self.pool.capacity
        return fits and task.resource_type in (None, self.pool.resource_type)


class PoolBooks:
    """The accounts of every pool, in the order of the fleet.

    Args:
        policy: of the breakers.
    """

    def __init__(self, policy: BreakerPolicy) -> None:
        self._policy = policy
        self._books: dict[UUID, _Book] = {}
        self._retired: dict[UUID, _Book] = {}

    def replace(self, pools: Sequence[WorkerPool]) -> None:
        """Take over the fleet; what is known of pools that stay, or come back, is kept."""
        known = self._retired | self._books
        self._books = {
            pool.id: known.pop(pool.id) if pool.id in known else self._open(pool) for pool in pools
        }
        for pool in pools:
            self._books[pool.id].pool = pool
        self._retired = known

    def views(self, waiting: Sequence[Task] = ()) -> list[PoolView]:
        """What a round of the tasks ``waiting`` may know."""
        return [
            PoolView(
                pool=book.pool,
                free=book.free(waiting),
                breaker=book.breaker.state,
                latency=book.estimates.latency,
                success=book.estimates.success,
                busy=tuple(book.running.values()),
            )
            for book in self._books.values()
        ]

    @property
    def own(self) -> dict[UUID, int]:
        """Slots that this kernel occupies, by pool; one that it occupies none of is not named."""
        books = (self._retired | self._books).items()
        return {key: book.own for key, book in books if book.own}

    @property
    def load(self) -> dict[UUID, int]:
        """Slots that anybody occupies, by pool of the fleet."""
        return {key: book.own + book.others for key, book in self._books.items()}

    def any_free(self) -> bool:
        """Whether any slot may be filled now."""
        return any(book.free() > 0 for book in self._books.values())

    def take(self, slots: Mapping[UUID, int]) -> None:
        """Occupy slots."""
        for pool, count in slots.items():
            self._book(pool).own += count

    def give(self, slots: Mapping[UUID, int]) -> None:
        """Free slots."""
        for pool, count in slots.items():
            book = self._book(pool)
            book.own = max(0, book.own - count)

    def start(self, attempts: Iterable[Attempt]) -> None:
        """Note when attempts are expected to end: as their callers say, or else as was seen."""
        for attempt in attempts:
            task, book = attempt.task, self._book(attempt.pool.id)
            expected = task.expected_duration or book.estimates.latency(task.type)
            book.running[task.id] = (attempt.placed_at + expected, task.slots)

    def learn_others(self, others: Mapping[UUID, int]) -> bool:
        """Take in what other kernels occupy; whether that frees a slot that was not free."""
        freed = False
        for pool, count in others.items():
            if pool in self._books:
                book = self._books[pool]
                freed |= count < book.others
                book.others = count
        return freed

    def observe(self, attempt: Attempt, outcome: Outcome, now: float) -> Breaker | None:
        """Learn from an attempt's end; the breaker's new state if it changed."""
        self._book(attempt.pool.id).running.pop(attempt.task.id, None)
        book = self._books.get(attempt.pool.id)
        if book is None:
            return None
        book.estimates.observe(attempt.task.type, outcome)
        return book.breaker.state if book.breaker.observe(outcome.success, now) else None

    def forget(self, attempts: Iterable[Attempt]) -> None:
        """Expect no end of attempts any more, and learn nothing from them."""
        for attempt in attempts:
            self._book(attempt.pool.id).running.pop(attempt.task.id, None)

    def cool(self, now: float) -> list[UUID]:
        """Half open the breakers whose time has come; the pools of those."""
        return [key for key, book in self._books.items() if book.breaker.cool(now)]

    def next_cooling(self) -> float | None:
        """When the next open breaker lets an attempt through, seconds."""
        due = [book.breaker.reopens_at for book in self._books.values()]
        return min((at for at in due if at is not None), default=None)

    def _open(self, pool: WorkerPool) -> _Book:
        return _Book(pool, self._policy)

    def _book(self, pool: UUID) -> _Book:
        return self._books.get(pool) or self._retired[pool]
