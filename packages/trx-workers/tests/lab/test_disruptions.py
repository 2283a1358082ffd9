"""Scenarios that act on the pools, in the lab."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from trx_core.errors import CallerError
from trx_core.fleets import default_fleet
from trx_core.models import Disruption, EventType, LogEntry, check_disruptions, disrupted
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import make_algorithm, simulator_maker
from trx_core.protocols import Disruptive
from trx_core.randomness import KeyedRandom
from trx_workers.lab import simulate
from trx_workers.lab.run import LabRun, tasks_of

REGISTRY = load_plugins()


def ran(name: str, **params: Any) -> tuple[LabRun, list[LogEntry]]:
    """A run of a scenario, and its log."""
    scenario = REGISTRY.scenario(name).build(params)
    log: list[LogEntry] = []
    disruptions = scenario.disruptions() if isinstance(scenario, Disruptive) else ()
    run = simulate(
        default_fleet(),
        make_algorithm(REGISTRY, "greedy"),
        tasks_of(scenario.arrivals(KeyedRandom(1)), 1),
        build=simulator_maker(REGISTRY),
        seed=1,
        on_entries=log.extend,
        disruptions=disruptions,
    )
    return run, log


def endings(log: list[LogEntry], kind: EventType) -> list[dict[str, Any]]:
    return [dict(entry.details) for entry in log if entry.event_type is kind]


def test_a_region_fails_and_comes_back() -> None:
    run, log = ran("regional-failure", region="us-east", start=10.0, lasts=10.0, duration=40.0)
    lost = [e for e in endings(log, EventType.RETRIED) if "does not answer" in str(e)]
    assert lost and {e["pool"].rpartition("-")[0] for e in lost} <= {"us-east", "us-east-gpu"}
    assert run.unplaced == 0
    placed = Counter(
        (int(entry.timestamp // 10), entry.details["pool"].startswith("us-east"))
        for entry in log
        if entry.event_type is EventType.DISPATCHED
    )
    assert placed[1, True] < placed[0, True] / 3
    assert placed[3, True] > 1.5 * placed[1, True]


def test_a_price_rises_and_falls_again() -> None:
    mix = {"plain": {"cost": 1.0, "cv": 0.0}}
    _, log = ran(
        "cost-shock", region="ap-south", factor=3.0, start=10.0, lasts=10.0, duration=30.0, mix=mix
    )
    started = {
        (entry.task_id, entry.details["attempt"]): entry.timestamp
        for entry in log
        if entry.event_type is EventType.DISPATCHED
    }
    prices: dict[bool, set[float]] = {True: set(), False: set()}
    for entry in log:
        if entry.event_type is EventType.COMPLETED and entry.details["pool"] == "ap-south-cpu":
            at = started[entry.task_id, entry.details["attempt"]]
            prices[10 <= at < 20].add(round(entry.details["cost"], 9))
    assert prices == {True: {0.12}, False: {0.04}}


def test_poison_ends_as_dead_letters() -> None:
    run, log = ran("poison", share=0.1, kind="permanent", count=500)
    dead = endings(log, EventType.DEAD_LETTERED)
    assert 30 < len(dead) < 80
    assert run.unplaced == 0


def test_tasks_that_wait_for_an_outage_to_end_are_carried_out() -> None:
    run, _ = ran("thundering-retry", clients=30, at=1.0, outage=5.0, duration=20.0, rate=5.0)
    assert run.unplaced == 0
    assert run.summary.accepted > 100


def test_a_fleet_is_as_it_was_when_the_last_disruption_is_over() -> None:
    fleet = default_fleet()
    one = Disruption(start=1, end=2, resource_type="gpu", price=2.0, capacity=0.5)
    assert disrupted(fleet, [one], 0.9) is fleet
    assert disrupted(fleet, [one], 2.0) is fleet
    changed = {pool.name: pool for pool in disrupted(fleet, [one, one], 1.0).pools}
    for pool in fleet.pools:
        now = changed[pool.name]
        if pool.resource_type == "gpu":
            assert now.cost_per_unit == pytest.approx(4 * pool.cost_per_unit)
            assert now.capacity == round(round(pool.capacity / 2) / 2)
        else:
            assert now == pool


def test_a_disruption_of_nothing_is_told() -> None:
    with pytest.raises(CallerError, match=r"TRX-C142.*region 'mars'") as caught:
        check_disruptions([Disruption(start=0, end=1, region="mars")], default_fleet())
    assert "eu-west-cpu (eu-west, cpu)" in str(caught.value)
    with pytest.raises(ValueError, match="not after the start"):
        Disruption(start=1, end=1)
