"""The kinds of simulated workers by their distributions."""

from __future__ import annotations

from trx_workers.simulators.distributions import (
    DeterministicService,
    ExponentialService,
    GammaService,
    LogNormalService,
    ParetoService,
    WeibullService,
)
from trx_workers.simulators.empirical import EmpiricalService
from trx_workers.simulators.measured import ThroughputService
from trx_workers.simulators.simulated import Simulated

__all__ = [
    "Deterministic",
    "Empirical",
    "Exponential",
    "Gamma",
    "LogNormal",
    "Pareto",
    "Throughput",
    "Weibull",
]


class Deterministic(Simulated):
    """Service times without any chance: what is left is queueing."""

    service = DeterministicService


class Exponential(Simulated):
    """Memoryless service times: the M of queueing theory."""

    service = ExponentialService


class LogNormal(Simulated):
    """Log-normal service times, as measured in clusters (D. Feitelson, "Workload Modeling for
    Computer Systems Performance Evaluation", 2015, chapter 3).
    """

    service = LogNormalService


class Gamma(Simulated):
    """Gamma service times: Erlang's, of several phases, where ``1 / cv²`` is whole."""

    service = GammaService


class Weibull(Simulated):
    """Weibull service times."""

    service = WeibullService


class Pareto(Simulated):
    """Service times with a power tail, as of sizes of files and sessions (M. Crovella and
    A. Bestavros, "Self-similarity in World Wide Web traffic", IEEE/ACM ToN 5(6), 1997).
    """

    service = ParetoService


class Empirical(Simulated):
    """Service times drawn from measured ones."""

    service = EmpiricalService


class Throughput(Simulated):
    """Work over measured speed, by task type and slots, as Gavel has it (D. Narayanan et al.,
    "Heterogeneity-aware cluster scheduling policies for deep learning workloads", OSDI 2020).
    """

    service = ThroughputService
