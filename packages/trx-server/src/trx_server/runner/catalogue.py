"""Follows what operators change while the service runs: the fleet and the algorithm."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import anyio
from anyio import to_thread

from trx_core.engine import Decider, NamedAlgorithm, Variations
from trx_core.errors import AdapterError, PluginError, TrxError
from trx_core.kernel import Event, Kernel, PoolChanged
from trx_core.models import Disruption, Fleet, WorkerPool, disrupted, turning_points
from trx_server.runner.servicetime import ServiceTime
from trx_server.runner.workforce import Workforce
from trx_server.store import Pool, get_setting, load_disruptions, load_fleet

__all__ = ["ALGORITHM", "Catalogue"]

logger = logging.getLogger(__name__)

ALGORITHM: Final = "algorithm"
"""Key of the setting ``{"name": …, "params": {…}}``."""

EVERY: Final = 1.0


class Catalogue:
    """Reads the fleet, what befalls it and the chosen algorithm every second, and follows pools
    that vary.

    A pool whose workers cannot be made is left out, and an algorithm that cannot be made is not
    switched to; either is said once.

    Args:
        pool: has both.
        workforce: makes the workers.
        decider: gets the algorithm.
        make: makes an algorithm of its name and parameters.
        kernel: knows how busy the pools are.
        service_time: of the workers.
        tell: is told of the fleet.
    """

    def __init__(
        self,
        pool: Pool,
        workforce: Workforce,
        decider: Decider,
        make: Callable[[str, Mapping[str, Any]], NamedAlgorithm],
        tell: Callable[[Event], None],
        *,
        kernel: Kernel,
        service_time: ServiceTime,
    ) -> None:
        self._pool = pool
        self._workforce = workforce
        self._decider = decider
        self._make = make
        self._tell = tell
        self._described: Fleet | None = None
        self._disruptions: Sequence[Disruption] = ()
        self._kernel = kernel
        self._service_time = service_time
        self._variations = Variations(workforce.of)
        self._news = anyio.Event()
        self._fleet: Fleet | None = None
        self._choice: Mapping[str, Any] | None = None
        self._capacity: dict[UUID, int] = {}

    @property
    def capacity(self) -> Mapping[UUID, int]:
        """All slots by pool."""
        return self._capacity

    async def refresh(self) -> None:
        """Look once.

        Raises:
            AdapterError: PostgreSQL is away.
        """
        self._described = await load_fleet(self._pool)
        self._disruptions = await load_disruptions(self._pool, time.time())
        await self._take_fleet()
        await self._take_choice(await get_setting(self._pool, ALGORITHM))

    async def run(self) -> None:
        """Look again and again until it is cancelled; outages are waited out."""
        while True:
            await self._follow_disruptions(EVERY)
            try:
                await self.refresh()
            except AdapterError as error:
                logger.info("the catalogue stays as it was. %s", error)

    async def _follow_disruptions(self, seconds: float) -> None:
        """Change the pools at the instants at which they change within so many seconds."""
        end = time.time() + seconds
        for at in turning_points(self._disruptions):
            if time.time() < at < end:
                await anyio.sleep(at - time.time())
                await self._take_fleet()
        await anyio.sleep(max(0.0, end - time.time()))

    async def follow(self) -> None:
        """Tell of capacities and prices that change, each at its time, until it is cancelled."""
        while True:
            self._news = anyio.Event()
            wait = self._variations.due - self._service_time.now()
            with anyio.move_on_after(max(0.0, self._service_time.on_the_clock(wait))):
                await self._news.wait()
            if self._fleet is not None and self._variations.due <= self._service_time.now():
                self._vary(self._fleet)

    def _vary(self, fleet: Fleet) -> None:
        try:
            pools = self._variations.advance(self._kernel.load, self._service_time.now())
        except PluginError as error:
            logger.error("the pools stay as they are. %s", error)
            self._variations = Variations(self._workforce.of)
            return
        if pools is not None:
            self._take_pools(pools, fleet)

    async def _take_fleet(self) -> None:
        found = self._described
        if found is None:
            if self._fleet is None:
                logger.warning("there is no fleet yet; tasks wait")
            return
        found = disrupted(found, self._disruptions, time.time())
        fleet = found.model_copy(update={"pools": tuple(map(_unloaded, found.pools))})
        if fleet == self._fleet:
            return
        self._fleet = fleet
        usable = await to_thread.run_sync(self._usable, fleet.pools)
        self._take_pools(self._varied(usable), fleet)
        self._news.set()

    def _varied(self, pools: Sequence[WorkerPool]) -> Sequence[WorkerPool]:
        """The pools as they are now; as they are described if a simulator fails to say."""
        try:
            return self._variations.adopt(pools, self._kernel.load, self._service_time.now())
        except PluginError as error:
            logger.error("the pools stay as they are described. %s", error)
            return pools

    def _take_pools(self, pools: Sequence[WorkerPool], fleet: Fleet) -> None:
        self._capacity = {pool.id: pool.capacity for pool in pools}
        self._tell(PoolChanged(pools, fleet.distance))

    def _usable(self, pools: Iterable[WorkerPool]) -> list[WorkerPool]:
        """In a thread: making a worker may import much."""
        return [pool for pool in pools if self._can_make(pool)]

    def _can_make(self, pool: WorkerPool) -> bool:
        try:
            self._workforce.prepare(pool)
        except TrxError as error:
            logger.error("pool %s is left out. %s", pool.name, error)
            return False
        return True

    async def _take_choice(self, choice: Mapping[str, Any] | None) -> None:
        if choice is None or choice == self._choice:
            return
        self._choice = choice
        name, params = choice["name"], choice.get("params") or {}
        try:
            self._decider.chosen = await to_thread.run_sync(self._make, name, params)
        except TrxError as error:
            logger.error("%s goes on deciding. %s", self._decider.chosen.name, error)
        else:
            logger.info("algorithm %s decides from now on", name)


def _unloaded(pool: WorkerPool) -> WorkerPool:
    return pool.model_copy(update={"current_load": 0})
