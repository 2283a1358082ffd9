"""It keeps the contract of an algorithm, as it is installed."""

from __future__ import annotations

from trx_core.plugins import load_plugins
from trx_core.testing import AlgorithmSuite


class TestContract(AlgorithmSuite):
    """One test for each rule."""

    spec = load_plugins().algorithm("acme-budget")
