"""The verdict on an attempt."""

from __future__ import annotations

import pytest

from trx_core.models import ErrorKind, Outcome
from trx_core.policy import DeadReason, RetryPolicy, Verdict, judge

GOOD = None
DONE, AGAIN = (Verdict.COMPLETED, None), (Verdict.RETRY, None)
SPENT = (Verdict.DEAD, DeadReason.ATTEMPTS_SPENT)
HOPELESS = (Verdict.DEAD, DeadReason.PERMANENT)


@pytest.mark.parametrize(
    ("error", "attempt", "verdict"),
    [
        (GOOD, 1, DONE),
        (GOOD, 3, DONE),
        (GOOD, 9, DONE),
        (ErrorKind.TRANSIENT, 1, AGAIN),
        (ErrorKind.TRANSIENT, 2, AGAIN),
        (ErrorKind.TRANSIENT, 3, SPENT),
        (ErrorKind.TRANSIENT, 4, SPENT),
        (ErrorKind.TIMEOUT, 2, AGAIN),
        (ErrorKind.TIMEOUT, 3, SPENT),
        (ErrorKind.PERMANENT, 1, HOPELESS),
        (ErrorKind.PERMANENT, 3, HOPELESS),
    ],
)
def test_the_table(
    error: ErrorKind | None, attempt: int, verdict: tuple[Verdict, DeadReason | None]
) -> None:
    outcome = Outcome(1.0, error is None, 0.0, error)
    assert judge(outcome, attempt, RetryPolicy(max_attempts=3)) == verdict


def test_with_one_attempt_in_all_nothing_is_tried_again() -> None:
    outcome = Outcome(1.0, False, 0.0, ErrorKind.TRANSIENT)
    assert judge(outcome, 1, RetryPolicy(max_attempts=1)) == SPENT
