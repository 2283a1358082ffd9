"""Why algorithms decided as they did, in their own words."""

from __future__ import annotations

from typing import NamedTuple

from trx_core.kernel import Decided

__all__ = ["Reason", "Reasons"]


class Reason(NamedTuple):
    """What an algorithm gave as its reason.

    Attributes:
        rounds: how many rounds it gave one for.
        last: the latest.
    """

    rounds: int
    last: str


class Reasons(dict[str, Reason]):
    """Algorithm → the reasons that it gave, of rounds that went as it decided."""

    def hear(self, decided: Decided) -> None:
        """One more round, which has kept the contract; most algorithms give no reason."""
        reason = decided.decision.reason
        if reason:
            known = self.get(decided.algorithm)
            rounds = 1 if known is None else known.rounds + 1
            self[decided.algorithm] = Reason(rounds, reason)
