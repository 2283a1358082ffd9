"""Pools of a real fleet: Alibaba's nodes, and Gavel's measured speeds."""

from __future__ import annotations

from shared_data import shared

from trx_core.fleets import open_fleet
from trx_core.models import Task
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import simulator_maker
from trx_core.randomness import KeyedRandom
from trx_core.testing import sample_tasks

READERS = load_plugins().fleet_readers


def test_the_published_nodes_become_pools_of_all_their_accelerators() -> None:
    speeds = shared("gavel/throughput_matrix.csv")
    nodes = shared("alibaba/openb_node_list_gpu_node.csv")
    fleet = open_fleet(READERS, nodes, options={"speeds": str(speeds)})
    slots = {pool.name: pool.capacity for pool in fleet.pools}
    assert slots == {
        **{"A10": 2, "G2": 4392, "G3": 312, "P100": 265, "T4": 842},
        **{"V100M16": 195, "V100M32": 204},
    }
    measured = [pool.name for pool in fleet.pools if pool.worker.kind == "throughput"]
    assert measured == ["P100", "V100M16", "V100M32"]
    everything = open_fleet(READERS, shared("alibaba/openb_node_list_all_node.csv"))
    assert {p.name: p.capacity for p in everything.pools if p.name != "cpu"} == slots


def test_the_published_speeds_make_service_times() -> None:
    fleet = open_fleet(READERS, shared("gavel/throughput_matrix.csv"))
    make = simulator_maker(load_plugins())
    (template,) = sample_tasks(1)

    def seconds(pool: int, type: str, slots: int = 1) -> float | None:
        task = Task(template.id, type, slots=slots, metadata={"work": 1000})
        where = fleet.pools[pool]
        outcome = make(where).sample(task, where, 0.0, KeyedRandom(1))
        return round(outcome.latency, 3) if outcome.success else None

    assert [pool.name for pool in fleet.pools] == ["k80", "p100", "v100"]
    told = [seconds(n, "ResNet-18-batch-size-16") for n in range(3)]
    assert told == [round(1000 / speed, 3) for speed in (4.795294, 35.869203, 32.353384)]
    assert seconds(2, "LM-batch-size-5", 8) == round(1000 / 698.773293, 3)
    assert seconds(0, "ResNet-50-batch-size-128", 2) is None
