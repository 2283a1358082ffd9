"""The account of one pool: what it holds, how it fares, and the seat that it offers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from trx_core.models import Attempt, Task, WorkerPool
from trx_core.policy import BreakerPolicy, CircuitBreaker, Estimates, Expected
from trx_core.routing import Breaker, PoolState, PoolView, set_free

__all__ = ["Book", "Seat"]

_put: Final[Callable[[object, str, Any], None]] = object.__setattr__


class Seat(PoolState):
    """A pool as a policy sees it while it places one task after the other; kept up to date, so that
    it need not be made anew for every round. It shows a pool whose breaker is closed, and is not
    believed."""

    _known: Mapping[str, Expected]
    _prior: Expected

    __slots__ = ("_known", "_prior")

    def __init__(self, book: Book) -> None:
        estimates = book.estimates
        view = PoolView(book.shown, book.room, Breaker.CLOSED, estimates.latency, estimates.success)
        super().__init__(view)
        _put(self, "_known", estimates.by_type)
        _put(self, "_prior", estimates.prior)

    def latency(self, task: Task) -> float:
        """Expected seconds of service of a task of this type."""
        return self._known.get(task.type, self._prior)[0]

    def success(self, task: Task) -> float:
        """Expected probability that an attempt at a task of this type succeeds."""
        return self._known.get(task.type, self._prior)[1]


class Book:
    """The account of one pool.

    Attributes:
        pool: its catalogue entry.
        breaker: whether it may be used.
        estimates: what was learned of it.
        own: slots that this kernel occupies.
        others: slots that other kernels occupy.
        listed: whether the fleet has the pool; one that it has no more is kept while it drains.
        room: slots that nobody occupies, whatever the breaker says.
        running: when each attempt is expected to end (seconds), and its slots, by task.
        shown: the pool's twin, for policies.
        seat: what one-by-one policies see of it.
    """

    __slots__ = (
        *("_capacity", "_view", "breaker", "estimates", "listed", "others", "own", "pool"),
        *("room", "running", "seat", "shown"),
    )

    def __init__(self, pool: WorkerPool, policy: BreakerPolicy) -> None:
        self.pool = pool
        self.shown = pool.twin()
        self._capacity = pool.capacity
        self.breaker = CircuitBreaker(policy)
        self.estimates = Estimates(pool.expected_latency, pool.expected_success)
        self.own = 0
        self.others = 0
        self.listed = True
        self.room = self._capacity
        self.running: dict[int, tuple[float, int]] = {}
        self.seat = Seat(self)
        self._view: PoolView | None = None

    def describe(self, pool: WorkerPool) -> None:
        """Take over the pool as it is listed now."""
        if pool is not self.pool:
            self.pool, self.shown = pool, pool.twin()
        self._capacity = pool.capacity
        self.room = max(0, self._capacity - self.own - self.others)
        self.show_anew()
        self.listed = True
        self.changed()

    def show_anew(self) -> None:
        """Have another seat, which shows the pool as it is."""
        self.seat = Seat(self)

    def free(self, waiting: Iterable[Task] = ()) -> int:
        """Slots that may be filled now.

        A half-open breaker lets one attempt through at a time: it offers the slots of the smallest
        task of ``waiting`` that may run here, which no two tasks fit into.
        """
        if self.breaker.state is Breaker.CLOSED:
            return self.room
        if self.breaker.state is Breaker.OPEN or self.own:
            return 0
        least = min((t.slots for t in waiting if self.may_take(t)), default=1)
        return min(self.room, least)

    def may_take(self, task: Task) -> bool:
        """Whether the task could run here, free slots and the breaker left aside."""
        pool = self.pool
        fits = task.slots <= pool.capacity and task.resource_type in (None, pool.resource_type)
        return fits and (not task.region_required or task.bound_to in (None, pool.region))

    def expect(self, attempt: Attempt) -> None:
        """Note when an attempt is expected to end: as its caller says, or else as was seen."""
        task = attempt.task
        self.estimates.begin(task.type, attempt.placed_at)
        expected = task.expected_duration or self.estimates.latency(task.type)
        self.running[task.id.int] = (attempt.placed_at + expected, task.slots)
        self.changed()

    def view(self, waiting: Iterable[Task] = ()) -> PoolView:
        """What a round of the tasks ``waiting`` may know; the same object while nothing changes."""
        if self._view is not None:
            return self._view
        view = PoolView(
            pool=self.pool,
            free=self.free(waiting),
            breaker=self.breaker.state,
            latency=self.estimates.latency,
            success=self.estimates.success,
            busy=tuple(self.running.values()),
        )
        if self.breaker.state is Breaker.CLOSED:
            self._view = view
        return view

    def occupy(self, count: int) -> int:
        """Occupy slots, or free them if ``count`` is negative; how many more are vacant then."""
        own = self.own + count
        self.own = own = own if own > 0 else 0
        room = self._capacity - own - self.others
        if room < 0:
            room = 0
        more = room - self.room
        self.room = room
        set_free(self.seat, room)
        self._view = None
        return more

    def changed(self) -> None:
        """Something that rounds may know is different now."""
        self._view = None
