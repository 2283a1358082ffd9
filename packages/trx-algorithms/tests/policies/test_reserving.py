"""Who heads the queue, what that keeps from others, and what may slip past."""

from __future__ import annotations

import pytest
from scene import HOLD, NOW, names_of, placed, pool, problem, task

from trx_algorithms.orderings import ByLeast, shortest
from trx_algorithms.parallel_jobs import Fcfs, Sjf
from trx_algorithms.reserving import Reserving
from trx_core.models import Task
from trx_core.routing import PoolView


def cluster(free: int, *busy: tuple[float, int], **fields: object) -> PoolView:
    """Eight slots; ``busy`` says in how many seconds others come free."""
    ends = tuple((NOW + after, slots) for after, slots in busy)
    return pool("cluster", free, capacity=8, busy=ends, **fields)


def job(age: float, slots: int, seconds: float) -> Task:
    return task(age, slots=slots, expected_duration=seconds)


WIDE = job(9, 6, 50)
NARROW = job(5, 1, 5)


def test_a_wide_task_that_does_not_fit_keeps_the_rest_waiting() -> None:
    assert placed(Fcfs(), problem([WIDE, NARROW], [cluster(4, (20, 4))])) == [HOLD, HOLD]


def test_without_blocking_whoever_fits_goes() -> None:
    question = problem([WIDE, NARROW], [cluster(4, (20, 4))])
    assert placed(Fcfs(blocking=False), question) == [HOLD, 0]


class TestEasy:
    @pytest.mark.parametrize(
        ("seconds", "goes"),
        [(19.9, ("easy", "easy-strict")), (20.0, ("easy",)), (20.1, ())],
        ids=str,
    )
    def test_what_ends_by_the_shadow_time_slips_past(
        self, seconds: float, goes: tuple[str, ...]
    ) -> None:
        question = problem([WIDE, job(5, 1, seconds)], [cluster(4, (20, 2), (99, 2))])
        for backfill in ("none", "easy", "easy-strict"):
            expected = [HOLD, 0 if backfill in goes else HOLD]
            assert placed(Fcfs(backfill=backfill), question) == expected

    def test_what_takes_no_more_than_the_extra_slots_slips_past_however_long(self) -> None:
        """Of 8 slots that will be free the head needs 6."""
        long = [job(5 - n, 1, 1000) for n in range(3)]
        question = problem([WIDE, *long], [cluster(4, (20, 4))])
        assert placed(Fcfs(backfill="easy"), question) == [HOLD, 0, 0, HOLD]
        assert placed(Fcfs(backfill="easy-strict"), question) == [HOLD, HOLD, HOLD, HOLD]
        wide = problem([WIDE, job(5, 3, 1000), job(4, 2, 1000)], [cluster(4, (20, 4))])
        assert placed(Fcfs(backfill="easy"), wide) == [HOLD, HOLD, 0]

    def test_what_ends_in_time_takes_no_extra_slots_from_those_that_do_not(self) -> None:
        short, long = job(5, 2, 20), job(4, 2, 1000)
        question = problem([WIDE, short, long], [cluster(4, (20, 4))])
        assert placed(Fcfs(backfill="easy"), question) == [HOLD, 0, 0]

    def test_what_ends_together_at_the_shadow_time_counts_as_extra(self) -> None:
        question = problem([WIDE, job(5, 2, 1000)], [cluster(4, (20, 2), (20, 2))])
        assert placed(Fcfs(backfill="easy"), question) == [HOLD, 0]
        later = problem([WIDE, job(5, 2, 1000)], [cluster(4, (20, 2), (20.1, 2))])
        assert placed(Fcfs(backfill="easy"), later) == [HOLD, HOLD]

    def test_each_pool_has_extra_slots_of_its_own(self) -> None:
        one = pool("one", 4, capacity=8, busy=((NOW + 20, 4),))
        other = pool("other", 4, capacity=8, busy=((NOW + 30, 4),), region="us-east")
        heads = [job(9, 6, 50), job(8, 7, 50)]
        question = problem([*heads, *(job(5, 1, 1000) for _ in range(4))], [one, other])
        found = placed(Fcfs(backfill="easy"), question)
        assert found[:2] == [HOLD, HOLD]
        assert sorted(found[2:]) == [HOLD, 0, 0, 1]

    def test_the_rest_goes_in_order_of_arrival_whatever_the_ranks(self) -> None:
        head, old, new = job(1, 6, 1), job(9, 3, 15), job(5, 3, 10)
        question = problem([head, old, new], [cluster(4, (20, 4))])
        assert [one.slots for one in question.tasks] == [3, 3, 6]
        policy = Sjf(backfill="easy")
        policy._heads = (head.id,)
        assert placed(policy, question) == [0, HOLD, HOLD]

    def test_what_was_placed_in_this_round_counts_for_the_shadow_time(self) -> None:
        first = job(9, 4, 10)
        question = problem([first, job(8, 8, 50), job(7, 4, 9), job(6, 4, 11)], [cluster(8)])
        assert placed(Fcfs(backfill="easy"), question) == [0, HOLD, 0, HOLD]
        assert placed(Fcfs(), question) == [0, HOLD, HOLD, HOLD]

    def test_nothing_slips_past_where_the_shadow_time_cannot_be_told(self) -> None:
        """Four slots are held by another runner, nobody knows until when."""
        question = problem([WIDE, NARROW], [cluster(4)])
        assert placed(Fcfs(backfill="easy"), question) == [HOLD, HOLD]

    def test_what_should_have_ended_long_ago_is_expected_any_moment(self) -> None:
        question = problem([WIDE, NARROW], [cluster(4, (-30, 4))])
        assert placed(Fcfs(backfill="easy-strict"), question) == [HOLD, HOLD]
        assert placed(Fcfs(backfill="easy"), question) == [HOLD, 0], "two slots are extra"


class TestTheHead:
    def test_stays_at_the_head_though_a_shorter_task_comes(self) -> None:
        policy, head = Sjf(), job(9, 8, 50)
        assert placed(policy, problem([head], [cluster(4)])) == [HOLD]
        short = job(1, 8, 1)
        assert placed(policy, problem([head, short], [cluster(8)])) == [0, HOLD]

    def test_is_who_came_first_while_every_slot_was_taken(self) -> None:
        """The two came while no slot was free, so that no round was opened."""
        policy = Sjf()
        assert placed(policy, problem([job(99, 8, 9)], [cluster(8)])) == [0]
        assert placed(policy, problem([job(9, 8, 50), job(1, 8, 1)], [cluster(8)])) == [0, HOLD]

    def test_is_the_best_of_those_in_the_very_first_round_whoever_came_first(self) -> None:
        one_slot = [pool("single", 1, capacity=1)]
        assert placed(Sjf(), problem([job(9, 1, 1000), job(1, 1, 1)], one_slot)) == [HOLD, 0]

    def test_is_the_best_of_those_who_came_after_a_round_that_left_slots_over(self) -> None:
        policy = Sjf()
        assert placed(policy, problem([job(99, 7, 9)], [cluster(8)])) == [0]
        assert placed(policy, problem([job(9, 8, 50), job(1, 8, 1)], [cluster(8)])) == [HOLD, 0]

    def test_is_the_best_of_those_who_came_together(self) -> None:
        assert placed(Sjf(), problem([job(9, 8, 50), job(9, 8, 1)], [cluster(8)])) == [HOLD, 0]

    def test_gives_way_when_it_is_gone(self) -> None:
        policy = Sjf()
        assert placed(policy, problem([job(9, 8, 50)], [cluster(4)])) == [HOLD]
        assert placed(policy, problem([job(5, 4, 9)], [cluster(4)])) == [0]

    def test_who_can_run_nowhere_blocks_nobody(self) -> None:
        hopeless = task(9, resource_type="tpu")
        assert placed(Fcfs(), problem([hopeless, NARROW], [cluster(4)])) == [HOLD, 0]


class TestSeveralPools:
    def test_a_task_that_waits_for_one_pool_leaves_the_others_alone(self) -> None:
        gpu = pool("gpu", 1, capacity=4, resource_type="gpu")
        waiting = [
            task(9, slots=4, resource_type="gpu"),
            task(8, resource_type="gpu"),
            task(7, resource_type="cpu"),
        ]
        assert names_of(Fcfs(), problem(waiting, [gpu, cluster(4)])) == ["-", "-", "cluster"]

    def test_a_pool_is_kept_where_the_head_fits_soonest(self) -> None:
        slow = pool("slow", 1, capacity=4, busy=((NOW + 90, 3),))
        soon = pool("soon", 1, capacity=4, busy=((NOW + 9, 3),))
        waiting = [task(9, slots=4), task(8), task(7)]
        assert names_of(Fcfs(), problem(waiting, [slow, soon])) == ["-", "slow", "-"]

    def test_each_goes_to_the_cheapest_of_the_pools_where_it_fits(self) -> None:
        pools = [pool("dear", 9, cost_per_unit=5.0), pool("cheap", 2, cost_per_unit=1.0)]
        waiting = [task(9, slots=2), task(8)]
        assert names_of(Fcfs(), problem(waiting, pools)) == ["cheap", "dear"]


def test_a_wide_task_gets_its_turn_under_a_stream_of_narrow_ones() -> None:
    """Narrow tasks keep seven of eight slots busy; one comes whenever one goes."""
    for blocking, served in ((True, True), (False, False)):
        policy = Reserving(ByLeast(shortest), blocking=blocking)
        wide, running = job(500, 8, 10), [5 + n for n in range(8)]
        for clock in range(100):
            running = [end for end in running if end > clock]
            narrow = [job(0, 1, 8) for _ in range(8 - len(running))]
            question = problem([wide, *narrow], [cluster(8 - len(running))], now=NOW + clock)
            answer = placed(policy, question)
            if answer[0] != HOLD:
                break
            running += [clock + 8 for index in answer if index != HOLD]
        assert (answer[0] != HOLD) is served
