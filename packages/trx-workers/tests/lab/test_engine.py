"""Virtual time: what happens when, and that nothing is lost."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab_bench import (
    BAD,
    GOOD,
    HOPELESS,
    PROVIDER,
    Script,
    World,
    always,
    most_at_once,
    named,
    pool,
    statuses,
    task,
)

from trx_core.engine import Blame, NamedAlgorithm
from trx_core.errors import PluginError
from trx_core.kernel import FALLBACK
from trx_core.kernel.config import PATIENCE_GROWS
from trx_core.models import ErrorKind, EventType, Outcome, Task, TaskStatus, WorkerPool
from trx_core.policy import BreakerPolicy, RetryPolicy
from trx_core.protocols import Foresight, Order
from trx_core.routing import (
    HOLD,
    Decision,
    PoolState,
    RoutingProblem,
    ScoreAlgorithm,
    first_come_first_served,
)
from trx_workers.lab.arrivals import BLOCK
from trx_workers.lab.left import BEHIND, HELD

NO_JITTER = RetryPolicy(max_attempts=3, base=0.5, factor=2.0, jitter=0.0)
NEVER_OPENS = BreakerPolicy(failures=10_000)


def lasting(seconds: float) -> Script:
    return always(GOOD._replace(latency=seconds))


def chance(task: Task, pool: WorkerPool, rng: random.Random) -> Outcome:
    return GOOD._replace(latency=rng.random())


def test_a_task_is_logged_from_arrival_to_completion() -> None:
    world, one = World(script=lasting(2.5)), task(3.0)
    assert world.run(one) == 0
    assert world.story(one) == [("enqueued", 3.0), ("dispatched", 3.0), ("completed", 5.5)]
    assert world.lab.clock.now() == 5.5


def test_two_policies_that_place_a_task_in_the_same_pool_see_the_same_luck() -> None:
    def last_pool_first(problem: RoutingProblem) -> Decision:
        free, placed = problem.free.tolist(), []
        for _ in problem.tasks:
            open_to = [index for index, slots in enumerate(free) if slots]
            placed.append(open_to[-1] if open_to else HOLD)
            if open_to:
                free[open_to[-1]] -= 1
        return Decision(placed)

    pools, tasks = (pool("a", 2), pool("b", 2)), [task(at / 3) for at in range(200)]
    took: list[dict[tuple[UUID, str], float]] = []
    for route in (first_come_first_served, last_pool_first):
        world = World(*pools, script=chance, algorithm=named(route), seed=5)
        assert world.run(*tasks) == 0
        ends = [one for one in world.log if one.event_type is EventType.COMPLETED]
        took.append({(e.task_id, e.details["pool"]): e.details["latency"] for e in ends})
    one, other = took
    alike, apart = one.keys() & other.keys(), one.keys() - other.keys()
    assert len(alike) > 20
    assert len(apart) > 20
    assert all(one[key] == other[key] for key in alike)
    elsewhere = {task_id: latency for (task_id, _), latency in other.items()}
    assert all(one[task_id, name] != elsewhere[task_id] for task_id, name in apart)


def test_a_busy_slot_is_waited_for() -> None:
    world = World(script=lasting(2.0))
    tasks = [task(at) for at in (0.0, 0.5, 1.0)]
    world.run(*tasks)
    assert [world.started(one) for one in tasks] == [[0.0], [2.0], [4.0]]


class Overfills(ScoreAlgorithm):
    def score(self, task: Task, pool: PoolState) -> float:
        pool.free = 10**6
        return 1.0


def test_a_policy_that_changes_its_pools_is_blamed_and_overfills_none() -> None:
    tasks = [task() for _ in range(30)]
    over = NamedAlgorithm("over", PROVIDER, Overfills(), Order.PRIORITY)
    world = World(pool("a", 5), script=lasting(1.0), algorithm=over)
    assert world.run(*tasks) == 0
    assert most_at_once(world.log) == {"a": 5}
    assert set(world.lab.decider.failures) >= {("over", Blame.RAISED)}
    assert world.lab.decider.rounds["over"] == world.lab.decider.failures["over", Blame.RAISED]


class Undecided(ScoreAlgorithm):
    def score(self, task: Task, pool: PoolState) -> float:
        return float("nan")


def test_scores_that_are_no_numbers_are_blamed_and_nothing_waits_for_them() -> None:
    tasks = [task(float(at)) for at in range(3)]
    policy = NamedAlgorithm("undecided", PROVIDER, Undecided(), Order.PRIORITY)
    world = World(pool("a", 5), script=lasting(1.0), algorithm=policy)
    assert world.run(*tasks) == 0
    assert [world.started(one) for one in tasks] == [[0.0], [1.0], [2.0]]
    assert world.lab.decider.failures == {("undecided", Blame.BROKE_CONTRACT): 3}


def test_no_tasks_are_no_run() -> None:
    world = World()
    assert world.run() == 0
    assert (world.log, world.lab.clock.now()) == ([], 0.0)


def test_arrivals_of_an_instant_are_seen_before_what_ends_then() -> None:
    """Three pools of one slot end at 1.0 when an urgent task arrives: it is in the first round."""
    seen: list[tuple[float, int]] = []

    def route(problem: RoutingProblem) -> Decision:
        seen.append((problem.now, len(problem.tasks)))
        return first_come_first_served(problem)

    world = World(pool("a", 2), script=lasting(1.0), algorithm=named(route))
    world.run(task(0.0), task(0.0), task(1.0), task(1.0))
    assert seen == [(0.0, 2), (1.0, 2)]
    order = [entry.event_type for entry in world.log if entry.timestamp == 1.0]
    assert order == ["enqueued"] * 2 + ["completed"] * 2 + ["dispatched"] * 2


def test_all_that_ends_at_one_instant_is_told_at_once() -> None:
    seen: list[tuple[float, int]] = []

    def route(problem: RoutingProblem) -> Decision:
        seen.append((problem.now, int(problem.free.sum())))
        return first_come_first_served(problem)

    world = World(pool("a", 3), script=lasting(1.0), algorithm=named(route))
    world.run(task(), task(), task(), task(0.5), task(0.5))
    assert seen == [(0.0, 3), (1.0, 3)]


def test_what_ends_at_one_instant_may_be_told_one_by_one_with_a_round_after_each() -> None:
    seen: list[tuple[float, int]] = []

    def route(problem: RoutingProblem) -> Decision:
        seen.append((problem.now, int(problem.free.sum())))
        return first_come_first_served(problem)

    script, algorithm = lasting(1.0), named(route)
    world = World(pool("a", 2), script=script, algorithm=algorithm, hold_interval=60.0)
    world.lab._endings_at_once = False
    world.run(task(0.0), task(0.0), task(0.5), task(0.5, slots=2))
    assert seen == [(0.0, 2), (1.0, 1), (1.0, 1), (2.0, 2)]


def test_a_held_task_is_offered_again_in_time_after_a_round_at_the_instant_of_an_alarm() -> None:
    held, other, late = task(0.0), task(0.0), task(1.0)
    rounds: list[float] = []

    def route(problem: RoutingProblem) -> Decision:
        rounds.append(problem.now)
        places = [HOLD if one is held and len(rounds) < 3 else 0 for one in problem.tasks]
        return Decision(places)

    world = World(pool("a", 3), script=lasting(100.0), algorithm=named(route), hold_interval=1.0)
    assert world.run(held, other, late) == 0
    assert (rounds, world.started(held)) == ([0.0, 1.0, 2.0], [2.0])


def test_an_algorithm_that_asks_for_foresight_is_told_what_comes() -> None:
    told: list[Outcome] = []

    class Seer:
        def foresee(self, foresight: Foresight) -> None:
            self._foresight = foresight

        def route(self, problem: RoutingProblem) -> Decision:
            (one,), (view,) = problem.tasks, problem.pools
            told.append(self._foresight(one, view.pool, problem.now))
            return Decision([0])

    luck = lambda task, pool, rng: Outcome(rng.random(), True, 1.0)  # noqa: E731
    world = World(script=luck, algorithm=named()._replace(algorithm=Seer()))
    one = task(3.0)
    world.run(one)
    assert world.story(one)[-1] == ("completed", 3.0 + told[0].latency)


def test_work_that_takes_no_time_is_done_at_once() -> None:
    world, tasks = World(script=lasting(0.0)), [task(1.0) for _ in range(5)]
    world.run(*tasks)
    assert [world.started(one) for one in tasks] == [[1.0]] * 5
    assert world.lab.clock.now() == 1.0


def test_arrivals_are_drawn_a_block_ahead_and_no_further() -> None:
    world = World(pool("a", 100), script=lasting(0.25))
    count = 3 * BLOCK + 5

    def traffic() -> Iterator[Task]:
        for number in range(count):
            assert world.lab.clock.now() >= (number // BLOCK) * BLOCK - 1
            yield task(float(number))

    world.lab.run(traffic())
    assert len(statuses(world.log)) == count
    assert set(statuses(world.log).values()) == {TaskStatus.COMPLETED}


def test_what_has_ended_is_not_kept() -> None:
    world = World(pool("a", 5), script=lasting(0.1))
    world.run(*(task(float(number)) for number in range(200)))
    assert world.lab._endings == []
    assert world.lab._queue.depth().total == 0
    assert world.lab._kernel.idle


def test_rounds_keep_their_distance_in_virtual_time() -> None:
    world = World(pool("a", 9), script=lasting(5.0), min_interval=0.1)
    tasks = [task(at) for at in (0.0, 0.03, 0.06, 0.5)]
    world.run(*tasks)
    assert [world.started(one) for one in tasks] == [[0.0], [0.1], [0.1], [0.5]]


@pytest.mark.parametrize(("order", "latest"), [(Order.ARRIVAL, 9.0), (Order.PRIORITY, 3.0)])
def test_the_window_is_filled_as_the_algorithm_likes_it(order: Order, latest: float) -> None:
    """A backlog of nine, one second each: an urgent task is behind it, or passes most of it."""
    world = World(script=lasting(1.0), algorithm=named(order=order), window=1)
    backlog, urgent = [task(0.0, priority=1) for _ in range(9)], task(0.5, priority=10)
    world.run(*backlog, urgent)
    assert world.started(urgent) == [latest]


class TestSlots:
    def test_a_task_of_several_slots_waits_until_so_many_are_free(self) -> None:
        world = World(pool("a", 4), script=lasting(1.0))
        small, large, late = task(0.0), task(0.1, slots=4), task(1.5)
        world.run(small, large, late)
        assert world.started(large) == [1.0]
        assert world.started(late) == [2.0]
        assert most_at_once(world.log) == {"a": 4}

    def test_a_task_larger_than_every_pool_is_told_as_unplaced(self) -> None:
        world, large = World(pool("a", 4)), task(slots=5)
        assert world.run(large, task(), task()) == 1
        assert statuses(world.log)[large.id] is TaskStatus.QUEUED

    def test_it_pays_and_is_logged_with_its_slots(self) -> None:
        world, large = World(pool("a", 4)), task(slots=3)
        world.run(large)
        assert [entry.details["slots"] for entry in world.log] == [3, 3, 3]


class TestUnplaced:
    def test_what_no_pool_may_take_ends_the_run_and_is_counted(self) -> None:
        world = World(pool("a", 2))
        stuck = [task(resource_type="tpu") for _ in range(3)]
        done = [task(float(at)) for at in range(5)]
        assert world.run(*stuck, *done) == 3
        assert [statuses(world.log)[one.id] for one in stuck] == [TaskStatus.QUEUED] * 3
        assert {statuses(world.log)[one.id] for one in done} == {TaskStatus.COMPLETED}

    def test_an_algorithm_that_only_holds_ends_too(self) -> None:
        hold = named(lambda problem: Decision([HOLD] * len(problem.tasks)))
        world = World(algorithm=hold)
        assert world.run(task(), task()) == 2
        assert world.lab.left == {HELD: 2}

    def test_no_time_is_spent_on_what_can_never_start(self) -> None:
        pools = [pool("a", 2), pool("b", 0), pool("g", 0, resource_type="gpu")]
        world = World(*pools, script=lasting(5.0))
        gone = [task(resource_type="tpu"), task(resource_type="gpu"), task(slots=3)]
        assert world.run(*gone, task(1.0)) == 3
        assert world.lab.clock.now() == 6.0
        assert world.lab.left == {
            "no pool is made of 'tpu'; there is: cpu, gpu": 1,
            "every pool of 'gpu' is drained": 1,
            "the largest pool that is not drained has 2": 1,
        }

    def test_a_bound_to_a_region_is_told_with_the_pools_there(self) -> None:
        pools = [pool("a", 2), pool("b", 4, region="us"), pool("c", 0, region="ap")]
        world = World(*pools, script=lasting(5.0))
        bound = [
            task(slots=3, region="eu", region_required=True),
            task(region="mars", region_required=True),
            task(region="ap", region_required=True),
        ]
        fits = task(slots=3, region="us", region_required=True)
        liked = task(region="mars")
        assert world.run(*bound, fits, liked) == 3
        assert statuses(world.log)[fits.id] is TaskStatus.COMPLETED
        assert world.lab.left == {
            "the largest pool in 'eu' has 2": 1,
            "no pool stands in 'mars'; known regions: ap, eu, us": 1,
            "every pool in 'ap' is drained": 1,
        }

    def test_what_waits_behind_what_can_never_start_is_told_apart(self) -> None:
        world = World(pool("a", 2), window=2)
        assert world.run(*(task(slots=3) for _ in range(2)), *(task(0.1) for _ in range(4))) == 6
        assert world.lab.left == {"the largest pool has 2": 2, BEHIND: 4}
        assert world.lab.clock.now() < 10.0

    def test_one_that_could_start_is_waited_for_beside_those_that_cannot(self) -> None:
        def route(problem: RoutingProblem) -> Decision:
            ready = [one.slots == 1 and problem.now >= 100.0 for one in problem.tasks]
            return Decision([0 if yes else HOLD for yes in ready])

        world, late = World(algorithm=named(route)), task()
        assert world.run(late, task(slots=2)) == 1
        (started,) = world.started(late)
        assert 100.0 <= started <= 100.0 * PATIENCE_GROWS
        assert world.lab.clock.now() == started + 1.0

    def test_what_is_in_the_queue_still_is_counted_with_what_is_in_the_window(self) -> None:
        assert World(pool("a", 0), window=2).run(*(task() for _ in range(5))) == 5

    def test_a_pause_longer_than_the_patience_is_waited_out_while_work_is_due(self) -> None:
        world = World(script=lasting(10_000.0), hold_interval=600.0)
        first, held, late = task(), task(slots=2), task(90_000.0)
        assert world.run(first, held, late) == 1
        assert world.started(late) == [90_000.0]

    def test_the_patience_is_with_waiting_alone_not_with_the_whole_run(self) -> None:
        def route(problem: RoutingProblem) -> Decision:
            ready = [one.type != "patient" or problem.now >= 11_000 for one in problem.tasks]
            return Decision([0 if yes else HOLD for yes in ready])

        world = World(
            pool("a", 2), script=lasting(10_000.0), algorithm=named(route), hold_interval=600.0
        )
        patient = task(type="patient")
        assert world.run(patient, task()) == 0
        assert world.started(patient) >= [11_000.0]


def failing(*attempts: Outcome) -> Script:
    """Attempts go as told, the further ones well; a task's attempt is in its own count."""
    return lambda task, pool, rng: attempts[task.attempt] if task.attempt < len(attempts) else GOOD


class TestRetries:
    def test_failures_are_tried_again_when_the_policy_says(self) -> None:
        world, one = World(script=failing(BAD, BAD), retry=NO_JITTER), task()
        assert world.run(one) == 0
        assert world.story(one) == [
            ("enqueued", 0.0),
            ("dispatched", 0.0),
            ("retried", 1.0),
            ("dispatched", 1.5),
            ("retried", 2.5),
            ("dispatched", 3.5),
            ("completed", 4.5),
        ]
        placed = world.told(one, EventType.DISPATCHED)
        assert [entry.details["attempt"] for entry in placed] == [1, 2, 3]
        retried = world.told(one, EventType.RETRIED)
        assert [entry.details["due"] for entry in retried] == [1.5, 3.5]
        assert retried[0].details["detail"] == "bad luck"

    def test_attempts_that_are_spent_make_a_dead_letter(self) -> None:
        world, one = World(script=always(BAD), retry=NO_JITTER), task()
        assert world.run(one) == 0
        [dead] = world.told(one, EventType.DEAD_LETTERED)
        assert (dead.details["attempt"], dead.details["reason"]) == (3, "attempts_spent")
        assert len(world.started(one)) == 3

    def test_what_trying_again_cannot_mend_is_dead_at_once(self) -> None:
        world, one = World(script=always(HOPELESS)), task()
        world.run(one)
        [dead] = world.told(one, EventType.DEAD_LETTERED)
        assert (dead.details["attempt"], dead.details["reason"]) == (1, "permanent")
        assert dead.details["error"] == "permanent"

    def test_jitter_is_another_for_each_task_and_the_same_for_the_same_seed(self) -> None:
        retry = RetryPolicy(max_attempts=2, base=1.0, jitter=0.5)
        tasks = [task() for _ in range(40)]

        def delays(seed: int) -> list[float]:
            world = World(pool("a", 40), script=failing(BAD), retry=retry, seed=seed)
            world.run(*tasks)
            return [world.told(one, EventType.RETRIED)[0].details["due"] - 1.0 for one in tasks]

        found = delays(1)
        assert found == delays(1) != delays(2)
        assert len(set(found)) == 40
        assert all(0.5 <= delay <= 1.0 for delay in found)

    def test_a_retry_waits_behind_those_that_came_before_it_was_due(self) -> None:
        world = World(script=failing(BAD), retry=NO_JITTER, window=1)
        one, two = task(0.0), task(0.5)
        world.run(one, two)
        assert world.started(one)[1] > world.started(two)[0]


class TestBreaker:
    def test_a_failing_pool_is_left_alone_probed_and_taken_back(self) -> None:
        """It fails until 10.0; with two failures it is left alone for 4 s at a time."""
        world: World

        def script(task: Task, pool: WorkerPool, rng: random.Random) -> Outcome:
            return BAD if world.lab.clock.now() < 10.0 else GOOD

        world = World(
            pool("a", 5),
            script=script,
            breaker=BreakerPolicy(failures=2, cooldown=4.0),
            retry=RetryPolicy(max_attempts=100, base=0.1, cap=0.1, jitter=0.0),
        )
        tasks = [task() for _ in range(4)]
        assert world.run(*tasks) == 0
        assert set(statuses(world.log).values()) == {TaskStatus.COMPLETED}
        starts = sorted(e.timestamp for e in world.log if e.event_type is EventType.DISPATCHED)
        assert starts[:4] == [0.0] * 4, "closed: as many as there is room for"
        assert starts[4:6] == [5.0, 10.0], "one probe after each 4 s of rest"
        assert starts[6:] == [11.0] * 3, "closed again"

    def test_a_pool_is_probed_with_a_task_of_several_slots_when_no_smaller_one_waits(self) -> None:
        world: World

        def script(task: Task, pool: WorkerPool, rng: random.Random) -> Outcome:
            return BAD if world.lab.clock.now() < 1.0 else GOOD

        world = World(pool("a", 4), script=script, breaker=BreakerPolicy(failures=1, cooldown=4.0))
        assert world.run(task(slots=2), task(slots=2)) == 0
        assert set(statuses(world.log).values()) == {TaskStatus.COMPLETED}

    def test_what_would_go_to_an_open_pool_goes_elsewhere(self) -> None:
        def script(task: Task, pool: WorkerPool, rng: random.Random) -> Outcome:
            return BAD if pool.name == "bad" else GOOD

        world = World(
            pool("bad", 2),
            pool("good", 1),
            script=script,
            breaker=BreakerPolicy(failures=1, cooldown=1e6),
        )
        assert world.run(*(task(2.0 * at) for at in range(20))) == 0
        placed = [e.details["pool"] for e in world.log if e.event_type is EventType.DISPATCHED]
        assert placed.count("bad") == 1
        assert placed.count("good") == 20


class TestAlgorithms:
    def test_one_that_raises_is_stood_in_for_and_counted(self) -> None:
        def route(problem: RoutingProblem) -> Decision:
            raise ZeroDivisionError("division by zero")

        world, one = World(algorithm=named(route)), task()
        assert world.run(one) == 0
        assert world.told(one, EventType.DISPATCHED)[0].details["algorithm"] == FALLBACK
        assert world.lab.decider.failures == {("acme", Blame.RAISED): 1}

    def test_one_that_over_fills_is_stood_in_for_and_named(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        world = World(
            pool("a", 2), algorithm=named(lambda problem: Decision([0] * len(problem.tasks)))
        )
        tasks = [task() for _ in range(5)]
        assert world.run(*tasks) == 0
        assert most_at_once(world.log) == {"a": 2}
        first, last = (world.told(one, EventType.DISPATCHED)[0] for one in (tasks[0], tasks[4]))
        assert (first.details["algorithm"], last.details["algorithm"]) == (FALLBACK, "acme")
        assert world.lab.decider.failures == {("acme", Blame.BROKE_CONTRACT): 2}
        told = caplog.records[0].getMessage()
        assert told.startswith("TRX-P100: algorithm 'acme' ('acme' (acme-router 0.3.1)) broke its")
        assert "TRX-P104: put 5 slots' worth of tasks on pool 'a', which has 2 free" in told

    def test_one_that_fails_always_is_left_alone_and_all_tasks_end(self) -> None:
        calls: list[float] = []

        def route(problem: RoutingProblem) -> Decision:
            calls.append(problem.now)
            raise RuntimeError("oops")

        world = World(pool("a", 3), algorithm=named(route))
        assert world.run(*(task(float(at)) for at in range(100))) == 0
        assert calls == [0.0, 1.0, 2.0, 3.0, 4.0, 34.0, 64.0, 94.0]
        assert world.lab.decider.failures["acme", Blame.LEFT_ALONE] == 92

    def test_a_simulator_that_talks_nonsense_ends_the_run_by_name(self) -> None:
        world = World(script=always(Outcome(-1.0, True, 0.0)))
        with pytest.raises(PluginError, match="TRX-P130: the simulator 'scripted' of pool 'cpu'"):
            world.run(task())


TASKS = st.lists(
    st.builds(
        lambda at, priority, slots, kind: (at, priority, slots, kind),
        st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0, 20),
        st.integers(1, 10),
        st.sampled_from([1, 1, 2, 5]),
        st.sampled_from([None, "cpu", "gpu", "tpu"]),
    ),
    max_size=25,
)


def chancy(task: Task, pool: WorkerPool, rng: random.Random) -> Outcome:
    latency, luck = rng.choice([0.0, 0.5, 3.0]), rng.random()
    if luck < 0.5:
        return Outcome(latency, True, 1.0)
    return Outcome(latency, False, 1.0, ErrorKind.PERMANENT if luck > 0.9 else ErrorKind.TIMEOUT)


@settings(max_examples=40, deadline=None)
@given(
    TASKS,
    st.integers(0, 99),
    st.sampled_from([1, 3, 1000]),
    st.sampled_from([0.0, 0.25]),
    st.sampled_from(Order),
)
def test_every_task_ends_once_or_is_told_as_unplaced(
    lines: list[tuple[float, int, int, str | None]],
    seed: int,
    window: int,
    interval: float,
    order: Order,
) -> None:
    pools = [pool("a", 3), pool("b", 2), pool("g", 1, resource_type="gpu")]
    world = World(
        *pools,
        script=chancy,
        algorithm=named(order=order),
        seed=seed,
        window=window,
        min_interval=interval,
        hold_interval=60.0,
        retry=RetryPolicy(max_attempts=3, base=0.5),
        breaker=NEVER_OPENS,
    )
    tasks = [
        task(at, priority=priority, slots=slots, resource_type=kind)
        for at, priority, slots, kind in sorted(lines, key=lambda line: line[0])
    ]
    unplaced = world.run(*tasks)
    state = statuses(world.log)
    assert set(state) == {one.id for one in tasks}
    assert sum(not status.ended for status in state.values()) == unplaced
    assert all(
        most <= p.capacity for p in pools for most in [most_at_once(world.log).get(p.name, 0)]
    )
    assert [e.timestamp for e in world.log] == sorted(e.timestamp for e in world.log)
    if window == 1000:
        can_run = {p.resource_type: p.capacity for p in reversed(pools)} | {None: 3}
        stuck = [one for one in tasks if one.slots > can_run.get(one.resource_type, 0)]
        assert unplaced == len(stuck)


def test_an_interrupt_that_the_algorithm_raises_itself_is_its_failure() -> None:
    def raises(problem: RoutingProblem) -> Decision:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        world, one = World(algorithm=named(raises)), task()
        assert world.run(one) == 0
    finally:
        signal.signal(signal.SIGINT, before)
    assert world.lab.decider.failures == {("acme", Blame.RAISED): 1}
    assert statuses(world.log) == {one.id: TaskStatus.COMPLETED}
