"""Arrival processes: instants without end, in order, seconds from 0."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle

__all__ = ["modulated", "poisson", "thinned"]


def poisson(rate: float, rng: random.Random) -> Iterator[float]:
    """A Poisson process of ``rate`` arrivals a second, above 0."""
    at = 0.0
    while True:
        at += rng.expovariate(rate)
        yield at


def modulated(
    rates: Sequence[float], stays: Sequence[float], rng: random.Random
) -> Iterator[float]:
    """A Markov-modulated Poisson process whose states follow one another in a ring (H. Heffes and
    D. Lucantoni, "A Markov modulated characterization of packetized voice and data traffic and
    related statistical multiplexer performance", IEEE JSAC 4(6), 1986, with two states).

    Args:
        rates: arrivals a second in each state, not negative; one is above 0.
        stays: mean seconds in each state, exponentially distributed; above 0.
        rng: of the numbers.
    """
    since = 0.0
    for rate, stay in cycle(zip(rates, stays, strict=True)):
        until = since + rng.expovariate(1.0 / stay)
        at = since
        while rate > 0 and (at := at + rng.expovariate(rate)) < until:
            yield at
        since = until


def thinned(rate: Callable[[float], float], most: float, rng: random.Random) -> Iterator[float]:
    """A Poisson process whose rate changes with time, by thinning (P. Lewis and G. Shedler,
    "Simulation of nonhomogeneous Poisson processes by thinning", Naval Research Logistics
    Quarterly 26(3), 1979).

    Args:
        rate: arrivals a second at an instant, 0 to ``most``.
        most: the rate is never above it; above 0.
        rng: of the numbers.
    """
    at = rng.expovariate(most)
    while True:
        if rng.random() * most < rate(at):
            yield at
        at += rng.expovariate(most)
