"""Peak EWMA: latencies rise at once and fall slowly."""

from __future__ import annotations

from math import exp

import pytest
from scene import NOW, placed, pool, problem, task

from trx_algorithms.peak_ewma import PeakEwma
from trx_core.models import Attempt, ErrorKind, Outcome
from trx_core.routing import Outcomes, PoolView

SEEN, STEADY = pool("seen", 9, latency=1.0), pool("steady", 9, latency=1.5)


def peaks(policy: PeakEwma) -> list[float]:
    return [peak.seconds for peak in policy._seen["web"].values()]


def told(view: PoolView, seconds: float, at: float, *, success: bool = True) -> Outcomes:
    """One attempt on a pool, which ends at an instant."""
    attempt = Attempt(task(type="web"), view.pool, 1, "peak-ewma", NOW + at - seconds)
    error = None if success else ErrorKind.TRANSIENT
    return Outcomes([attempt], [Outcome(seconds, success, 0.0, error)], [NOW + at])


def goes_to(policy: PeakEwma, at: float) -> list[int]:
    return placed(policy, problem([task(type="web")], [SEEN, STEADY], now=NOW + at))


def share(policy: PeakEwma, seconds: float, at: float) -> bool:
    """Whether the pool whose latency is expected to be ``seconds`` still gets the task."""
    pools = [pool("seen", 9, latency=seconds), pool("steady", 9, latency=1.5)]
    return placed(policy, problem([task()], pools, now=NOW + at)) == [0]


def test_avoids_at_once_a_pool_that_turns_slow_and_comes_back_slowly() -> None:
    policy = PeakEwma(decay=10.0)
    assert share(policy, 1.0, 0.0)
    assert not share(policy, 5.0, 1.0)
    assert not share(policy, 1.0, 2.0)
    assert not share(policy, 1.0, 20.0)
    assert share(policy, 1.0, 23.0)


def test_how_slowly_does_not_hang_on_the_number_of_rounds() -> None:
    often, seldom = PeakEwma(), PeakEwma()
    share(often, 5.0, 0.0)
    share(seldom, 5.0, 0.0)
    for tick in range(1, 150):
        share(often, 1.0, tick / 10)
    share(seldom, 1.0, 14.9)
    assert peaks(often) == pytest.approx(peaks(seldom))


def test_remembers_the_types_seen_last() -> None:
    policy = PeakEwma(types=2)
    for kind in ("a", "b", "a", "c"):
        placed(policy, problem([task(type=kind)], [pool()]))
    assert list(policy._seen) == ["a", "c"]


def test_one_slow_answer_is_enough_and_is_forgotten_in_time() -> None:
    policy = PeakEwma(decay=10.0)
    assert goes_to(policy, 0.0) == [0]
    policy.observe(told(SEEN, 5.0, 5.0))
    assert goes_to(policy, 5.0) == [1]
    assert goes_to(policy, 20.0) == [1]
    assert goes_to(policy, 30.0) == [0]


def test_lesser_latencies_count_by_the_time_between_them() -> None:
    policy = PeakEwma(decay=10.0)
    policy.observe(told(SEEN, 5.0, 0.0))
    policy.observe(told(SEEN, 1.0, 3.0))
    assert peaks(policy) == pytest.approx([1.0 + 4.0 * exp(-0.3)])
    policy.observe(told(SEEN, 9.0, 4.0))
    assert peaks(policy) == [9.0]


def test_a_pool_that_fails_at_once_is_not_taken_for_a_fast_one() -> None:
    policy = PeakEwma(decay=10.0)
    policy.observe(told(SEEN, 5.0, 0.0))
    policy.observe(told(SEEN, 0.0, 9.0, success=False))
    assert peaks(policy) == [5.0]
    policy.observe(told(SEEN, 30.0, 10.0, success=False))
    assert peaks(policy) == [30.0]
