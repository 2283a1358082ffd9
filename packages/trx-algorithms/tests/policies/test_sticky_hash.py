"""Keys that stay where they are."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scene import names_of, pool, problem, task

from trx_algorithms.sticky_hash import StickyHash
from trx_core.routing import Breaker, PoolView

KEYS = [f"session-{number}" for number in range(600)]


def homes(pools: list[PoolView], policy: StickyHash | None = None) -> dict[str, str]:
    """Where the task of each key goes."""
    waiting = [task(metadata={"session": key}) for key in KEYS]
    return dict(zip(KEYS, names_of(policy or StickyHash(), problem(waiting, pools)), strict=True))


def fleet(count: int, **fields: int) -> list[PoolView]:
    return [pool(f"p{number}", 1000, **fields) for number in range(count)]


@pytest.mark.parametrize("count", [2, 5, 10])
def test_when_a_pool_comes_only_the_keys_it_wins_move_and_all_of_them_to_it(count: int) -> None:
    before, after = homes(fleet(count)), homes(fleet(count + 1))
    moved = {key for key in KEYS if before[key] != after[key]}
    assert {after[key] for key in moved} == {f"p{count}"}
    expected = len(KEYS) / (count + 1)
    assert 0.7 * expected < len(moved) < 1.3 * expected


@given(gone=st.integers(0, 7), listed=st.permutations(range(8)))
def test_when_a_pool_goes_only_its_keys_move(gone: int, listed: list[int]) -> None:
    pools = fleet(8)
    before = homes(pools)
    after = homes([pools[index] for index in listed if index != gone])
    assert {before[key] for key in KEYS if before[key] != after[key]} == {f"p{gone}"}


def test_its_keys_are_spread_over_the_others() -> None:
    before, after = homes(fleet(5)), homes(fleet(5)[1:])
    heirs = Counter(after[key] for key in KEYS if before[key] == "p0")
    assert len(heirs) == 4
    assert max(heirs.values()) < 2 * min(heirs.values())


def test_a_full_or_broken_pool_spills_to_the_next_of_the_key_and_gets_it_back() -> None:
    pools = fleet(4)
    home = homes(pools)
    key = KEYS[0]
    full = [view._replace(free=0) if view.pool.name == home[key] else view for view in pools]
    broken = [
        view._replace(breaker=Breaker.OPEN) if view.pool.name == home[key] else view
        for view in pools
    ]
    gone = [view for view in pools if view.pool.name != home[key]]
    assert homes(full)[key] == homes(broken)[key] == homes(gone)[key] != home[key]
    assert homes(pools)[key] == home[key]


def test_keys_go_by_weight() -> None:
    for policy, pools in (
        (StickyHash(), [pool("a", 3000), pool("b", 1000)]),
        (StickyHash(weights={"a": 3.0}), [pool("a", 999), pool("b", 999)]),
    ):
        share = Counter(homes(pools, policy).values())["a"] / len(KEYS)
        assert share == pytest.approx(0.75, abs=0.06)


def test_a_pool_that_grows_takes_keys_and_moves_none_between_the_others() -> None:
    before = homes([pool("a", 1000), pool("b", 1000), pool("c", 1000)])
    after = homes([pool("a", 2000), pool("b", 1000), pool("c", 1000)])
    assert {after[key] for key in KEYS if before[key] != after[key]} == {"a"}


def test_tasks_without_a_key_are_spread() -> None:
    waiting = [task() for _ in range(400)]
    served = Counter(names_of(StickyHash(), problem(waiting, fleet(4))))
    assert all(60 < count < 140 for count in served.values())


def test_where_a_key_goes_is_settled() -> None:
    """The choice must not change from one release, process or machine to the next."""
    home = homes(fleet(4))
    assert "".join(home[key].removeprefix("p") for key in KEYS[:12]) == "110100012020"
