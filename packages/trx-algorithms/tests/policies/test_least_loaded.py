"""Policies that join the least loaded pool."""

from __future__ import annotations

import pytest
from scene import NOW, names_of, placed, pool, problem, task, tasks

from trx_algorithms.least_loaded import JoinShortestQueue, PeakEwma, ShortestExpectedDelay


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


class TestPeakEwma:
    def share(self, policy: PeakEwma, seconds: float, at: float) -> bool:
        """Whether the pool whose latency is seen as ``seconds`` still gets the task."""
        pools = [pool("seen", 9, latency=seconds), pool("steady", 9, latency=1.5)]
        return placed(policy, problem([task()], pools, now=NOW + at)) == [0]

    def test_avoids_at_once_a_pool_that_turns_slow_and_comes_back_slowly(self) -> None:
        policy = PeakEwma(decay=10.0)
        assert self.share(policy, 1.0, 0.0)
        assert not self.share(policy, 5.0, 1.0)
        assert not self.share(policy, 1.0, 2.0)
        assert not self.share(policy, 1.0, 20.0)
        assert self.share(policy, 1.0, 23.0)

    def test_how_slowly_does_not_hang_on_the_number_of_rounds(self) -> None:
        often, seldom = PeakEwma(), PeakEwma()
        self.share(often, 5.0, 0.0)
        self.share(seldom, 5.0, 0.0)
        for tick in range(1, 150):
            self.share(often, 1.0, tick / 10)
        self.share(seldom, 1.0, 14.9)
        assert list(often._seen["web"][1].values()) == pytest.approx(
            list(seldom._seen["web"][1].values())
        )

    def test_remembers_the_types_seen_last(self) -> None:
        policy = PeakEwma(types=2)
        for kind in ("a", "b", "a", "c"):
            placed(policy, problem([task(type=kind)], [pool()]))
        assert list(policy._seen) == ["a", "c"]
