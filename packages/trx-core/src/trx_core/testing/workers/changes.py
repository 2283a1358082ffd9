"""Checks of what a worker simulator says of pools that change over time."""

from __future__ import annotations

from typing import Final

from trx_core.engine import Variations
from trx_core.errors import PluginError
from trx_core.protocols import Varying
from trx_core.testing.checks import CheckFailure, NotApplicable
from trx_core.testing.samples import sample_pools
from trx_core.testing.workers.subject import NOW, WorkerSubject

__all__ = ["vary_soundly"]

STEPS: Final = 50


def vary_soundly(subject: WorkerSubject) -> None:
    """One that has ``vary`` answers with the pool as it was given, but for its capacity, at most
    the given one, and its price, both not negative; and with a later instant at which it is to be
    asked again. Two that are set up alike, and see the same load, answer alike.
    """
    if not isinstance(subject.make(), Varying):
        raise NotApplicable("its pools stay as they are")
    one, two = _told(subject), _told(subject)
    if one != two:
        raise CheckFailure("it has two states for one pool at one instant")


def _told(subject: WorkerSubject) -> list[object]:
    simulator, pools = subject.make(), sample_pools()
    variations = Variations(lambda pool: simulator)
    busy = {pool.id: pool.capacity // 2 for pool in pools}
    try:
        told: list[object] = [variations.adopt(pools, busy, NOW)]
        for _ in range(STEPS):
            if variations.due == float("inf"):
                break
            told += [variations.due, variations.advance(busy, variations.due)]
    except PluginError as error:
        raise CheckFailure(error.message.rstrip(".")) from None
    return told
