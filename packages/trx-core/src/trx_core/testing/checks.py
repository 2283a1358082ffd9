"""Checks, what they are run on, and what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Final, Generic, TypeVar

from trx_core.errors import describe, is_kind
from trx_core.interrupts import is_the_users, telling_interrupts_apart
from trx_core.limits import OutOfTime, patience, within

__all__ = [
    "Check",
    "CheckFailure",
    "CheckResult",
    "NotApplicable",
    "Subject",
    "Verdict",
    "run_check",
    "run_checks",
    "time_limit",
]

PATIENCES: Final = 2.0
"""How many times the patience with a plugin a check may take: its first call may compile."""

NOT_LOOKED_AT: Final = "an earlier check did not end"

T = TypeVar("T")
C = TypeVar("C")
S = TypeVar("S")


class CheckFailure(AssertionError):
    """What is under test broke its contract; the message says how."""


class NotApplicable(Exception):
    """The check says nothing about what is under test; the message says why."""


@dataclass(frozen=True)
class Subject(Generic[T, C]):
    """What is under test.

    Attributes:
        make: makes a fresh one at each call, always set up in the same way.
        declared: its capabilities.
    """

    make: Callable[[], T]
    declared: C


@dataclass(frozen=True, slots=True)
class Check(Generic[S]):
    """One rule of a contract.

    Attributes:
        id: stable name, ``protocol.rule``.
        title: the rule in a few words.
        run: called with what is under test; raises :class:`CheckFailure`, or anything else, if the
            rule is broken, and :class:`NotApplicable` if it says nothing; may return a note.
    """

    id: str
    title: str
    run: Callable[[S], str | None]

    @property
    def about(self) -> str:
        """A paragraph on the rule."""
        return " ".join((self.run.__doc__ or "").split())


class Verdict(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of a check.

    Attributes:
        check: the check.
        verdict: whether the rule was kept.
        message: how it was broken, why it does not apply, or a note; may be empty.
        error: what was raised; ``None`` unless it failed.
    """

    check: Check[Any]
    verdict: Verdict
    message: str = ""
    error: BaseException | None = None

    @property
    def passed(self) -> bool:
        """Whether the rule was kept."""
        return self.verdict is Verdict.PASSED

    @property
    def failed(self) -> bool:
        """Whether the rule was broken."""
        return self.verdict is Verdict.FAILED

    @property
    def skipped(self) -> bool:
        """Whether the rule does not apply."""
        return self.verdict is Verdict.SKIPPED


def time_limit() -> float:
    """Seconds that a check may take: twice what ``TRX_PLUGINS_PATIENCE`` says, two minutes by
    default; infinite for no limit.

    Raises:
        OperatorError: ``TRX-O113``, it is no number above 0.
    """
    return PATIENCES * patience()


def run_check(check: Check[S], subject: S) -> CheckResult:
    """Run one check, for as long as :func:`time_limit` says at most.

    Raises nothing that what is under test raises, be it ``SystemExit`` or ``KeyboardInterrupt``;
    an interrupt by the user is none of those.

    Raises:
        OperatorError: ``TRX-O113``, the limit is no number above 0.
    """
    limit = time_limit()
    with telling_interrupts_apart():
        try:
            note = within(limit, partial(check.run, subject))
        except NotApplicable as reason:
            return CheckResult(check, Verdict.SKIPPED, str(reason))
        except (CheckFailure, OutOfTime) as error:
            return CheckResult(check, Verdict.FAILED, str(error), error)
        except BaseException as error:
            if is_the_users(error):
                raise
            told = f"raised {describe(error)}".rstrip(": ")
            return CheckResult(check, Verdict.FAILED, told, error)
    return CheckResult(check, Verdict.PASSED, note or "")


def run_checks(checks: Sequence[Check[S]], subject: S) -> list[CheckResult]:
    """Run every check, whatever the others come to; but none after one that did not end in time."""
    results: list[CheckResult] = []
    for check in checks:
        last = results[-1].error if results else None
        if last is not None and is_kind(last, OutOfTime):
            break
        results.append(run_check(check, subject))
    left = checks[len(results) :]
    return results + [CheckResult(check, Verdict.SKIPPED, NOT_LOOKED_AT) for check in left]
