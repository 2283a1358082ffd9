"""What plugins implement. Protocols never gain required members."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from trx_core.models import (
    Disruption,
    ErrorKind,
    Fleet,
    LogEntry,
    Outcome,
    Task,
    TaskRequest,
    WorkerPool,
)
from trx_core.routing import Decision, Outcomes, RoutingProblem

__all__ = [
    "QUEUE_OPTIONS",
    "Algorithm",
    "Arrival",
    "BadRow",
    "Clairvoyant",
    "Closeable",
    "Closing",
    "ColumnReader",
    "Delivery",
    "Disruptive",
    "FleetReader",
    "Foresight",
    "Learner",
    "MetricCollector",
    "Order",
    "PoolState",
    "QueueDepth",
    "QueueOptions",
    "Queueing",
    "Sampler",
    "Samples",
    "Scenario",
    "Seeded",
    "TaskQueue",
    "Timeless",
    "TraceReader",
    "Varying",
    "Worker",
    "WorkerSimulator",
]


class Order(StrEnum):
    """The order in which an algorithm would like its window filled from the queue."""

    PRIORITY = "priority"
    ARRIVAL = "arrival"


@runtime_checkable
class Algorithm(Protocol):
    """A routing policy: one call decides one round."""

    def route(self, problem: RoutingProblem) -> Decision:
        """Place or hold each of the problem's tasks; must not change the problem."""
        ...


@runtime_checkable
class Learner(Protocol):
    """What an algorithm that declares ``outcomes`` has besides ``route``."""

    def observe(self, outcomes: Outcomes) -> None:
        """Learn how attempts have ended since the round before, of whoever's placing.

        Called before :meth:`Algorithm.route`, in the same thread and within the same time budget,
        when there is news; never with an empty batch. A pool may have left the fleet meanwhile.
        """
        ...


Foresight = Callable[[Task, WorkerPool, float], Outcome]
"""What a task's next attempt will come to on a pool, if it starts there at an instant (seconds)."""


@runtime_checkable
class Clairvoyant(Protocol):
    """What an algorithm has besides ``route`` to be told what is going to happen, as a yardstick.

    Only an engine whose workers are simulators can tell: the lab does, before its first round. An
    algorithm that has not been told refuses to route.
    """

    def foresee(self, foresight: Foresight) -> None:
        """Ask ``foresight`` from now on."""
        ...


@runtime_checkable
class WorkerSimulator(Protocol):
    """A pure sampling function for what a pool's worker would do."""

    def sample(self, task: Task, pool: WorkerPool, now: float, rng: random.Random) -> Outcome:
        """Draw the outcome of one attempt that starts at ``now`` (seconds).

        All randomness comes from ``rng``, which is keyed by the task, the attempt and the pool's
        name.
        """
        ...


class Samples(NamedTuple):
    """Outcomes of many attempts on one pool, as columns.

    Attributes:
        latency: [N] seconds.
        cost: [N] money.
        errors: index → kind of failure, of those that fail.
    """

    latency: NDArray[np.float64]
    cost: NDArray[np.float64]
    errors: Mapping[int, ErrorKind] = MappingProxyType({})


Sampler = Callable[[NDArray[np.float64]], Samples]
"""What draws an outcome per task from their luck: [N, 3] the first numbers that the ``rng`` of each
attempt gives."""


@runtime_checkable
class Timeless(Protocol):
    """What a simulator has besides ``sample`` if an outcome depends neither on when the attempt
    starts nor on what else goes on, nor on the pool's name, capacity or load: so that many may be
    drawn before a run.
    """

    def sample_many(self, tasks: Sequence[Task], pool: WorkerPool) -> Sampler | None:
        """What draws an outcome per task, each as ``sample`` does whose ``rng`` gives its numbers;
        ``None`` where its parameters make outcomes depend on more than that.

        Args:
            tasks: [N] as they were accepted, at least one.
            pool: where all of them run; what is made for it draws for those too that differ from it
                in name, capacity and load at most, each with luck of its own.
        """
        ...


@runtime_checkable
class Seeded(Protocol):
    """What a simulator has besides ``sample`` if things happen to its pool by chance: outages, say.

    Luck of that kind belongs to an instant and not to a task. It is a function of the seed, the
    pool (or a name that pools share) and the time, so that every policy meets the same.
    """

    def seeded(self, seed: int) -> None:
        """Take the seed of the run, before the first sample; by default it is 0."""
        ...


@runtime_checkable
class Queueing(Protocol):
    """What a simulator has besides ``sample`` if attempts wait in line at its pool.

    The pool's capacity is then its servers and the places in its line together: so many attempts
    it takes, and serves them in the order in which they were placed. An attempt's latency is its
    wait and its service, and it is sampled for the instant at which its service begins.
    """

    def servers(self, pool: WorkerPool) -> int:
        """How many of the pool's slots serve at once, 1 to its capacity."""
        ...


class PoolState(NamedTuple):
    """A pool as it is for a while.

    Attributes:
        pool: capacity and price as they are now; the capacity is at most what the fleet says.
        until: when to ask again, seconds, later than now; infinity: it stays so.
        memory: handed back when it is asked again; what is needed besides, if anything.
    """

    pool: WorkerPool
    until: float
    memory: Any = None


@runtime_checkable
class Varying(Protocol):
    """What a simulator has besides ``sample`` if its pool's capacity or price changes over time."""

    def vary(self, pool: WorkerPool, busy: int, now: float, before: PoolState | None) -> PoolState:
        """The pool from ``now`` (seconds) on: a function of the arguments and the seed alone.

        Args:
            pool: as the fleet describes it.
            busy: its slots that are occupied, whoever occupies them.
            now: see above.
            before: the answer of the time before; ``None`` at first.
        """
        ...


@runtime_checkable
class Worker(Protocol):
    """A real worker: carries tasks out; cannot run in the lab.

    One object serves all slots of its pool, as that pool is: a pool that is changed gets a new one.
    As many calls run at once. All real workers of a runner share an event loop, which is not the
    runner's own, so none of them may block.
    """

    async def execute(self, task: Task, pool: WorkerPool) -> Outcome:
        """Carry out one attempt; failures are told in the outcome, not raised.

        ``task.attempt`` is this attempt's number, from 1. The call is cancelled when the runner
        stops and its grace is over, or when others have taken over what it runs.
        """
        ...


@runtime_checkable
class Closeable(Protocol):
    """What a real worker has besides ``execute`` if it holds connections or the like."""

    async def aclose(self) -> None:
        """Let go of everything; called once, when none of its attempts runs any more."""
        ...


class Delivery(NamedTuple):
    """A task as a queue hands it over.

    Attributes:
        receipt: names the entry to its queue, for :meth:`TaskQueue.ack`.
        task: the task; ``None`` when the entry cannot be read (a poison message).
        raw: the entry as it stands in the queue, for poison messages.
        delivered: how many times it was delivered, from 1.
    """

    receipt: str
    task: Task | None
    raw: Mapping[str, str] | None = None
    delivered: int = 1


class QueueDepth(NamedTuple):
    """How much a queue holds: never-delivered, delivered but not settled, and not yet due."""

    lag: int
    pending: int
    delayed: int

    @property
    def total(self) -> int:
        """Everything that is still to be settled."""
        return self.lag + self.pending + self.delayed


@runtime_checkable
class TaskQueue(Protocol):
    """Transport between those who accept tasks and those who decide on them; at-least-once."""

    async def publish(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> None:
        """Append tasks in one round trip; with ``due``, each not before that instant (seconds)."""
        ...

    async def fetch(self, room: int, order: Order, *, wait: float) -> list[Delivery]:
        """At most ``room`` tasks, waiting at most ``wait`` seconds for the first."""
        ...

    async def ack(self, receipts: Sequence[str]) -> None:
        """Settle and delete entries, in one round trip; unknown receipts are ignored."""
        ...

    async def depth(self) -> QueueDepth:
        """How much is waiting."""
        ...


class QueueOptions(TaskQueue, Protocol):
    """What a task queue may have besides, each declared in its
    :class:`~trx_core.capabilities.QueueCapabilities`."""

    async def adopt(self, min_idle_seconds: float, room: int) -> list[Delivery]:
        """``adopts``: at most ``room`` entries that others fetched and that nobody has settled or
        kept alive for so long; they are this consumer's now, and delivered once more."""
        ...

    async def keep_alive(self, receipts: Sequence[str]) -> list[str]:
        """``keeps_alive``: keep entries from being adopted; return the receipts that were settled,
        adopted or lost."""
        ...

    async def ensure(self) -> str:
        """``epochs``: the epoch; make what is missing in the store."""
        ...

    async def append(self, tasks: Sequence[Task], *, due: Sequence[float] | None = None) -> str:
        """``epochs``: :meth:`TaskQueue.publish`, and the epoch under which the tasks are kept."""
        ...

    async def forget(self, consumer: str) -> bool:
        """``forgets``: clear up after a consumer; whether nothing of it is left to be adopted."""
        ...


QUEUE_OPTIONS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "adopts": ("adopt",),
        "keeps_alive": ("keep_alive",),
        "epochs": ("ensure", "append"),
        "forgets": ("forget",),
    }
)
"""Capability → the methods of :class:`QueueOptions` that come with it."""


@runtime_checkable
class MetricCollector(Protocol):
    """Folds the schedule log into numbers."""

    def observe(self, entries: Sequence[LogEntry]) -> None:
        """Take in a batch of log entries; must be quick and must not raise.

        An engine calls it from one thread, which no other collector shares.
        """
        ...


@runtime_checkable
class Closing(Protocol):
    """What a metric collector has besides ``observe`` if it holds a file or a connection."""

    def close(self) -> None:
        """Called once, after the last batch, from the thread that calls ``observe``."""
        ...


class Arrival(NamedTuple):
    """One line of traffic.

    Attributes:
        at: seconds since the start of the traffic, not negative, not decreasing.
        request: the task that is submitted then.
        line: line or record number in its source, from 1; 0 when it was generated.
    """

    at: float
    request: TaskRequest
    line: int = 0


class BadRow(NamedTuple):
    """A row of a trace that could not be read: its line number, from 1, and what is wrong."""

    line: int
    reason: str


@runtime_checkable
class Scenario(Protocol):
    """A pattern of traffic."""

    def arrivals(self, rng: random.Random) -> Iterator[Arrival]:
        """The traffic, in order of time; the same for the same ``rng``."""
        ...


@runtime_checkable
class Disruptive(Protocol):
    """What a scenario has besides ``arrivals`` to act on the pools as well."""

    def disruptions(self) -> Sequence[Disruption]:
        """What befalls the pools, in seconds since the start of the traffic."""
        ...


@runtime_checkable
class TraceReader(Protocol):
    """Reads recorded traffic, streaming."""

    def sniff(self, path: Path, head: str) -> bool:
        """Whether the file, whose first 4,096 characters are ``head``, is of this format."""
        ...

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Arrival | BadRow]:
        """Rows in the order of the file; a malformed one is told, and the rest goes on.

        Raises:
            trx_core.errors.CallerError: the file as a whole cannot be read.
        """
        ...


@runtime_checkable
class ColumnReader(Protocol):
    """What a trace reader has besides, if its option ``columns`` says which columns hold what."""

    def sniff_mapped(self, path: Path, head: str, options: Mapping[str, Any]) -> bool:
        """Whether the file is of this format once its columns are named as ``options`` say."""
        ...


@runtime_checkable
class FleetReader(Protocol):
    """Makes a fleet of a list of machines, or of what was measured on them."""

    def sniff(self, path: Path, head: str) -> bool:
        """Whether the file, whose first 4,096 characters are ``head``, is of this format."""
        ...

    def read(self, path: Path, options: Mapping[str, Any]) -> Fleet:
        """The pools that the file describes, in an order that depends on it alone.

        Raises:
            trx_core.errors.CallerError: the file cannot be read, or does not take the options.
        """
        ...
