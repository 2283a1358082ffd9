"""Pools whose capacity changes while runners share them."""

from __future__ import annotations

from typing import Any

from live_site import Site, fullest, until

from trx_core.models import Fleet, WorkerPool
from trx_server.store import save_pool

SCALE = 20.0


def elastic(**params: Any) -> WorkerPool:
    """From one slot to six; seconds are of simulated service."""
    scaling = {"min": 1, "look": 2.0, "up_delay": 2.0, "down_delay": 1e6}
    params = {"mean": 4.0, "success_rate": 1.0, "elastic": scaling, **params}
    pool = {
        **{"name": "spot", "region": "eu", "resource_type": "cpu", "cost_per_unit": 1.0},
        **{"capacity": 6, "worker": {"kind": "deterministic", "params": params}},
    }
    return Fleet.model_validate({"pools": [pool]}).pools[0]


async def test_two_runners_share_a_pool_that_grows(site: Site) -> None:
    await site.change_fleet([elastic()])
    tasks = await site.accept(60)
    async with site.runner(time_scale=SCALE), site.runner(time_scale=SCALE):
        histories = await site.audit(tasks)
    log = [entry for history in histories.values() for entry in history]
    assert fullest(log, SCALE) == {"spot": 6}
    first, second = sorted(e.timestamp for e in log if e.event_type == "dispatched")[:2]
    assert second - first > 0.9 * 2.0 / SCALE


async def test_a_pool_is_given_other_workers_while_it_is_used(site: Site) -> None:
    await site.change_fleet([elastic(elastic=None)])

    async def tripled() -> bool:
        await site.accept(1)
        await site.ended()
        latest = max(await site.log(), key=lambda entry: entry.timestamp).details
        return bool((latest["latency"], latest["cost"]) == (1.0, 3.0))

    async with site.runner(time_scale=SCALE):
        assert not await tripled()
        prices = {"by_hour": [3.0] * 24}
        await save_pool(site.pool, elastic(mean=1.0, elastic=None, prices=prices))
        await until(tripled)
