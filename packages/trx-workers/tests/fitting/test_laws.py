"""Laws that made samples are found again, and how far off a fit is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from trx_workers.fitting.laws import fit_law, ks_distance
from trx_workers.simulators.fitted import Law, TypeFit

Floats = npt.NDArray[np.float64]
RNG = np.random.default_rng(11)
N = 3000

SAMPLES: dict[Law, Floats] = {
    Law.EXPONENTIAL: RNG.exponential(0.5, N),
    Law.LOGNORMAL: RNG.lognormal(-1.0, 0.6, N),
    Law.GAMMA: RNG.gamma(5.0, 0.1, N),
    Law.WEIBULL: 0.5 * RNG.weibull(2.5, N),
}

TEXTBOOK: dict[Law, Callable[[TypeFit], Any]] = {
    Law.EXPONENTIAL: lambda f: stats.expon(),
    Law.LOGNORMAL: lambda f: stats.lognorm(np.sqrt(np.log1p(f.cv**2)), scale=(1 + f.cv**2) ** -0.5),
    Law.GAMMA: lambda f: stats.gamma(f.cv**-2, scale=f.cv**2),
    Law.WEIBULL: lambda f: stats.weibull_min(f.shape, scale=1 / stats.weibull_min(f.shape).mean()),
}
"""Laws of mean 1, as SciPy has them."""


def fitted(times: Floats, costs: Floats | None = None, law: Law | None = None) -> Any:
    return fit_law(list(times), list(np.ones(len(times)) if costs is None else costs), law)


@pytest.mark.parametrize("law", SAMPLES)
def test_the_law_that_made_the_samples_is_found(law: Law) -> None:
    found = fitted(SAMPLES[law])
    allowed = {law, Law.GAMMA, Law.WEIBULL} if law is Law.EXPONENTIAL else {law}
    assert found.fit.law in allowed, "an exponential law is a gamma and a Weibull law, too"
    assert found.fit.mean == pytest.approx(SAMPLES[law].mean(), rel=0.01)
    assert found.fit.per_cost == 0.0
    assert found.ks < found.band


def test_parameters_are_those_that_made_the_samples() -> None:
    assert fitted(SAMPLES[Law.LOGNORMAL]).fit.cv == pytest.approx(
        np.sqrt(np.expm1(0.6**2)), rel=0.05
    )
    assert fitted(SAMPLES[Law.GAMMA]).fit.cv == pytest.approx(5**-0.5, rel=0.05)
    assert fitted(SAMPLES[Law.WEIBULL]).fit.shape == pytest.approx(2.5, rel=0.05)


@pytest.mark.parametrize("law", SAMPLES)
def test_the_distance_is_that_of_a_textbook(law: Law) -> None:
    found = fitted(SAMPLES[law], law=law)
    assert found.fit.law is law
    exact_law = TEXTBOOK[law](found.fit)
    exact = stats.kstest(SAMPLES[law] / found.fit.mean, exact_law.cdf).statistic
    assert found.ks == pytest.approx(exact, abs=5e-4)


def test_a_wrong_law_is_far_off() -> None:
    found = fitted(SAMPLES[Law.GAMMA], law=Law.EXPONENTIAL)
    assert found.ks > 5 * found.band


def test_a_mean_that_grows_with_the_cost_is_found() -> None:
    costs = RNG.uniform(0.0, 20.0, N)
    times = (0.5 + 0.25 * costs) * RNG.lognormal(-0.5 * 0.4**2, 0.4, N)
    fit = fitted(times, costs).fit
    assert fit.law is Law.LOGNORMAL
    assert (fit.mean, fit.per_cost) == (
        pytest.approx(0.5, rel=0.1),
        pytest.approx(0.25, rel=0.04),
    )
    assert fit.cv == pytest.approx(np.sqrt(np.expm1(0.16)), rel=0.06)


def test_a_mean_that_does_not_grow_is_left_alone() -> None:
    assert fitted(SAMPLES[Law.GAMMA], RNG.uniform(0.0, 20.0, N)).fit.per_cost == 0.0


def test_what_no_law_fits_is_taken_as_measured() -> None:
    times = np.concatenate([RNG.normal(0.1, 0.01, 600), RNG.normal(1.0, 0.05, 400)])
    found = fitted(times)
    assert found.fit.law is Law.EMPIRICAL
    assert found.fit.mean == pytest.approx(times.mean(), rel=0.01)
    assert found.ks < 0.02
    assert [one.law for one in found.candidates], "what was tried is told"


def test_times_that_are_all_the_same_or_just_a_few() -> None:
    same = fitted(np.full(50, 0.25))
    assert (same.fit.law, same.fit.mean, same.ks) == (Law.DETERMINISTIC, 0.25, 0.0)
    costs = np.array([1.0, 2.0, 3.0, 4.0] * 5)
    exact = fitted(0.5 + 0.25 * costs, costs).fit
    assert (exact.law, exact.mean, exact.per_cost) == (
        Law.DETERMINISTIC,
        pytest.approx(0.5),
        pytest.approx(0.25),
    )
    for times in ([0.3], [0.3, 0.9], [0.0, 0.0, 1.0]):
        found = fitted(np.array(times))
        assert np.isfinite(found.ks) and found.fit.mean > 0


def test_a_simulator_at_its_own_quantiles_is_at_no_distance() -> None:
    grid = -np.log1p(-(np.arange(1000) + 0.5) / 1000)
    assert ks_distance(grid, TypeFit(law=Law.EXPONENTIAL)) == pytest.approx(0.0005, abs=3e-4)
