"""Fits distributions to service times by maximum likelihood, and says how well they fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

from trx_workers.simulators.fitted import Law, TypeFit, stretch_of

__all__ = ["FAR", "Candidate", "LawFit", "fit_law", "ks_distance"]

Floats = npt.NDArray[np.float64]

LEAST: Final = 1e-9
"""Stands in for a service time of 0, which no law but the empirical has."""

ALIKE: Final = 1e-6
"""Times whose coefficient of variation is below are all the same."""

CLEARLY: Final = 10.0
"""By how much the AIC of means that grow with cost must be better."""

FAR: Final = 0.05
"""KS distance beyond which no law fits, however many samples there are: measured times go."""

ENOUGH: Final = 100
"""Samples that measured times need to stand for themselves."""

POINTS: Final = 200
GRID: Final = np.linspace(0.0, 1.0, 4001)[:-1]


class Candidate(NamedTuple):
    """A law that was tried.

    Attributes:
        law: which.
        aic: Akaike's criterion, smaller is better.
        scaled: whether the mean grows with the task's cost.
    """

    law: Law
    aic: float
    scaled: bool


class LawFit(NamedTuple):
    """The law that was chosen.

    Attributes:
        fit: its parameters.
        ks: Kolmogorov-Smirnov distance between the samples and the simulator.
        band: distance that 95 of 100 samples of a law that was not fitted stay below; parameters
            that were fitted to the same samples make for a smaller one (Lilliefors).
        stretches: [N] samples over their mean by the fit, rising.
        candidates: what was tried, best first.
    """

    fit: TypeFit
    ks: float
    band: float
    stretches: Floats
    candidates: Sequence[Candidate]


class _Tried(NamedTuple):
    candidate: Candidate
    fit: TypeFit


def fit_law(seconds: Sequence[float], costs: Sequence[float], law: Law | None = None) -> LawFit:
    """The law that fits best.

    Log-normal, gamma, Weibull and exponential laws are fitted by maximum likelihood, about a mean
    that is the same for all and about one that grows with the task's cost; the least AIC (H.
    Akaike, 1974) is chosen, a growing mean only if it is better by ``CLEARLY``. If the law's
    distance is more than ``FAR`` and more than chance (1 of 100) explains, the measured times
    themselves are taken.

    Args:
        seconds: [N] service times, N from 1.
        costs: [N] of their tasks.
        law: the only law to try.
    """
    times = np.maximum(np.asarray(seconds, dtype=np.float64), LEAST)
    sizes = np.asarray(costs, dtype=np.float64)
    count = len(times)
    tried = sorted(_tried(times, sizes, law), key=lambda one: one.candidate.aic)
    level = [one for one in tried if not one.candidate.scaled]
    best = tried[0]
    if best.candidate.scaled and level and level[0].candidate.aic - best.candidate.aic < CLEARLY:
        best = level[0]
    stretches = _stretches(times, sizes, best.fit)
    distance = ks_distance(stretches, best.fit)
    by_chance = 1.63 / math.sqrt(count)
    if law is Law.EMPIRICAL or (law is None and count >= ENOUGH and distance > max(FAR, by_chance)):
        fit = _empirical(stretches, best.fit)
        stretches = _stretches(times, sizes, fit)
        best = _Tried(Candidate(Law.EMPIRICAL, math.nan, best.candidate.scaled), fit)
        distance = ks_distance(stretches, fit)
    candidates = [one.candidate for one in tried]
    return LawFit(best.fit, distance, 1.36 / math.sqrt(count), stretches, candidates)


def ks_distance(stretches: Floats, fit: TypeFit) -> float:
    """Kolmogorov-Smirnov distance between samples (over their mean, rising) and the simulator."""
    quantile = stretch_of(fit)
    model = np.array([quantile(float(u)) for u in GRID])
    count = len(stretches)
    below = np.searchsorted(model, stretches, side="left") / len(GRID)
    upto = np.searchsorted(model, stretches, side="right") / len(GRID)
    above = np.searchsorted(stretches, stretches, side="right") / count
    under = np.searchsorted(stretches, stretches, side="left") / count
    return float(np.max(np.maximum(above - upto, below - under)))


def _tried(times: Floats, sizes: Floats, law: Law | None) -> list[_Tried]:
    means = [(float(times.mean()), 0.0)]
    if len(times) > 2 and np.ptp(sizes) > 0:
        means.append(_growing(times, sizes))
    found: list[_Tried] = []
    for base, per_cost in means:
        mean = np.maximum(base + per_cost * sizes, LEAST)
        ratios = times / mean
        scaled = per_cost > 0
        if ratios.std() < ALIKE or law is Law.DETERMINISTIC:
            fit = TypeFit(law=Law.DETERMINISTIC, mean=base, per_cost=per_cost)
            return [_Tried(Candidate(Law.DETERMINISTIC, -math.inf, scaled), fit)]
        shift = float(np.log(mean).sum())
        for each, (parameters, maximise) in _LAWS.items():
            if each is not Law.EXPONENTIAL and times.min() <= LEAST:
                continue
            if law in (None, Law.EMPIRICAL, each):
                likelihood, stretch, shape = maximise(ratios)
                aic = 2.0 * (parameters + 2 * scaled) - 2.0 * (likelihood - shift)
                fit = TypeFit(law=each, mean=base * stretch, per_cost=per_cost * stretch, **shape)
                found.append(_Tried(Candidate(each, aic, scaled), fit))
    return found or _tried(times, sizes, Law.EXPONENTIAL)


def _growing(times: Floats, sizes: Floats) -> tuple[float, float]:
    """Mean at cost 0, and per work unit: least squares of relative errors, none negative."""
    mean = np.full(len(times), times.mean())
    base, per_cost = float(times.mean()), 0.0
    for _ in range(8):
        design = np.column_stack([1.0 / mean, sizes / mean])
        (base, per_cost), _residual = optimize.nnls(design, times / mean)
        mean = np.maximum(base + per_cost * sizes, LEAST)
    return float(max(base, 0.0)), float(per_cost)


_Maximised = tuple[float, float, dict[str, float]]


def _exponential(ratios: Floats) -> _Maximised:
    mean = float(ratios.mean())
    return float(stats.expon.logpdf(ratios, scale=mean).sum()), mean, {}


def _lognormal(ratios: Floats) -> _Maximised:
    logs = np.log(ratios)
    mu, sigma = float(logs.mean()), float(logs.std())
    likelihood = float(stats.lognorm.logpdf(ratios, sigma, scale=math.exp(mu)).sum())
    cv = math.sqrt(math.expm1(min(sigma**2, 13.0)))
    return likelihood, math.exp(mu + 0.5 * sigma**2), {"cv": min(cv, 1000.0)}


def _gamma(ratios: Floats) -> _Maximised:
    shape, _, scale = stats.gamma.fit(ratios, floc=0)
    likelihood = float(stats.gamma.logpdf(ratios, shape, scale=scale).sum())
    return likelihood, float(shape * scale), {"cv": min(1.0 / math.sqrt(shape), 1000.0)}


def _weibull(ratios: Floats) -> _Maximised:
    shape, _, scale = stats.weibull_min.fit(ratios, floc=0)
    likelihood = float(stats.weibull_min.logpdf(ratios, shape, scale=scale).sum())
    kept = float(np.clip(shape, 0.01, 1000.0))
    return likelihood, float(scale) * math.gamma(1.0 + 1.0 / kept), {"shape": kept}


_LAWS: Final[dict[Law, tuple[int, Callable[[Floats], Any]]]] = {
    Law.EXPONENTIAL: (1, _exponential),
    Law.LOGNORMAL: (2, _lognormal),
    Law.GAMMA: (2, _gamma),
    Law.WEIBULL: (2, _weibull),
}
"""How many parameters a law has, and what maximises its likelihood."""


def _stretches(times: Floats, sizes: Floats, fit: TypeFit) -> Floats:
    return np.sort(times / np.maximum(fit.mean + fit.per_cost * sizes, LEAST))


def _empirical(stretches: Floats, fit: TypeFit) -> TypeFit:
    points = np.quantile(stretches, np.linspace(0.0, 1.0, POINTS + 1))
    mean = float((points[1:] + points[:-1]).mean() / 2.0)
    return TypeFit(
        law=Law.EMPIRICAL,
        mean=fit.mean * mean,
        per_cost=fit.per_cost * mean,
        quantiles=tuple(float(point) for point in points / mean),
    )
