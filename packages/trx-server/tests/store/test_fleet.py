"""The fleet, as it was saved."""

from __future__ import annotations

from trx_core.models import Fleet
from trx_server.store import Pool, load_fleet, record_loads, save_fleet

from .harness import POOL, gathered


def fleet(*names: str, capacity: int = 8) -> Fleet:
    return Fleet.model_validate(
        {
            "pools": [
                {
                    "name": name,
                    "region": "eu",
                    "resource_type": "gpu",
                    "cost_per_unit": 1.25,
                    "capacity": capacity,
                    "expected_latency": 0.5,
                    "expected_success": 0.875,
                    "worker": {"kind": "lognormal", "params": {"sigma": 0.5, "by_type": {"a": 1}}},
                }
                for name in names
            ],
            "distance": {"eu": {"us": 0.7}},
        }
    )


async def test_there_is_none_before_the_first(pool: Pool) -> None:
    assert await load_fleet(pool) is None


async def test_a_fleet_comes_back_with_its_pools_by_name(pool: Pool) -> None:
    await save_fleet(pool, fleet("b", "a"))

    assert await load_fleet(pool) == fleet("a", "b")


async def test_another_fleet_takes_its_place_and_loads_stay(pool: Pool) -> None:
    old = fleet("a", "b")
    await save_fleet(pool, old)
    await record_loads(pool, {one.id: 3 for one in old.pools})
    await save_fleet(pool, fleet("b", "c", capacity=2))

    loaded = await load_fleet(pool)

    assert loaded is not None
    assert {one.name: (one.capacity, one.current_load) for one in loaded.pools} == {
        "b": (2, 3),
        "c": (2, 0),
    }


async def test_loads_of_unknown_pools_are_passed_over(pool: Pool) -> None:
    await save_fleet(pool, fleet("a"))
    await record_loads(pool, {POOL.id: 5})
    await record_loads(pool, {})

    assert await load_fleet(pool) == fleet("a")


async def test_several_may_save_at_once(pool: Pool) -> None:
    await gathered(*[lambda: save_fleet(pool, fleet("a", "b", "c")) for _ in range(6)])

    assert await load_fleet(pool) == fleet("a", "b", "c")
