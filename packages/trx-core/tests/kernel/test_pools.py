"""What a kernel keeps of its pools."""

from __future__ import annotations

from typing import Any

import pytest
from kernel_bench import BAD, GOOD, pool, task

from trx_core.kernel.pools import PoolBooks
from trx_core.models import Attempt, WorkerPool
from trx_core.policy import BreakerPolicy
from trx_core.routing import Breaker

CPU, GPU = pool("cpu", 4), pool("gpu", 2, resource_type="gpu")


def books(*pools: WorkerPool, failures: int = 1, cooldown: float = 10.0) -> PoolBooks:
    made = PoolBooks(BreakerPolicy(failures=failures, cooldown=cooldown))
    made.replace(pools or (CPU, GPU))
    return made


def attempt(at: WorkerPool = CPU, placed_at: float = 0.0, **more: Any) -> Attempt:
    return Attempt(task(**more), at, 1, "test", placed_at)


def free(kept: PoolBooks) -> list[int]:
    return [view.free for view in kept.views()]


def test_views_are_in_the_order_of_the_fleet() -> None:
    kept = books()
    assert [view.pool for view in kept.views()] == [CPU, GPU]
    kept.replace([GPU, CPU])
    assert [view.pool for view in kept.views()] == [GPU, CPU]


def test_free_is_what_neither_we_nor_others_occupy() -> None:
    kept = books()
    kept.take({CPU.id: 2})
    assert not kept.learn_others({CPU.id: 1, GPU.id: 2})
    assert free(kept) == [1, 0]
    kept.give({CPU.id: 1})
    assert free(kept) == [2, 0]
    assert kept.own == {CPU.id: 1}


def test_only_what_others_give_back_is_news() -> None:
    kept = books()
    assert not kept.learn_others({CPU.id: 3})
    assert not kept.learn_others({CPU.id: 3, GPU.id: 1})
    assert kept.learn_others({CPU.id: 1, GPU.id: 2})
    assert not kept.learn_others({pool("nowhere").id: 0})


def test_a_pool_shrunk_below_its_load_has_nothing_free_until_it_drains() -> None:
    kept = books()
    kept.take({CPU.id: 3})
    kept.replace([pool("cpu", 1), GPU])
    assert free(kept) == [0, 2]
    kept.give({CPU.id: 3})
    assert free(kept) == [1, 2]


def test_more_given_back_than_was_taken_is_not_more_than_all() -> None:
    kept = books()
    kept.give({CPU.id: 9})
    assert (free(kept), kept.own) == ([4, 2], {})


def test_whether_any_slot_is_free() -> None:
    kept = books()
    kept.take({CPU.id: 4})
    assert kept.any_free()
    kept.take({GPU.id: 2})
    assert not kept.any_free()


def test_a_pool_that_leaves_keeps_its_account_until_it_comes_back() -> None:
    kept, one = books(), attempt()
    kept.take({CPU.id: 2})
    kept.start([one])
    kept.end(attempt(), GOOD._replace(latency=11.0), 1.0)
    kept.replace([GPU])
    assert kept.own == {CPU.id: 1}
    kept.replace([pool("cpu", 2), GPU])
    [cpu, _] = kept.views()
    assert (cpu.free, cpu.pool.capacity, cpu.latency("job")) == (1, 2, 2.0)
    assert len(cpu.busy) == 1


def test_what_ends_on_a_pool_that_has_left_is_forgotten_there() -> None:
    kept, one = books(), attempt()
    kept.take({CPU.id: 1})
    kept.start([one])
    kept.replace([GPU])
    assert kept.end(one, BAD, 1.0) is None
    kept.give({CPU.id: 1})
    assert kept.own == {}
    kept.replace([CPU])
    [cpu] = kept.views()
    assert (cpu.free, cpu.busy, cpu.breaker) == (4, (), Breaker.CLOSED)


def test_busy_slots_tell_when_they_are_expected_to_free() -> None:
    slow = pool("slow", 9, expected_latency=5.0)
    kept = books(slow)
    by_pool, by_caller = attempt(slow, 1.0, slots=2), attempt(slow, 2.0, expected_duration=0.5)
    kept.start([by_pool, by_caller])
    [view] = kept.views()
    assert sorted(view.busy) == [(2.5, 1), (6.0, 2)]
    kept.end(by_pool, GOOD, 3.0)
    [view] = kept.views()
    assert view.busy == ((2.5, 1),)


def test_an_open_breaker_leaves_nothing_free_and_a_half_open_one_a_single_slot() -> None:
    kept = books()
    assert kept.end(attempt(), BAD, 5.0) is Breaker.OPEN
    assert (free(kept), kept.next_cooling()) == ([0, 2], 15.0)
    assert kept.end(attempt(), BAD, 6.0) is None, "it was open already"
    assert kept.cool(15.9) == []
    assert kept.cool(16.0) == [CPU.id]
    assert (free(kept), kept.next_cooling()) == ([1, 2], None)
    kept.take({CPU.id: 1})
    assert free(kept) == [0, 2]
    assert kept.end(attempt(), GOOD, 17.0) is Breaker.CLOSED
    kept.give({CPU.id: 1})
    assert free(kept) == [4, 2]


def test_a_half_open_pool_lets_nobody_in_while_an_old_attempt_runs() -> None:
    kept = books()
    kept.take({CPU.id: 2})
    kept.end(attempt(), BAD, 5.0)
    kept.cool(15.0)
    assert free(kept) == [0, 2]


def test_the_first_of_several_breakers_tells_when_to_look_again() -> None:
    kept = books()
    kept.end(attempt(GPU), BAD, 5.0)
    kept.end(attempt(CPU), BAD, 3.0)
    assert kept.next_cooling() == 13.0
    assert kept.cool(20.0) == [CPU.id, GPU.id]


@pytest.mark.parametrize("estimate", ["latency", "success"])
def test_views_follow_the_estimates(estimate: str) -> None:
    kept = books(failures=9)
    [before, _] = [getattr(view, estimate)("job") for view in kept.views()]
    kept.end(attempt(), BAD._replace(latency=99.0), 1.0)
    [after, other] = [getattr(view, estimate)("job") for view in kept.views()]
    assert after != before == other


def test_a_task_that_is_bound_to_its_region_is_offered_the_pools_there_alone() -> None:
    here, there = pool("here", 4), pool("there", 4, region="us")
    kept = books(here, there)
    for _ in range(2):
        names = [
            [seat.name for seat in kept.seats(task(region="us", region_required=bound))]
            for bound in (False, True)
        ]
        assert names == [["here", "there"], ["there"]]
    assert not kept.seats(task(region="asia", region_required=True))


def test_a_half_open_pool_is_not_offered_for_a_task_that_is_bound_elsewhere() -> None:
    kept = books()
    kept.end(attempt(), BAD, 5.0)
    kept.cool(15.0)
    elsewhere = task(region="us", region_required=True)
    wide = task(region="eu", region_required=True, slots=3)
    assert [view.free for view in kept.views([elsewhere, wide])] == [3, 2]
