"""The words of the schedule log, key by key, and that the report understands them."""

from __future__ import annotations

import json
from uuid import UUID

from kernel_bench import fleet, pool, task

from trx_core.engine import cancelled, dead_lettered, dispatched, enqueued, recovered, settled
from trx_core.kernel import Settlement
from trx_core.models import Attempt, ErrorKind, EventType, LogEntry, Outcome
from trx_core.policy import DeadReason, Verdict
from trx_core.report import Fold

CPU = pool("cpu", 4)
TASK = task(1.0, priority=7, cost=2.5, slots=2, region="eu")
ATTEMPT = Attempt(TASK, CPU, 3, "greedy", 5.0)
PLACED = {
    "attempt": 3,
    "pool": "cpu",
    "pool_id": str(CPU.id),
    "algorithm": "greedy",
    "slots": 2,
}
GOOD = Outcome(1.5, True, 0.25)
BAD = Outcome(1.5, False, 0.25, ErrorKind.TIMEOUT, "no answer")
FAILED = PLACED | {"latency": 1.5, "cost": 0.25, "error": "timeout", "detail": "no answer"}
RUNNER = UUID(int=9)

ENTRIES = {
    "enqueued": enqueued(TASK),
    "dispatched": dispatched(ATTEMPT),
    "completed": settled(Settlement(ATTEMPT, GOOD, 6.5, Verdict.COMPLETED)),
    "retried": settled(Settlement(ATTEMPT, BAD, 6.5, Verdict.RETRY, due=8.0)),
    "dead": settled(Settlement(ATTEMPT, BAD, 6.5, Verdict.DEAD, reason=DeadReason.ATTEMPTS_SPENT)),
    "cancelled": cancelled(TASK.id, 6.5),
    "recovered": recovered(TASK.id, 3, RUNNER, 6.5),
    "poison": dead_lettered(TASK.id, 0, DeadReason.POISON, "unreadable", 6.5),
}
EXPECTED = {
    "enqueued": LogEntry(
        TASK.id,
        1.0,
        EventType.ENQUEUED,
        {"type": "job", "priority": 7, "cost": 2.5, "slots": 2, "region": "eu"},
    ),
    "dispatched": LogEntry(TASK.id, 5.0, EventType.DISPATCHED, PLACED),
    "completed": LogEntry(
        TASK.id, 6.5, EventType.COMPLETED, PLACED | {"latency": 1.5, "cost": 0.25}
    ),
    "retried": LogEntry(TASK.id, 6.5, EventType.RETRIED, FAILED | {"due": 8.0}),
    "dead": LogEntry(TASK.id, 6.5, EventType.DEAD_LETTERED, FAILED | {"reason": "attempts_spent"}),
    "cancelled": LogEntry(TASK.id, 6.5, EventType.CANCELLED, {}),
    "recovered": LogEntry(TASK.id, 6.5, EventType.RECOVERED, {"attempt": 3, "runner": str(RUNNER)}),
    "poison": LogEntry(
        TASK.id,
        6.5,
        EventType.DEAD_LETTERED,
        {"attempt": 0, "reason": "poison", "error": None, "detail": "unreadable"},
    ),
}


def test_every_event_has_its_shape() -> None:
    assert ENTRIES == EXPECTED
    assert {entry.event_type for entry in ENTRIES.values()} == set(EventType)


def test_details_are_json() -> None:
    for name, entry in ENTRIES.items():
        assert json.loads(json.dumps(dict(entry.details))) == EXPECTED[name].details


def test_the_report_finds_what_it_looks_for() -> None:
    first = Attempt(TASK, CPU, 1, "greedy", 2.0)
    second = first._replace(number=2, placed_at=5.0)
    fold = Fold()
    fold.observe(
        [
            ENTRIES["enqueued"],
            dispatched(first),
            settled(Settlement(first, BAD, 3.5, Verdict.RETRY, due=5.0)),
            dispatched(second),
            settled(Settlement(second, GOOD, 6.5, Verdict.COMPLETED)),
        ]
    )
    summary = fold.summary(fleet(CPU))
    assert (summary.accepted, summary.completed, summary.retries, summary.attempts) == (1, 1, 1, 2)
    assert (summary.wait.p50, summary.end_to_end.p50) == (1.0, 5.5)
    assert summary.cost == 0.5
    assert summary.busy == 2 * (1.5 + 1.5)
    assert summary.algorithms == {"greedy": 1}
