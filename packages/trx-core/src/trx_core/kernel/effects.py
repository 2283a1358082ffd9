"""What a kernel asks its engine to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from trx_core.models import Attempt, Outcome
from trx_core.policy import DeadReason, Verdict
from trx_core.routing import Breaker, ContractViolation, RoutingProblem

__all__ = [
    "BreakerChanged",
    "Claim",
    "Decide",
    "Drop",
    "DropReason",
    "Effect",
    "Reject",
    "Release",
    "Reserve",
    "Settle",
    "Settlement",
    "Start",
    "WakeAt",
]


@dataclass(frozen=True, slots=True)
class Decide:
    """Run the algorithm; answer with ``Decided`` or ``Aborted``."""

    round: int
    problem: RoutingProblem


@dataclass(frozen=True, slots=True)
class Reject:
    """The decision broke the contract; the round goes on with first-come-first-served."""

    round: int
    algorithm: str
    violation: ContractViolation


@dataclass(frozen=True, slots=True)
class Reserve:
    """Take slots, by pool, from the shared ledger; answer with ``Reserved`` or ``Aborted``."""

    round: int
    slots: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Claim:
    """Make the tasks ours in the ledger of record; answer with ``Claimed`` or ``Aborted``.

    Asking again for the same attempts must give the same answer.
    """

    round: int
    attempts: Sequence[Attempt]


@dataclass(frozen=True, slots=True)
class Start:
    """Carry out attempts; answer with ``Finished`` when they end."""

    attempts: Sequence[Attempt]


@dataclass(frozen=True, slots=True)
class Release:
    """Give slots, by pool, back to the shared ledger."""

    slots: Mapping[UUID, int]


class Settlement(NamedTuple):
    """How one attempt is closed.

    Attributes:
        attempt: the attempt; its number guards the write.
        outcome: what came of it.
        at: when it ended, seconds.
        verdict: what that means for the task.
        due: when it may be tried again, seconds; given exactly when the verdict is ``RETRY``.
        reason: why it is a dead letter; given exactly when the verdict is ``DEAD``.
    """

    attempt: Attempt
    outcome: Outcome
    at: float
    verdict: Verdict
    due: float | None = None
    reason: DeadReason | None = None


@dataclass(frozen=True, slots=True)
class Settle:
    """Record how attempts ended, then settle their queue entries; retries enter the queue again."""

    settlements: Sequence[Settlement]


class DropReason(StrEnum):
    """Why a task leaves the kernel without having run."""

    CANCELLED = "cancelled"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Drop:
    """Settle the queue entries of tasks that need no work from us."""

    ids: Sequence[UUID]
    reason: DropReason


@dataclass(frozen=True, slots=True)
class BreakerChanged:
    """The breaker of a pool opened, half opened or closed."""

    pool: UUID
    state: Breaker


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Send a ``Tick`` at ``at`` (seconds) or soon after; only the earliest pending one counts."""

    at: float


Effect = (
    Decide | Reject | Reserve | Claim | Start | Release | Settle | Drop | BreakerChanged | WakeAt
)
