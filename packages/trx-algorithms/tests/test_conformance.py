"""Every algorithm of this package keeps its contract, as it is registered."""

from __future__ import annotations

from trx_algorithms.plugin import trx_register_algorithms
from trx_core.testing import AlgorithmSuite, suites_of

globals().update(suites_of(AlgorithmSuite, trx_register_algorithms()))
