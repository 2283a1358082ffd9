"""What a kernel knows of the pools: load, breaker and estimates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from trx_core.kernel.book import Book, Seat
from trx_core.models import Attempt, Outcome, Task, WorkerPool
from trx_core.policy import BreakerPolicy
from trx_core.routing import Breaker, PoolView

__all__ = ["LOOK", "PoolBooks"]

LOOK: Final = 1.0
"""Seconds between looks at the age of what runs, at the least."""


class PoolBooks:
    """The accounts of every pool, in the order of the fleet.

    Attributes:
        accounts: ``id()`` of a pool's seat → its account; not to be changed.
        vacant: slots of the fleet that nobody occupies.
        tripped: accounts of the pools whose breakers are not closed.

    Args:
        policy: of the breakers.
    """

    def __init__(self, policy: BreakerPolicy) -> None:
        self.vacant = 0
        self._look_at = float("-inf")
        self._policy = policy
        self._books: dict[int, Book] = {}
        self._retired: dict[int, Book] = {}
        self.tripped: dict[int, Book] = {}
        self._by_object: dict[int, Book] = {}
        self.accounts: dict[int, Book] = {}
        self._open_to: dict[tuple[object, ...], tuple[Seat, ...]] = {}

    def replace(self, pools: Sequence[WorkerPool]) -> None:
        """Take over the fleet; what is known of pools that stay, or come back, is kept."""
        known = self._retired | self._books
        self._books = {
            pool.id.int: known.pop(pool.id.int)
            if pool.id.int in known
            else Book(pool, self._policy)
            for pool in pools
        }
        for pool in pools:
            self._books[pool.id.int].describe(pool)
        for book in known.values():
            book.listed = False
        self._retired = known
        books = self._books.items()
        self.tripped = {key: b for key, b in books if b.breaker.state is not Breaker.CLOSED}
        self._by_object = {id(book.pool): book for book in self._books.values()}
        self.vacant = sum(book.room for book in self._books.values())
        self._find_seats()

    def views(self, waiting: Sequence[Task] = ()) -> list[PoolView]:
        """What a round of the tasks ``waiting`` may know."""
        return [book.view(waiting) for book in self._books.values()]

    def seats(self, task: Task) -> tuple[Seat, ...]:
        """The pools that may take a task, free slots left aside, while all breakers are closed."""
        kind = task.resource_type, task.slots, task.region_required and task.region
        seats = self._open_to.get(kind)
        if seats is None:
            books = self._books.values()
            seats = self._open_to[kind] = tuple(b.seat for b in books if b.may_take(task))
        return seats

    def show_anew(self) -> None:
        """Have other seats, which show the pools as they are."""
        for book in self._books.values():
            book.show_anew()
        self._find_seats()

    def _find_seats(self) -> None:
        self.accounts = {id(book.seat): book for book in self._books.values()}
        self._open_to = {}

    @property
    def own(self) -> dict[UUID, int]:
        """Slots that this kernel occupies, by pool; one that it occupies none of is not named."""
        books = (self._retired | self._books).values()
        return {book.pool.id: book.own for book in books if book.own}

    @property
    def load(self) -> dict[UUID, int]:
        """Slots that anybody occupies, by pool of the fleet."""
        return {book.pool.id: book.own + book.others for book in self._books.values()}

    def any_free(self) -> bool:
        """Whether any slot may be filled now."""
        if not self.tripped:
            return self.vacant > 0
        return any(book.free() > 0 for book in self._books.values())

    def take(self, slots: Mapping[UUID, int]) -> None:
        """Occupy slots."""
        for pool, count in slots.items():
            self.occupy(self._book(pool.int), count)

    def give(self, slots: Mapping[UUID, int]) -> None:
        """Free slots."""
        for pool, count in slots.items():
            self.occupy(self._book(pool.int), -count)

    def occupy(self, book: Book, count: int) -> None:
        """Occupy slots of one pool; free them if ``count`` is negative."""
        more = book.occupy(count)
        if book.listed:
            self.vacant += more

    def start(self, attempts: Iterable[Attempt]) -> None:
        """Note when attempts are expected to end: as their callers say, or else as was seen."""
        for attempt in attempts:
            self.of(attempt.pool).expect(attempt)

    def learn_others(self, others: Mapping[UUID, int]) -> bool:
        """Take in what other kernels occupy; whether that frees a slot that was not free."""
        freed = False
        for pool, count in others.items():
            book = self._books.get(pool.int)
            if book is not None:
                freed |= count < book.others
                book.others = count
                self.occupy(book, 0)
        return freed

    def end(self, attempt: Attempt, outcome: Outcome, now: float) -> Breaker | None:
        """Free an attempt's slots and learn from its end; the breaker's new state if it changed."""
        task, pool, _, _, began = attempt
        book = self._by_object.get(id(pool)) or self.of(pool)
        more = book.occupy(-task.slots)
        if book.running:
            book.running.pop(task.id.int, None)
        book.estimates.leave(task.type, began)
        if not book.listed:
            return None
        self.vacant += more
        book.estimates.observe(task.type, outcome, now)
        success, breaker = outcome[1], book.breaker
        if (success and not breaker.failures) or not breaker.observe(success, now):
            return None
        if breaker.state is Breaker.CLOSED:
            self.tripped.pop(pool.id.int, None)
        else:
            self.tripped[pool.id.int] = book
        return breaker.state

    def forget(self, attempts: Iterable[Attempt]) -> None:
        """Expect no end of attempts any more, and learn nothing from them."""
        for attempt in attempts:
            book = self.of(attempt.pool)
            book.running.pop(attempt.task.id.int, None)
            book.estimates.leave(attempt.task.type, attempt.placed_at)
            book.changed()

    def look(self, now: float) -> None:
        """Learn from what runs still, at most once in ``LOOK`` seconds."""
        if now < self._look_at:
            return
        self._look_at = now + LOOK
        for book in self._books.values():
            book.estimates.look(now)

    def cool(self, now: float) -> list[UUID]:
        """Half open the breakers whose time has come; the pools of those."""
        if not self.tripped:
            return []
        return [book.pool.id for book in self._books.values() if book.breaker.cool(now)]

    def next_cooling(self) -> float | None:
        """When the next open breaker lets an attempt through, seconds."""
        if not self.tripped:
            return None
        due = [book.breaker.reopens_at for book in self.tripped.values()]
        return min((at for at in due if at is not None), default=None)

    def of(self, pool: WorkerPool) -> Book:
        """The account of a pool that the fleet has, or had."""
        return self._book(pool.id.int)

    def _book(self, key: int) -> Book:
        return self._books.get(key) or self._retired[key]
