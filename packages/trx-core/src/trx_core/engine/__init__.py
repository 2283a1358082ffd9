"""What the live engine and the lab share: how effects are handed out, decided and logged."""

from trx_core.engine.blame import Blame, DecisionWatcher, NamedAlgorithm
from trx_core.engine.calls import Answer, call
from trx_core.engine.collecting import Collectors, CollectorWatcher
from trx_core.engine.conductor import Conductor, Handlers
from trx_core.engine.decider import Decider
from trx_core.engine.feed import Loss, NamedCollector
from trx_core.engine.journal import Deed, in_words
from trx_core.engine.log import (
    cancelled,
    dead_lettered,
    dispatched,
    enqueued,
    recovered,
    settled,
)
from trx_core.engine.reasons import ReasonSummary, ReasonTally, Said, said_in_words
from trx_core.engine.simulators import FAILS, Simulators, is_sound
from trx_core.engine.variations import Variations
from trx_core.interrupts import telling_interrupts_apart

__all__ = [
    "FAILS",
    "Answer",
    "Blame",
    "CollectorWatcher",
    "Collectors",
    "Conductor",
    "Decider",
    "DecisionWatcher",
    "Deed",
    "Handlers",
    "Loss",
    "NamedAlgorithm",
    "NamedCollector",
    "ReasonSummary",
    "ReasonTally",
    "Said",
    "Simulators",
    "Variations",
    "call",
    "cancelled",
    "dead_lettered",
    "dispatched",
    "enqueued",
    "in_words",
    "is_sound",
    "recovered",
    "said_in_words",
    "settled",
    "telling_interrupts_apart",
]
