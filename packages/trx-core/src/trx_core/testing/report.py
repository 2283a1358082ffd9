"""Checks, and what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Check", "CheckFailure", "CheckResult", "run_checks"]


class CheckFailure(AssertionError):
    """What is under test broke its contract; the message says how."""


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of a contract.

    Attributes:
        id: stable name, ``protocol.rule``.
        title: the rule in a few words.
        run: called with a function that makes the thing under test; raises if the rule is broken.
    """

    id: str
    title: str
    run: Callable[[Callable[[], Any]], None]

    @property
    def about(self) -> str:
        """A paragraph on the rule."""
        return " ".join((self.run.__doc__ or "").split())


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of a check.

    Attributes:
        check: the check.
        error: what was raised; ``None`` if it passed.
    """

    check: Check
    error: Exception | None = None

    @property
    def passed(self) -> bool:
        """Whether the rule was kept."""
        return self.error is None

    @property
    def message(self) -> str:
        """How the rule was broken; empty if it was kept."""
        if self.error is None:
            return ""
        if isinstance(self.error, CheckFailure):
            return str(self.error)
        return f"raised {type(self.error).__name__}: {self.error}"


def run_checks(checks: Sequence[Check], make: Callable[[], Any]) -> list[CheckResult]:
    """Run every check, each on things that ``make`` makes afresh."""
    return [CheckResult(check, _outcome(check, make)) for check in checks]


def _outcome(check: Check, make: Callable[[], Any]) -> Exception | None:
    try:
        check.run(make)
    except Exception as error:
        return error
    return None
