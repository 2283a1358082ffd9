"""Who decides, and what happens when that goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

import pytest
import wayward
from live_site import Site, until

import trx_algorithms.plugin
import trx_workers.plugin
from trx_core.engine import Blame
from trx_core.kernel import FALLBACK
from trx_core.models import EventType, ScheduleLog
from trx_core.plugins import Registry, registry_of
from trx_server.store import put_setting

ALGORITHM = "algorithm"


@pytest.fixture
def registry() -> Registry:
    """The usual plugins, and one whose algorithms misbehave."""
    usual = {"algorithms": trx_algorithms.plugin, "workers": trx_workers.plugin}
    return registry_of({**usual, "wayward-plugin": wayward})


@pytest.fixture(autouse=True)
def released() -> Iterator[None]:
    """No call of an algorithm outlives its test."""
    wayward.RELEASED.clear()
    yield
    wayward.RELEASED.set()


@pytest.mark.parametrize(
    ("name", "blame", "words"),
    [
        ("raising", Blame.RAISED, "LookupError: no model"),
        ("exiting", Blame.RAISED, "SystemExit: no licence"),
        ("sluggish", Blame.OVERRAN, "no decision within 0.05 s"),
        ("overfilling", Blame.BROKE_CONTRACT, "p0"),
        ("stuck", Blame.OVERRAN, "an earlier decision is still under way"),
    ],
)
async def test_fifo_stands_in_for_an_algorithm_that_fails(
    name: str,
    blame: Blame,
    words: str,
    site: Site,
    registry: Registry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tasks = await site.accept(80)
    with caplog.at_level(logging.WARNING):
        async with site.runner(registry=registry, algorithm=name, decision_budget=0.05) as live:
            histories = await site.audit(tasks)
            assert live.engine.decider.failures[name, blame] > 0
    assert FALLBACK in _deciders(histories.values())
    told = [record.getMessage() for record in caplog.records if "algorithm" in record.__dict__]
    assert all(f"algorithm '{name}' (" in line and "wayward-plugin" in line for line in told)
    assert any(words in line for line in told), told
    assert all(line.startswith("TRX-P1") for line in told)
    traces = [vars(record)["traceback"] for record in caplog.records if "traceback" in vars(record)]
    assert len(traces) == (blame is Blame.RAISED)
    assert all("wayward.py" in trace and words in trace for trace in traces)


async def test_the_algorithm_is_switched_while_tasks_run(
    site: Site, registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    async def deciding(name: str) -> bool:
        return live.engine.decider.chosen.name == name

    async with site.runner(registry=registry) as live:
        first = await site.accept(40)
        await site.ended()
        await put_setting(site.pool, ALGORITHM, {"name": "fifo", "params": {}})
        await until(lambda: deciding("fifo"))
        second = await site.accept(40)
        await site.ended()
        await put_setting(site.pool, ALGORITHM, {"name": "no-such-thing", "params": {}})
        await until(lambda: _has_told(caplog, "fifo goes on deciding. TRX-C120"))
        await put_setting(site.pool, ALGORITHM, {"name": "fifo", "params": {"no-such": 1}})
        await until(lambda: _has_told(caplog, "fifo goes on deciding. TRX-C111"))
        third = await site.accept(40)
        await site.ended()
        await put_setting(site.pool, ALGORITHM, {"name": "greedy", "params": {}})
        await until(lambda: deciding("greedy"))
        fourth = await site.accept(40)
        histories = await site.audit([*first, *second, *third, *fourth])
    deciders = [_deciders(histories[t.id] for t in part) for part in (first, second, third, fourth)]
    assert deciders == [{"greedy"}, {"fifo"}, {"fifo"}, {"greedy"}]


async def _has_told(caplog: pytest.LogCaptureFixture, words: str) -> bool:
    return any(words in record.getMessage() for record in caplog.records)


async def test_one_that_learns_is_told_what_the_log_tells(site: Site, registry: Registry) -> None:
    wayward.NOTED.clear()
    async with site.runner(registry=registry, algorithm="noting"):
        first = [*await site.accept(30), *await site.accept(20, type="unsteady")]
        await site.ended()
        second = await site.accept(1)
        histories = await site.audit([*first, *second])
    ends = {
        (entry.task_id, entry.details["attempt"]): (
            entry.details["latency"],
            entry.details["cost"],
            entry.event_type is EventType.COMPLETED,
        )
        for task in first
        for entry in histories[task.id]
        if "latency" in entry.details
    }
    assert any(number > 1 for _, number in ends)
    assert {key: wayward.NOTED.get(key) for key in ends} == ends


async def test_fifo_is_given_tasks_in_the_order_of_their_arrival(site: Site) -> None:
    late_but_urgent = [await site.accept(20, priority=1), await site.accept(20, priority=10)]
    async with site.runner(algorithm="fifo", window=8):
        histories = await site.audit([*late_but_urgent[0], *late_but_urgent[1]])
    starts = [_starts(histories[task.id] for task in part) for part in late_but_urgent]
    assert max(starts[0]) <= min(starts[1])


async def test_greedy_is_given_urgent_tasks_first(site: Site) -> None:
    unimportant = await site.accept(200, priority=1)
    urgent = await site.accept(20, priority=10)
    async with site.runner(window=8):
        histories = await site.audit([*unimportant, *urgent])
    waits = sorted(_starts(histories[task.id] for task in unimportant))
    assert max(_starts(histories[task.id] for task in urgent)) < waits[len(waits) // 2]


def _starts(histories: Iterable[list[ScheduleLog]]) -> list[float]:
    return [entry.timestamp for entry in _dispatched(histories)]


def _deciders(histories: Iterable[list[ScheduleLog]]) -> set[str]:
    return {entry.details["algorithm"] for entry in _dispatched(histories)}


def _dispatched(histories: Iterable[list[ScheduleLog]]) -> list[ScheduleLog]:
    kind = EventType.DISPATCHED
    return [entry for history in histories for entry in history if entry.event_type is kind]
