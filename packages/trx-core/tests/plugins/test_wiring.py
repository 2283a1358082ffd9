"""What makes the workers of a pool, and what is said when it cannot."""

from __future__ import annotations

import sys

import pytest
from kernel_bench import pool

from trx_core import hookimpl
from trx_core.errors import OperatorError, PluginError
from trx_core.models import Outcome, Task, WorkerPool
from trx_core.plugins import Registry, registry_of
from trx_core.plugins.wiring import make_algorithm, make_collector, simulator_maker, worker_maker
from trx_core.specs import AlgorithmSpec, CollectorSpec, WorkerKindSpec


class Careful:
    async def execute(self, task: Task, pool: WorkerPool) -> Outcome:
        return Outcome(0.0, True, 0.0)


class Blocking:
    def execute(self, task: Task, pool: WorkerPool) -> Outcome:
        return Outcome(0.0, True, 0.0)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    monkeypatch.setitem(sys.modules, "wiring_workers", sys.modules[__name__])

    class Plugin:
        @hookimpl
        def trx_register_workers(self) -> list[WorkerKindSpec]:
            return [
                WorkerKindSpec(
                    name=kind.__name__.lower(),
                    target=f"wiring_workers:{kind.__name__}",
                    summary="Does it.",
                    simulator=False,
                )
                for kind in (Careful, Blocking)
            ]

    return registry_of({"acme": Plugin()})


def test_a_real_worker_is_made(registry: Registry) -> None:
    assert isinstance(worker_maker(registry)(pool("p", worker={"kind": "careful"})), Careful)


def test_a_real_worker_cannot_be_simulated_and_is_told_how(registry: Registry) -> None:
    with pytest.raises(OperatorError, match=r"TRX-O121: pool 'p' .*'careful'.*`trx fit`"):
        simulator_maker(registry)(pool("p", worker={"kind": "careful"}))


def test_a_worker_that_would_block_is_refused(registry: Registry) -> None:
    with pytest.raises(PluginError, match=r"TRX-P136: .*'blocking'.*async execute"):
        worker_maker(registry)(pool("p", worker={"kind": "blocking"}))


def test_a_kind_that_nobody_offers_is_named(registry: Registry) -> None:
    with pytest.raises(OperatorError, match=r"TRX-O120: .*'robots'.*careful"):
        worker_maker(registry)(pool("p", worker={"kind": "robots"}))


class Deaf:
    """Has no ``observe``."""


class Shut:
    @property
    def observe(self) -> None:
        raise SystemExit(3)


class Late:
    async def observe(self, entries: object) -> None:
        """Never called."""


class Constant:
    observe = 7


@pytest.mark.parametrize(
    ("made", "why"), [(Deaf, ""), (Shut, ": SystemExit: 3"), (Late, ""), (Constant, "")]
)
def test_a_collector_that_cannot_take_in_the_log_is_told(
    made: type, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "wiring_workers", sys.modules[__name__])

    class Plugin:
        @hookimpl
        def trx_register_metric_collectors(self) -> list[CollectorSpec]:
            target = f"wiring_workers:{made.__name__}"
            return [CollectorSpec(name="deaf", target=target, summary="Hears nothing.")]

    told = rf"TRX-P153: the metric collector 'deaf'.* that can be called{why}\."
    with pytest.raises(PluginError, match=told):
        make_collector(registry_of({"acme": Plugin()}), "deaf")


class Hidden:
    def __getattribute__(self, name: str) -> object:
        raise SystemExit(2)


def test_an_algorithm_that_cannot_be_looked_at_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wiring_workers", sys.modules[__name__])

    class Plugin:
        @hookimpl
        def trx_register_algorithms(self) -> list[AlgorithmSpec]:
            return [AlgorithmSpec(name="hidden", target="wiring_workers:Hidden", summary="Hides.")]

    with pytest.raises(PluginError, match=r"TRX-P111: 'hidden'.* SystemExit: 2, while"):
        make_algorithm(registry_of({"acme": Plugin()}), "hidden")
