"""Runs an algorithm, and first-come-first-served in its place when it fails."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from trx_core.errors import PluginError
from trx_core.kernel import FALLBACK, Decide, Decided, Reject
from trx_core.protocols import Algorithm, Order
from trx_core.routing import first_come_first_served

__all__ = ["Blame", "Decider", "NamedAlgorithm"]

logger = logging.getLogger(__name__)


class Blame(StrEnum):
    """How an algorithm failed."""

    RAISED = "raised"
    OVERRAN = "overran"
    BROKE_CONTRACT = "broke_contract"


class NamedAlgorithm(NamedTuple):
    """An algorithm, and who answers for it.

    Attributes:
        name: as registered.
        provider: plugin, distribution and version, for people.
        algorithm: the object that decides.
        order: how its window is filled.
    """

    name: str
    provider: str
    algorithm: Algorithm
    order: Order = Order.PRIORITY


class Decider:
    """Answers :class:`~trx_core.kernel.Decide`.

    Attributes:
        chosen: the algorithm that decides; may be replaced between rounds.
        failures: rounds that fell back, by algorithm and blame.
        seconds: time spent deciding, by algorithm.
        rounds: rounds decided, by algorithm.

    Args:
        chosen: see above.
        on_blame: gets every failure; the default writes it to the log.
    """

    def __init__(
        self,
        chosen: NamedAlgorithm,
        on_blame: Callable[[NamedAlgorithm, Blame, PluginError], None] | None = None,
    ) -> None:
        self.chosen = chosen
        self.failures: Counter[tuple[str, Blame]] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.rounds: Counter[str] = Counter()
        self._on_blame = on_blame or log_blame

    def decide(self, effect: Decide) -> Decided:
        """Run the chosen algorithm; never raises for what the algorithm does."""
        chosen = self.chosen
        started = time.perf_counter()
        try:
            decision = chosen.algorithm.route(effect.problem)
        except Exception as error:
            return self.fall_back(effect, chosen, Blame.RAISED, f"{type(error).__name__}: {error}")
        finally:
            self.seconds[chosen.name] += time.perf_counter() - started
            self.rounds[chosen.name] += 1
        return Decided(effect.round, decision, chosen.name)

    def fall_back(
        self, effect: Decide, algorithm: NamedAlgorithm, blame: Blame, what: str
    ) -> Decided:
        """Decide first-come-first-served, and put the blame on ``algorithm``."""
        self.blame(algorithm, blame, what)
        return Decided(effect.round, first_come_first_served(effect.problem), FALLBACK)

    def rejected(self, effect: Reject) -> None:
        """The kernel found that a decision broke the contract, and fell back by itself."""
        violation = effect.violation
        self.blame(self.chosen, Blame.BROKE_CONTRACT, str(violation))

    def blame(self, algorithm: NamedAlgorithm, blame: Blame, what: str) -> None:
        """Count a failure and report it."""
        self.failures[algorithm.name, blame] += 1
        error = PluginError(
            f"algorithm {algorithm.name!r} ({algorithm.provider}) {_VERB[blame]}: {what}",
            code=_CODE[blame],
            hint="First-come-first-served decided this round.",
        )
        self._on_blame(algorithm, blame, error)


_CODE = {Blame.RAISED: "TRX-P140", Blame.OVERRAN: "TRX-P141", Blame.BROKE_CONTRACT: "TRX-P100"}
_VERB = {
    Blame.RAISED: "raised",
    Blame.OVERRAN: "took too long",
    Blame.BROKE_CONTRACT: "broke its contract",
}


def log_blame(algorithm: NamedAlgorithm, blame: Blame, error: PluginError) -> None:
    """Report a failure to the log."""
    logger.warning("%s", error, extra={"algorithm": algorithm.name, "blame": blame.value})
