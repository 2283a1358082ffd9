"""Policies that join the least loaded pool."""

from __future__ import annotations

from scene import names_of, pool, problem, task, tasks

from trx_algorithms.least_loaded import JoinShortestQueue, ShortestExpectedDelay


def test_the_shortest_queue_counts_what_the_round_has_placed() -> None:
    pools = [pool("a", 5, capacity=9), pool("b", 3, capacity=5)]
    assert names_of(JoinShortestQueue(), problem(tasks(5), pools)) == ["b", "b", "a", "b", "a"]


def test_a_share_is_of_the_pool_s_own_slots() -> None:
    pools = [pool("large", 70, capacity=100), pool("small", 1, capacity=2)]
    assert names_of(JoinShortestQueue(), problem([task()], pools)) == ["small"]
    assert names_of(JoinShortestQueue("share"), problem([task()], pools)) == ["large"]


def test_a_fast_pool_takes_more_until_it_is_as_slow_as_the_others() -> None:
    pools = [pool("slow", 8, latency=3.0), pool("fast", 8, latency=1.0)]
    assert names_of(ShortestExpectedDelay(), problem(tasks(4), pools)) == [
        *("fast", "fast", "slow", "fast"),
    ]
