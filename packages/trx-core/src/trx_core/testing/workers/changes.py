"""Checks of what a worker simulator says of pools that change over time, or have a line."""

from __future__ import annotations

from typing import Final

from trx_core.engine import Variations
from trx_core.errors import PluginError
from trx_core.models import WorkerPool
from trx_core.protocols import Queueing, Seeded, Varying, WorkerSimulator
from trx_core.randomness import KeyedRandom
from trx_core.testing.checks import CheckFailure, NotApplicable
from trx_core.testing.samples import sample_pools
from trx_core.testing.watch import even_luck, watch
from trx_core.testing.workers.subject import NOW, WorkerSubject, sample, trials

__all__ = ["agree_when_seeded", "serve_within_capacity", "vary_soundly"]

STEPS: Final = 50
SEED: Final = 7
CAPACITIES: Final = (1, 2, 3, 5, 64, 1_000)


def vary_soundly(subject: WorkerSubject) -> None:
    """One that has ``vary`` answers with the pool as it was given, but for its capacity, at most
    the given one, and its price, both not negative; and with a later instant at which it is to be
    asked again. Two that are set up alike, and see the same load, answer alike.
    """
    if not isinstance(subject.make(), Varying):
        raise NotApplicable("its pools stay as they are")
    try:
        one, two = _told(subject.make()), _told(subject.make())
    except PluginError as error:
        raise CheckFailure(error.message.rstrip(".")) from None
    if one != two:
        raise CheckFailure("it has two states for one pool at one instant")


def agree_when_seeded(subject: WorkerSubject) -> None:
    """Of one that has ``seeded`` two that are given the same seed have the same outcomes, to the
    bit, and the same states of their pools, whatever has been drawn from the global generators:
    all that happens by chance is a function of the seed, the pool and the time. No clock is read
    for it.
    """
    if not isinstance(subject.make(), Seeded):
        raise NotApplicable("nothing happens to its pools by chance")
    one, two = _seeded(subject, luck=1), _seeded(subject, luck=2)
    if one != two:
        raise CheckFailure("two that were given the same seed do not agree")


def serve_within_capacity(subject: WorkerSubject) -> None:
    """One that has ``servers`` tells how many of a pool's slots serve at once, as an ``int`` from 1
    to the pool's capacity, and the same for the same pool.
    """
    simulator, other = subject.make(), subject.make()
    if not isinstance(simulator, Queueing) or not isinstance(other, Queueing):
        raise NotApplicable("nobody stands in line at its pools")
    for pool in _pools_of_every_size():
        told = simulator.servers(pool)
        if not isinstance(told, int) or isinstance(told, bool) or not 1 <= told <= pool.capacity:
            raise CheckFailure(f"of a pool of {pool.capacity} slots it says that {told!r} serve")
        if told != other.servers(pool):
            raise CheckFailure(f"it says two numbers of servers of a pool of {pool.capacity} slots")


def _pools_of_every_size() -> list[WorkerPool]:
    return [
        pool.model_copy(update={"capacity": capacity})
        for pool in sample_pools()
        for capacity in CAPACITIES
    ]


def _seeded(subject: WorkerSubject, *, luck: int) -> list[object]:
    """What is told by one that has its seed, all luck that is not its own starting from ``luck``.

    Raises:
        CheckFailure: it read a clock, or drew hidden luck, when it was given its seed.
    """
    simulator, drawn = subject.make(), KeyedRandom(1)
    assert isinstance(simulator, Seeded)
    with even_luck(luck):
        with watch() as seen:
            simulator.seeded(SEED)
        if hidden := [*seen.clock, *seen.luck]:
            raise CheckFailure(f"given its seed, it asks for more: {'; '.join(hidden[:3])}")
        told: list[object] = [repr(sample(simulator, trial, drawn)) for trial in trials()]
        return told + (_told(simulator) if isinstance(simulator, Varying) else [])


def _told(simulator: WorkerSimulator) -> list[object]:
    pools = sample_pools()
    variations = Variations(lambda pool: simulator)
    busy = {pool.id: pool.capacity // 2 for pool in pools}
    told: list[object] = [variations.adopt(pools, busy, NOW)]
    for _ in range(STEPS):
        if variations.due == float("inf"):
            break
        told += [variations.due, variations.advance(busy, variations.due)]
    return told
