"""Capacity that follows the load, as cluster autoscalers have it."""

from __future__ import annotations

import math
from typing import NamedTuple

from trx_workers.weather.parameters import Elastic

__all__ = ["Scaling", "scaled"]


class Scaling(NamedTuple):
    """Where an elastic pool stands.

    Attributes:
        capacity: slots that are there.
        ordered: slots that will be there, and when, seconds; ``None``: no more are on their way.
        low_since: since when fewer slots are wanted than there are; ``None``: they are not.
        peak: the most that were wanted since then.
    """

    capacity: int
    ordered: tuple[int, float] | None = None
    low_since: float | None = None
    peak: int = 0


def scaled(
    elastic: Elastic, before: Scaling | None, most: int, busy: int, now: float
) -> tuple[Scaling, float]:
    """Where the pool stands at ``now`` (seconds), and when to look again.

    The wish is that of Kubernetes' horizontal autoscaler, with its stabilization window on the way
    down: ``ceil(busy / target)``.

    Args:
        elastic: how it scales.
        before: where it stood; ``None`` at first.
        most: slots that it may have.
        busy: slots that are occupied.
        now: see above.
    """
    least = min(elastic.min, most)
    state = before or Scaling(least)
    if state.ordered is not None and state.ordered[1] <= now:
        state = Scaling(state.ordered[0])
    wanted = max(least, min(most, math.ceil(busy / elastic.target)))
    if wanted > state.capacity:
        state = _grown(elastic, state, wanted, now)
    elif wanted < state.capacity:
        state = _shrunk(elastic, state, wanted, now)
    else:
        state = state._replace(low_since=None, peak=0)
    look = (math.floor(now / elastic.look) + 1) * elastic.look
    return state, look if state.ordered is None else min(look, state.ordered[1])


def _grown(elastic: Elastic, state: Scaling, wanted: int, now: float) -> Scaling:
    ordered = state.ordered or (wanted, now + elastic.up_delay)
    if ordered[1] <= now:
        return Scaling(ordered[0])
    return Scaling(state.capacity, ordered)


def _shrunk(elastic: Elastic, state: Scaling, wanted: int, now: float) -> Scaling:
    if state.ordered is not None:
        return state
    since = now if state.low_since is None else state.low_since
    peak = max(wanted, state.peak)
    if now - since >= elastic.down_delay:
        return Scaling(peak)
    return state._replace(low_since=since, peak=peak)
