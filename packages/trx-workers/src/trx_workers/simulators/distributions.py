"""Distributions of service times by their mean and one parameter of shape."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from trx_workers.compiled import AVAILABLE
from trx_workers.simulators.service import MeanService, Stretch, StretchMany

__all__ = [
    "DeterministicService",
    "ExponentialService",
    "GammaService",
    "LogNormalService",
    "ParetoService",
    "WeibullService",
    "lognormal_stretch",
]

_NORMAL: Final = NormalDist()
_LEAST: Final = 2.0**-54
"""Stands in for a uniform number of 0, which has no normal quantile."""

_FEW: Final = 8192
"""Numbers for which a compiler is not worth loading."""


class DeterministicService(MeanService):
    """Every service time equals its mean."""

    def stretch(self) -> Stretch:
        """Always 1."""
        return lambda u: 1.0

    def stretch_many(self) -> StretchMany:
        """As many as are asked for."""
        return np.ones_like


class ExponentialService(MeanService):
    """Exponential: memoryless, cv 1."""

    def stretch(self) -> Stretch:
        """``-ln(1 - u)``."""
        return lambda u: -math.log1p(-u)

    def stretch_many(self) -> StretchMany:
        """By the same logarithm."""
        return _minus_log_of_rest


class LogNormalService(MeanService):
    """Log-normal by mean and variation.

    Attributes:
        cv: coefficient of variation (standard deviation over mean); 0 makes every service time
            equal to its mean.
    """

    cv: float = Field(default=0.5, ge=0, le=100)

    def stretch(self) -> Stretch:
        """``exp(s·z - s²/2)``, ``s² = ln(1 + cv²)``."""
        return lognormal_stretch(self.cv)


class GammaService(MeanService):
    """Gamma by mean and variation: shape ``1 / cv²``.

    Attributes:
        cv: coefficient of variation; 1 is exponential, 1/√k Erlang-k.
    """

    cv: float = Field(default=0.5, ge=0.01, le=10)

    def stretch(self) -> Stretch:
        """``cv² · P⁻¹(1/cv², u)``, P the regularized lower incomplete gamma function."""
        from scipy.special import gammaincinv

        shape = 1.0 / self.cv**2
        return lambda u: float(gammaincinv(shape, u)) / shape


class WeibullService(MeanService):
    """Weibull by mean and shape.

    Attributes:
        shape: below 1 a heavy tail, 1 exponential, above 1 ageing.
    """

    shape: float = Field(default=1.5, ge=0.1, le=100)

    def stretch(self) -> Stretch:
        """``(-ln(1 - u))^(1/shape) / Γ(1 + 1/shape)``."""
        power = 1.0 / self.shape
        scale = 1.0 / math.gamma(1.0 + power)
        return lambda u: scale * (-math.log1p(-u)) ** power


class ParetoService(MeanService):
    """Pareto, type I, by mean and tail index.

    Attributes:
        alpha: tail index, above 1 so that there is a mean; at most 2 the variance is infinite.
    """

    alpha: float = Field(default=2.5, gt=1, le=100)

    def stretch(self) -> Stretch:
        """``(1 - 1/alpha) · (1 - u)^(-1/alpha)``."""
        least, power = 1.0 - 1.0 / self.alpha, -1.0 / self.alpha
        return lambda u: least * (1.0 - u) ** power


def _minus_log_of_rest(u: NDArray[np.float64]) -> NDArray[np.float64]:
    if AVAILABLE and u.size > _FEW:
        from trx_workers.simulators.logarithms import minus_log_of_rest

        return minus_log_of_rest(u)
    return -np.array(list(map(math.log1p, (-u).tolist())))


def lognormal_stretch(cv: float) -> Stretch:
    """Log-normal with mean 1 and coefficient of variation ``cv``."""
    sigma = math.sqrt(math.log1p(cv**2))

    def stretch(u: float) -> float:
        return math.exp(sigma * (_NORMAL.inv_cdf(u or _LEAST) - 0.5 * sigma))

    return stretch
