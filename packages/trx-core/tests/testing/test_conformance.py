"""What the SDK itself offers keeps its contract."""

from __future__ import annotations

from trx_core.builtin import trx_register_queues
from trx_core.capabilities import CollectorCapabilities
from trx_core.report import Fold
from trx_core.testing import CollectorSuite, QueueSuite


class TestMemoryQueue(QueueSuite):
    spec = trx_register_queues()[0]


class TestFold(CollectorSuite):
    capabilities = CollectorCapabilities(numbers="summary")

    def make(self) -> Fold:
        return Fold()
