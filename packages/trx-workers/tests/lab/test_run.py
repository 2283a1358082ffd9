"""Whole runs: the same again, in numbers, and batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from lab_bench import GOOD, Scripted, always, named, pool, statuses, task
from processes import printed_under_hash_seeds

from trx_core.engine import Blame, Said
from trx_core.fleets import default_fleet
from trx_core.kernel import FALLBACK
from trx_core.models import Fleet, LogEntry, Task, TaskRequest, TaskStatus
from trx_core.protocols import Arrival
from trx_core.routing import Decision, RoutingProblem, first_come_first_served
from trx_workers.lab import LabRun, simulate
from trx_workers.lab.run import tasks_of

SCRIPT = """
import hashlib, json, sys
from trx_core.fleets import default_fleet
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import make_algorithm, simulator_maker
from trx_core.randomness import KeyedRandom, Purpose
from trx_workers.lab import simulate
from trx_workers.lab.run import tasks_of
from trx_workers.traffic.steady import Steady

seed, log = int(sys.argv[1]), []
registry = load_plugins()
arrivals = Steady(rate=220, count=600).arrivals(KeyedRandom(seed).at(Purpose.TRAFFIC))
simulate(
    default_fleet(),
    make_algorithm(registry, "greedy"),
    tasks_of(arrivals, seed),
    build=simulator_maker(registry),
    seed=seed,
    on_entries=log.extend,
)
for entry in log:
    print(entry.task_id, entry.timestamp.hex(), entry.event_type, json.dumps(dict(entry.details)))
"""


def test_the_log_is_the_same_byte_for_byte_in_another_process() -> None:
    (one,) = printed_under_hash_seeds(SCRIPT, "1")
    kinds = {line.split()[2] for line in one.splitlines()}
    assert kinds >= {"enqueued", "dispatched", "completed", "retried"}, "luck is in it"
    assert {one} != printed_under_hash_seeds(SCRIPT, "2")


def run(
    *tasks: Task, fleet: Fleet | None = None, log: list[list[LogEntry]] | None = None
) -> LabRun:
    return simulate(
        fleet or Fleet(pools=(pool("a", 2),)),
        named(),
        tasks,
        build=lambda _: Scripted(always(GOOD)),
        on_entries=None if log is None else log.append,
    )


def test_a_run_is_summed_up() -> None:
    came_of = run(task(0.0), task(0.0), task(0.0, slots=3), task(4.0))
    summary = came_of.summary
    assert (summary.accepted, summary.completed, summary.open) == (4, 3, 1)
    assert came_of.unplaced == 1
    assert (summary.span, summary.busy, summary.cost) == (5.0, 3.0, 3.0)
    assert summary.algorithms == {"acme": 3}
    assert summary.pools[0].capacity == 2
    assert came_of.failures == {}
    assert came_of.rounds >= 2
    assert came_of.decision_seconds is not None and came_of.decision_seconds > 0


def test_rounds_that_fell_back_are_told() -> None:
    def route(problem: RoutingProblem) -> Decision:
        return Decision([7] * len(problem.tasks))

    came_of = simulate(
        Fleet(pools=(pool("a", 2),)),
        named(route),
        [task()],
        build=lambda _: Scripted(always(GOOD)),
    )
    assert came_of.failures == {("acme", Blame.BROKE_CONTRACT): 1}
    assert came_of.summary.algorithms == {"fallback-fifo": 1}


def test_the_log_comes_whole_in_batches() -> None:
    log: list[list[LogEntry]] = []
    tasks = [task(float(at)) for at in range(4000)]
    run(*tasks, log=log)
    assert len(log) > 1 and all(len(batch) < 10_000 for batch in log)
    state = statuses(entry for batch in log for entry in batch)
    assert set(state) == {one.id for one in tasks}
    assert set(state.values()) == {TaskStatus.COMPLETED}


def test_a_run_of_nothing_is_a_run() -> None:
    came_of = run()
    assert (came_of.summary.accepted, came_of.unplaced, came_of.rounds) == (0, 0, 0)


def test_arrivals_become_tasks_with_the_same_ids_for_the_same_seed() -> None:
    arrivals = [
        Arrival(float(at), TaskRequest(type="job", deadline_seconds=5.0)) for at in range(9)
    ]
    one = list(tasks_of(arrivals, 1))
    assert [task.enqueued_at for task in one] == [float(at) for at in range(9)]
    assert [task.deadline for task in one] == [at + 5.0 for at in range(9)]
    assert [task.id for task in one] == sorted(task.id for task in one)
    assert one == list(tasks_of(arrivals, 1))
    assert not {task.id for task in one} & {task.id for task in tasks_of(arrivals, 2)}


def test_arrivals_are_not_drawn_before_their_tasks_are() -> None:
    drawn: list[int] = []

    def arrivals() -> Iterator[Arrival]:
        for number in range(9):
            drawn.append(number)
            yield Arrival(float(number), TaskRequest(type="job"))

    tasks = tasks_of(arrivals(), 1)
    assert drawn == []
    next(tasks)
    assert drawn == [0]


def test_the_default_fleet_keeps_its_capacities() -> None:
    tasks = [task(at / 400, type="web", cost=2.0) for at in range(400)]
    came_of = run(*tasks, fleet=default_fleet())
    assert came_of.summary.completed == 400
    assert all((used.utilisation or 0) <= 1 for used in came_of.summary.pools)


def fields(entry: LogEntry) -> tuple[object, ...]:
    details = {key: told for key, told in entry.details.items() if key != "algorithm"}
    return entry.task_id, entry.timestamp, entry.event_type, details


def test_reasons_are_counted_where_they_held_and_are_in_no_log() -> None:
    said = iter(("first", None, "", 42, "last", "not placed"))

    def explains(problem: RoutingProblem) -> Decision:
        reason: Any = next(said)
        pool = [9] if reason == "not placed" else first_come_first_served(problem).pool
        return Decision(pool, reason=reason)

    def ran(route: Callable[[RoutingProblem], Decision]) -> tuple[LabRun, list[LogEntry]]:
        log: list[LogEntry] = []
        tasks = [TaskRequest(type="job").to_task(UUID(int=at + 1), 10.0 * at) for at in range(6)]
        done = simulate(
            Fleet(pools=(pool("a", 2),)),
            named(route),
            tasks,
            build=lambda _: Scripted(always(GOOD)),
            on_entries=log.extend,
        )
        return done, log

    explained, log = ran(explains)
    first, last = Said(1, "first", 1, 0.0, None), Said(1, "last", 5, 40.0, None)
    assert explained.reasons == {"acme": (2, "last", (first, last), 0)}
    assert explained.failures == {("acme", Blame.BROKE_CONTRACT): 2}
    silent, other = ran(first_come_first_served)
    assert silent.reasons == {}
    assert explained.summary.algorithms == {"acme": 4, FALLBACK: 2}
    assert [fields(entry) for entry in log] == [fields(entry) for entry in other]
