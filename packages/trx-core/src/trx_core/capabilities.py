"""What a plugin declares of itself, so that it need not be guessed.

The conformance kit leaves out a check that a declaration rules out, and rejects a declaration that
it can see is false.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "AlgorithmCapabilities",
    "CollectorCapabilities",
    "QueueCapabilities",
    "WorkerCapabilities",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgorithmCapabilities:
    """What a routing algorithm can do.

    Attributes:
        deterministic: two that are set up alike and see the same rounds decide alike.
        stateful: a decision may depend on the rounds before, a generator's state included.
        multi_slot: it places tasks that need more than one slot; if not, it holds them always.
        bounded_hold: a task that is alone with an idle pool is placed once holding it costs more.
        propensities: its decisions tell the probability of what was chosen.
        outcomes: it has ``observe(outcomes)``, and is told between rounds how attempts have ended;
            what it learns of them is state.
        ignores_pool_order: the order in which pools are listed decides nothing but ties.
    """

    deterministic: bool = True
    stateful: bool = False
    multi_slot: bool = True
    bounded_hold: bool = True
    propensities: bool = False
    ignores_pool_order: bool = False
    outcomes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCapabilities:
    """What a task queue can do.

    Attributes:
        total_order: with ``Order.ARRIVAL`` all tasks come in the order of their arrival, not only
            those of one partition.
        lanes: with ``Order.PRIORITY`` urgent tasks overtake, and no priority starves.
        shared: its target takes ``url``, ``namespace`` and ``consumer``; what is made with the same
            url and namespace, in whatever process, is one queue. The service needs it.
        adopts: what a consumer fetched and never settled is given to another one by
            ``adopt(min_idle_seconds, room)``. The service needs it.
        keeps_alive: ``keep_alive(receipts)`` keeps what this consumer fetched from being adopted,
            and returns the receipts that are not this consumer's any more. The service needs it.
        epochs: ``ensure()``, and ``append``, which is ``publish`` with an answer, tell the epoch of
            the store: another one, if it may have lost what it held. A queue without them is taken
            to lose nothing.
        forgets: ``forget(consumer)`` clears up after a consumer that is gone for good; ``False``:
            some of what it fetched is still to be adopted.
        partitioned: its target takes ``partitions``, the number of parts of the queue.
    """

    total_order: bool = True
    lanes: bool = True
    shared: bool = False
    adopts: bool = False
    keeps_alive: bool = False
    epochs: bool = False
    forgets: bool = False
    partitioned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerCapabilities:
    """What a worker simulator can do.

    Attributes:
        stateful: an outcome may depend on the samples before.
    """

    stateful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorCapabilities:
    """What a metric collector can do.

    Attributes:
        numbers: its attribute, or method without arguments, that gives its numbers; ``None`` if
            they can be read nowhere.
        any_order: the order of the entries does not matter.
        idempotent: an entry that comes again counts once.
        exposes: it has ``collect()``, as collectors of prometheus-client do; a runner shows what
            it gives among its own metrics. It may be called while ``observe`` runs.
    """

    numbers: str | None = None
    any_order: bool = True
    idempotent: bool = True
    exposes: bool = False
