"""The collector ``prometheus``."""

from __future__ import annotations

from collections import Counter

from trx_core.models import EventType
from trx_core.plugins import load_plugins
from trx_core.report import Fold
from trx_core.testing import CollectorSuite, sample_log
from trx_server.collectors.tasks import TaskMetrics

SPEC = load_plugins().collector("prometheus")


class TestContract(CollectorSuite):
    spec = SPEC


def test_its_numbers_are_those_of_the_log() -> None:
    log, collector, fold = sample_log(), TaskMetrics(), Fold()
    collector.observe(log)
    fold.observe(log)
    numbers, summary = collector.numbers(), fold.summary()
    ended = Counter(
        (entry.details.get("pool", "unknown"), entry.event_type.value)
        for entry in log
        if entry.event_type
        in {EventType.COMPLETED, EventType.RETRIED, EventType.DEAD_LETTERED, EventType.RECOVERED}
    )
    for (pool, outcome), count in ended.items():
        key = f'trx_task_attempts_ended_total{{pool="{pool}",outcome="{outcome}"}}'
        assert numbers[key] == count
    started = {
        pool.name: numbers[f'trx_task_attempts_started_total{{pool="{pool.name}"}}']
        for pool in summary.pools
        if pool.name != "unknown"
    }
    assert started == {p.name: p.attempts for p in summary.pools if p.name != "unknown"}
    waits = [v for k, v in numbers.items() if k.startswith("trx_task_wait_seconds_count")]
    assert sum(waits) == len({e.task_id for e in log if e.event_type is EventType.DISPATCHED})


def test_nothing_is_kept_of_tasks_that_have_started_or_are_gone() -> None:
    collector = TaskMetrics()
    collector.observe(sample_log())
    begun = {e.task_id for e in sample_log() if e.event_type is not EventType.ENQUEUED}
    accepted = {e.task_id for e in sample_log()}
    assert len(collector._accepted) == len(accepted - begun)
