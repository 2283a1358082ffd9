"""The queue is chosen by the scheme of its URL, and has what the service needs of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import table_queue

import trx_core.builtin
import trx_server.plugin
from trx_core import hookimpl
from trx_core.capabilities import QueueCapabilities
from trx_core.errors import AdapterError, OperatorError, PluginError
from trx_core.plugins import Registry, registry_of
from trx_core.protocols import Order
from trx_core.specs import QueueSpec
from trx_core.testing import QueueSuite, sample_tasks
from trx_server.queue import PluginQueue, make_queue

LIVE = QueueCapabilities(shared=True, adopts=True, keeps_alive=True)


def offering(target: str, capabilities: QueueCapabilities) -> Registry:
    @hookimpl
    def trx_register_queues() -> list[QueueSpec]:
        spec = QueueSpec(
            name="acme", target=f"poor_queues:{target}", summary="Ours.", capabilities=capabilities
        )
        return [spec]

    return registry_of(
        {
            "core": trx_core.builtin,
            "server": trx_server.plugin,
            "table": table_queue,
            "acme": SimpleNamespace(trx_register_queues=trx_register_queues),
        }
    )


def chosen(url: str, registry: Registry | None = None) -> PluginQueue:
    registry = registry or offering("Failing", LIVE)
    return make_queue(registry, url, namespace="n", partitions=3, consumer="one")


class TestTableQueue(QueueSuite):
    (spec,) = table_queue.trx_register_queues()

    @pytest.fixture(autouse=True)
    def server(self, database_url: str) -> None:
        self.params = {"url": "pgtable" + database_url.removeprefix("postgresql")}


def test_a_scheme_that_nobody_offers_is_told_with_those_there_are() -> None:
    with pytest.raises(OperatorError) as told:
        chosen("kafka://broker/topic")
    assert str(told.value).startswith(
        "TRX-O220: no plugin offers a queue for URLs that start with 'kafka://'. "
    )
    assert "There is: acme, pgtable, redis, rediss, unix." in str(told.value)


def test_a_queue_of_one_process_is_refused_by_what_it_lacks() -> None:
    with pytest.raises(OperatorError) as told:
        chosen("memory://here")
    assert "TRX-O221: the queue 'memory'" in str(told.value)
    assert "does not declare shared, adopts and keeps_alive" in str(told.value)


def test_what_is_declared_must_be_there() -> None:
    with pytest.raises(PluginError, match=r"TRX-P160.*declares adopts and has no adopt\(\)"):
        chosen("acme://x", offering("Poor", LIVE))


def test_a_wrong_url_is_told_by_the_queue_itself() -> None:
    with pytest.raises(OperatorError, match="TRX-O210"):
        chosen("redis://host:port/0")


async def test_what_a_queue_raises_is_an_outage_with_its_name() -> None:
    queue = chosen("acme://x")
    for call in (queue.publish([]), queue.append([]), queue.ack([]), queue.adopt(1.0, 1)):
        with pytest.raises(AdapterError, match=r"TRX-A220: the queue 'acme'.*ConnectionResetError"):
            await call


async def test_without_epochs_there_is_one_for_the_scheme_and_the_namespace(
    database_url: str,
) -> None:
    queue = chosen("pgtable" + database_url.removeprefix("postgresql"))
    async with queue.opened():
        assert await queue.ensure() == await queue.append(sample_tasks(3)) == "pgtable/n"
        assert await queue.forget("anyone") is True
        assert len(await queue.fetch(9, Order.ARRIVAL, wait=0.0)) == 3
