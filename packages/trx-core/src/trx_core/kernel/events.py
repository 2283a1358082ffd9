"""What a kernel is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from trx_core.models import Attempt, Outcome, Task, WorkerPool
from trx_core.routing import Decision

__all__ = [
    "Aborted",
    "Arrived",
    "Cancelled",
    "Claimed",
    "Decided",
    "Draining",
    "Event",
    "Finished",
    "LoadChanged",
    "Lost",
    "PoolChanged",
    "Reserved",
    "Tick",
]


@dataclass(frozen=True, slots=True)
class Arrived:
    """Tasks from the queue, in the order in which they wait; those already held are ignored."""

    tasks: Sequence[Task]


@dataclass(frozen=True, slots=True)
class Decided:
    """The answer to :class:`~trx_core.kernel.effects.Decide`.

    Attributes:
        round: its number.
        decision: the engine's own copy of what the algorithm returned, unchecked.
        algorithm: who decided.
    """

    round: int
    decision: Decision
    algorithm: str


@dataclass(frozen=True, slots=True)
class Reserved:
    """The answer to :class:`~trx_core.kernel.effects.Reserve`.

    Attributes:
        round: its number.
        granted: slots by pool, at most what was asked.
        others: slots that other kernels occupy, by pool; what is not named is unchanged.
    """

    round: int
    granted: Mapping[UUID, int]
    others: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Claimed:
    """The answer to :class:`~trx_core.kernel.effects.Claim`: the tasks that are now ours."""

    round: int
    accepted: Collection[UUID]


@dataclass(frozen=True, slots=True)
class Aborted:
    """The round could not be carried through; its tasks wait again until ``retry_at`` (seconds)."""

    round: int
    retry_at: float


@dataclass(frozen=True, slots=True)
class Finished:
    """Attempts that ended; one that is not running is ignored."""

    results: Sequence[tuple[Attempt, Outcome]]


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Tasks that are no longer wanted; those that run already are left alone."""

    ids: Collection[UUID]


@dataclass(frozen=True, slots=True)
class Lost:
    """Attempts that others have taken over, so that their end is nothing to us any more."""

    attempts: Sequence[Attempt]


@dataclass(frozen=True, slots=True)
class PoolChanged:
    """The whole fleet as it is now; the loads that it states are not looked at.

    Attributes:
        pools: every pool.
        distance: region → region → distance, as in :class:`~trx_core.models.Fleet`.
    """

    pools: Sequence[WorkerPool]
    distance: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class LoadChanged:
    """Slots that other kernels occupy, by pool, as the shared ledger has it."""

    others: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Draining:
    """Open no more rounds; the open one is carried through, and what runs goes on to its end."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Event = (
    Arrived
    | Decided
    | Reserved
    | Claimed
    | Aborted
    | Finished
    | Cancelled
    | PoolChanged
    | LoadChanged
    | Lost
    | Draining
    | Tick
)
