"""Who answers for a round that an algorithm did not decide, and why."""

from __future__ import annotations

import logging
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from trx_core.errors import PluginError
from trx_core.protocols import Algorithm, Order
from trx_core.routing import Breaker

__all__ = ["Blame", "DecisionWatcher", "NamedAlgorithm", "charge", "log_blame"]

logger = logging.getLogger(__name__)


class Blame(StrEnum):
    """Why first-come-first-served decided a round in an algorithm's place."""

    RAISED = "raised"
    OVERRAN = "overran"
    BROKE_CONTRACT = "broke_contract"
    LEFT_ALONE = "left_alone"


class NamedAlgorithm(NamedTuple):
    """An algorithm, and who answers for it.

    Attributes:
        name: as registered.
        provider: plugin, distribution and version, for people.
        algorithm: the object that decides.
        order: how its window is filled.
        distribution: what installed it; empty where that is not known.
        learns: whether it is told how attempts have ended: it is a
            :class:`~trx_core.protocols.Learner`.
    """

    name: str
    provider: str
    algorithm: Algorithm
    order: Order = Order.PRIORITY
    distribution: str = ""
    learns: bool = False


class DecisionWatcher(Protocol):
    """Is told of every decision as it is made; must be quick, and safe to call from threads."""

    def ran(self, algorithm: NamedAlgorithm, seconds: float) -> None:
        """The algorithm was called, and returned or raised in time, after so long."""
        ...

    def fell_back(self, algorithm: NamedAlgorithm, blame: Blame) -> None:
        """First-come-first-served decided a round in its place."""
        ...

    def stands(self, algorithm: NamedAlgorithm, breaker: Breaker) -> None:
        """The state of its breaker, which may be what it was."""
        ...


def charge(algorithm: NamedAlgorithm, blame: Blame, what: str, hint: str) -> PluginError:
    """The blame in one line, however many ``what`` has."""
    who = f"algorithm {algorithm.name!r} ({algorithm.provider})"
    return PluginError(f"{who} {_VERB[blame]}: {_sentence(what)}", code=_CODE[blame], hint=hint)


def _sentence(text: str) -> str:
    line = " ".join(text.split())
    return line if line.endswith((".", "!", "?")) else f"{line}."


_CODE: Final = {
    Blame.RAISED: "TRX-P140",
    Blame.OVERRAN: "TRX-P141",
    Blame.BROKE_CONTRACT: "TRX-P100",
}
_VERB: Final = {
    Blame.RAISED: "raised",
    Blame.OVERRAN: "took too long",
    Blame.BROKE_CONTRACT: "broke its contract",
}


def log_blame(algorithm: NamedAlgorithm, blame: Blame, error: PluginError) -> None:
    """Report a failure to the log, and where it came from if the error knows."""
    traced = {"traceback": error.trace} if error.trace else {}
    extra = {"algorithm": algorithm.name, "blame": blame.value, **traced}
    logger.warning("%s", error, extra=extra)
