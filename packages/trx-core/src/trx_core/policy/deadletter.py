"""What becomes of a task after an attempt: done, tried again, or a dead letter."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from trx_core.models import ErrorKind, Outcome
from trx_core.policy.retry import RetryPolicy

__all__ = ["DeadReason", "Verdict", "judge"]


class Verdict(StrEnum):
    """What an attempt's outcome means for its task."""

    COMPLETED = "completed"
    RETRY = "retry"
    DEAD = "dead"


class DeadReason(StrEnum):
    """Why a task became a dead letter."""

    ATTEMPTS_SPENT = "attempts_spent"
    PERMANENT = "permanent"
    POISON = "poison"


HOPELESS: Final = frozenset({ErrorKind.PERMANENT})


def judge(outcome: Outcome, attempt: int, retry: RetryPolicy) -> tuple[Verdict, DeadReason | None]:
    """The verdict on attempt number ``attempt`` (from 1), and the reason if it is death."""
    if outcome.success:
        return Verdict.COMPLETED, None
    if outcome.error in HOPELESS:
        return Verdict.DEAD, DeadReason.PERMANENT
    if attempt >= retry.max_attempts:
        return Verdict.DEAD, DeadReason.ATTEMPTS_SPENT
    return Verdict.RETRY, None
