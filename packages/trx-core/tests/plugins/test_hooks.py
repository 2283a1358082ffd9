"""Each hook, from a distribution that is installed to the thing that it offers, in use.

A hook has a test here that is called after it.
"""

from __future__ import annotations

import random
from pathlib import Path
from textwrap import dedent

import pytest
from throwaway import Site

from trx_core.cli.root import imported
from trx_core.errors import CallerError
from trx_core.fleets import default_fleet, open_fleet
from trx_core.plugins import HOOKS, Registry
from trx_core.plugins.wiring import make_algorithm, simulator_maker
from trx_core.protocols import Order
from trx_core.testing import RoundShape, make_round, sample_log, sample_tasks
from trx_core.traces import open_trace


def installed(site: Site, hook: str, things: str, **more: str) -> Registry:
    """A registry that has, from a distribution, what ``hook`` registers: ``acme_things:Thing``."""
    (spec,) = [one.spec.__name__ for one in HOOKS if one.name == hook]
    fields = "".join(f", {name}={value}" for name, value in more.items())
    site.module("acme_things", things)
    site.install(
        "acme",
        dedent(f"""
            from trx_core import hookimpl
            from trx_core.protocols import Order
            from trx_core.specs import {spec}

            @hookimpl
            def {hook}():
                return [
                    {spec}(name="thing", target="acme_things:Thing", summary="A thing."{fields})
                ]
        """),
    )
    registry = site.load()
    assert not registry.troubled
    return registry


def test_trx_register_algorithms(site: Site) -> None:
    things = """
        from trx_core import ScoreAlgorithm

        class Thing(ScoreAlgorithm):
            def __init__(self, sign=1):
                self.sign = sign

            def score(self, task, pool):
                return self.sign * pool.cost_per_unit
    """
    registry = installed(site, "trx_register_algorithms", things, order="Order.ARRIVAL")
    made = make_algorithm(registry, "thing", {"sign": -1})
    assert (made.order, "acme-router 0.3.1" in made.provider) == (Order.ARRIVAL, True)
    problem = make_round(RoundShape("room", tasks=1, pools=5, busy=0.0, plain=True))
    (placed,) = made.algorithm.route(problem).pool
    assert problem.cost_per_unit[placed] == problem.cost_per_unit.min()


def test_an_algorithm_that_asks_for_foresight_needs_an_engine_that_has_it(site: Site) -> None:
    things = """
        class Thing:
            def foresee(self, foresight):
                self.foresight = foresight

            def route(self, problem):
                raise NotImplementedError
    """
    registry = installed(site, "trx_register_algorithms", things)
    with pytest.raises(CallerError, match="TRX-C121: the algorithm 'thing' must know"):
        make_algorithm(registry, "thing")
    assert make_algorithm(registry, "thing", foresight=True).name == "thing"


async def test_trx_register_queues(site: Site) -> None:
    things = "from trx_core.queues import MemoryQueue as Thing"
    queue = installed(site, "trx_register_queues", things).queue("thing").build()
    await queue.publish(sample_tasks(3))
    assert len(await queue.fetch(10, Order.ARRIVAL, wait=0.0)) == 3


def test_trx_register_workers(site: Site) -> None:
    things = """
        from trx_core.models import Outcome

        class Thing:
            def __init__(self, seconds):
                self.seconds = seconds

            def sample(self, task, pool, now, rng):
                return Outcome(self.seconds, True, 0.0)
    """
    registry = installed(site, "trx_register_workers", things)
    pool = default_fleet().pools[0]
    given = pool.worker.model_copy(update={"kind": "thing", "params": {"seconds": 7.0}})
    pool = pool.model_copy(update={"worker": given})
    simulator = simulator_maker(registry)(pool)
    assert simulator.sample(sample_tasks(1)[0], pool, 0.0, random.Random(1)).latency == 7.0


def test_trx_register_metric_collectors(site: Site) -> None:
    things = """
        class Thing:
            def __init__(self):
                self.count = 0

            def observe(self, entries):
                self.count += len(entries)
    """
    registry = installed(site, "trx_register_metric_collectors", things)
    collector = registry.collector("thing").build()
    collector.observe(sample_log())
    assert collector.count == len(sample_log())


def test_trx_register_scenarios(site: Site) -> None:
    things = """
        from trx_core.models import TaskRequest
        from trx_core.protocols import Arrival

        class Thing:
            def arrivals(self, rng):
                yield Arrival(1.0, TaskRequest(type="web"))
    """
    scenario = installed(site, "trx_register_scenarios", things).scenario("thing").build()
    assert [arrival.at for arrival in scenario.arrivals(random.Random(1))] == [1.0]


def test_trx_register_trace_readers(site: Site, tmp_path: Path) -> None:
    things = """
        from trx_core.models import TaskRequest
        from trx_core.protocols import Arrival

        class Thing:
            def sniff(self, path, head):
                return head.startswith("thing")

            def read(self, path, options):
                yield Arrival(2.0, TaskRequest(type="web"), 1)
    """
    registry = installed(site, "trx_register_trace_readers", things)
    (tmp_path / "trace").write_text("thing\n")
    (arrival,) = open_trace(registry.trace_readers, tmp_path / "trace")
    assert arrival == (2.0, arrival[1], 1)


def test_trx_register_fleet_readers(site: Site, tmp_path: Path) -> None:
    things = """
        from trx_core.fleets import default_fleet

        class Thing:
            def sniff(self, path, head):
                return head.startswith("rack,")

            def read(self, path, options):
                pools = default_fleet().pools[: options.get("pools", 1)]
                return default_fleet().model_copy(update={"pools": pools})
    """
    registry = installed(site, "trx_register_fleet_readers", things)
    (tmp_path / "racks.csv").write_text("rack,cores\n")
    fleet = open_fleet(registry.fleet_readers, tmp_path / "racks.csv", options={"pools": 2})
    assert fleet.pools == default_fleet().pools[:2]


def test_trx_register_commands(site: Site) -> None:
    things = "def Thing() -> None:\n    print('ran')\n"
    spec = installed(site, "trx_register_commands", things).command("thing")
    assert imported(spec).name == "thing"
    assert site.trx("thing").stdout == "ran\n"
