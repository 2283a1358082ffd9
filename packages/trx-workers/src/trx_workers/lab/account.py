"""Who decided the rounds of some runs, and what was left or refused in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final, Self

from trx_core.engine import Blame
from trx_core.errors import PluginError
from trx_core.kernel import FALLBACK
from trx_core.report.figures import count, percent
from trx_workers.lab.finding import Finding

__all__ = ["VERB", "Account", "accounts_of", "demand_decisions", "stand_ins", "together"]

VERB: Final[Mapping[Blame, str]] = MappingProxyType(
    {
        Blame.RAISED: "raised",
        Blame.OVERRAN: "took too long",
        Blame.BROKE_CONTRACT: "broke its contract",
        Blame.LEFT_ALONE: "was left alone after failing",
    }
)
"""What an algorithm did that first-come-first-served stood in for it."""


@dataclass(frozen=True, slots=True)
class Account:
    """What became of an algorithm's rounds, and of the tasks, over one run or more.

    Attributes:
        runs: how many runs.
        rounds: decided, whoever decided them.
        fallbacks: rounds that first-come-first-served decided, by :class:`Blame`.
        placed: tasks placed, each by whoever placed its latest attempt.
        placed_by_fallback: those of them that first-come-first-served placed.
        accepted: tasks.
        left: tasks that had not ended when the run had.
        refused: rows of the traffic that no pool could carry out.
        malformed: rows of the traffic that could not be read.
        plugin: who answers for the algorithm, for people.
    """

    runs: int
    rounds: int
    fallbacks: Mapping[str, int]
    placed: int
    placed_by_fallback: int
    accepted: int
    left: int
    refused: int
    malformed: int
    plugin: str

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """Of one run."""
        fallbacks: Counter[str] = Counter()
        for key, rounds in finding.failures.items():
            fallbacks[key.rpartition("/")[2]] += rounds
        asked = fallbacks[Blame.RAISED] + fallbacks[Blame.BROKE_CONTRACT]
        placed = finding.summary.algorithms
        return cls(
            runs=1,
            rounds=finding.rounds - asked + fallbacks.total(),
            fallbacks=dict(+fallbacks),
            placed=sum(placed.values()),
            placed_by_fallback=placed.get(FALLBACK, 0),
            accepted=finding.summary.accepted,
            left=max(finding.unplaced, finding.summary.open),
            refused=finding.refused,
            malformed=finding.malformed,
            plugin=finding.plugin,
        )

    def __add__(self, other: Account) -> Account:
        added = {
            name: getattr(self, name) + getattr(other, name)
            for name in self.__slots__
            if name not in ("fallbacks", "plugin")
        }
        fallbacks = Counter(self.fallbacks) + Counter(other.fallbacks)
        return Account(**added, fallbacks=dict(fallbacks), plugin=self.plugin)

    @property
    def stood_in(self) -> int:
        """Rounds that first-come-first-served decided in the algorithm's place."""
        return sum(self.fallbacks.values())

    @property
    def own(self) -> int:
        """Rounds that the algorithm decided itself."""
        return self.rounds - self.stood_in

    @property
    def idle(self) -> bool:
        """Whether there were rounds, and the algorithm decided none of them."""
        return self.rounds > 0 and self.own == 0

    @property
    def foreign(self) -> bool:
        """Whether the result is that of first-come-first-served: it decided more than half of the
        rounds, or placed more than half of the tasks."""
        return 2 * self.stood_in > self.rounds or 2 * self.placed_by_fallback > self.placed

    @property
    def clean(self) -> bool:
        """Whether there were tasks, every one of them ended, and no row was refused."""
        return bool(self.accepted) and not self.left and not self.refused

    @property
    def why(self) -> str:
        """Why first-come-first-served stood in, and how often: ``"raised in 3 rounds"``."""
        return ", ".join(
            f"{VERB[blame]} in {count(self.fallbacks[blame])}"
            for blame in Blame
            if blame in self.fallbacks
        )

    def called(self, label: str) -> str:
        """What to call the numbers that stand under an algorithm's label."""
        return f"{label} (decided by first come, first served)" if self.foreign else label

    def told(self) -> tuple[str, str, str, str]:
        """Rounds, the share of them that first-come-first-served decided, tasks left, and rows
        refused; all over the runs."""
        share = percent(self.stood_in / self.rounds if self.rounds else None)
        return count(self.rounds), share, count(self.left), count(self.refused)

    def to_dict(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return {**asdict(self), "fallbacks": dict(self.fallbacks), "foreign": self.foreign}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Self:
        """Back from :meth:`to_dict`.

        Raises:
            KeyError, TypeError: it is none.
        """
        return cls(**{name: told[name] for name in cls.__slots__})


def accounts_of(found: Mapping[str, Sequence[Finding]]) -> dict[str, Account]:
    """Algorithm → its runs together."""
    return {label: together(map(Account.of, runs)) for label, runs in found.items()}


def together(accounts: Iterable[Account]) -> Account:
    """One or more as one."""
    first, *others = accounts
    for other in others:
        first += other
    return first


def stand_ins(accounts: Mapping[str, Account]) -> list[str]:
    """A sentence for each algorithm that first-come-first-served stood in for."""
    return [_stood_in(label, account) for label, account in accounts.items() if account.stood_in]


def _stood_in(label: str, account: Account) -> str:
    share = percent(account.stood_in / account.rounds)
    told = (
        f"First come, first served decided {share} of the {count(account.rounds)} rounds of "
        f"{label}, which {account.why}"
    )
    return f"{told}: the result is not {label}'s." if account.foreign else f"{told}."


def demand_decisions(accounts: Mapping[str, Account]) -> None:
    """Make sure that every algorithm has decided at least one of its rounds.

    Raises:
        PluginError: ``TRX-P142``, one has failed in all of them.
    """
    failed = [
        f"{label} of {account.plugin} ({account.why} of {count(account.rounds)} rounds)"
        for label, account in accounts.items()
        if account.idle
    ]
    if failed:
        raise PluginError(
            f"every round failed of {'; '.join(failed)}, and first come, first served decided "
            "instead.",
            code="TRX-P142",
            hint="The warnings above say what went wrong; mend the algorithm.",
        )
