"""The runner's one line to the shared ledger of slots: one call at a time, in order."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

import anyio

from trx_core.clock import Clock
from trx_core.errors import AdapterError
from trx_core.kernel import Aborted, Event, Kernel, LoadChanged, Release, Reserve, Reserved
from trx_server.queue import SlotLedger
from trx_server.store import Pool, held_slots

__all__ = ["LedgerLine"]

logger = logging.getLogger(__name__)

PAUSE: Final = 1.0


class LedgerLine:
    """Carries out ``Reserve`` and ``Release``, and tells what other runners occupy.

    What is to be released when a call begins, and what the kernel holds then, are noted at the
    same moment; so after the call the ledger has of this runner just what the kernel had. That is
    what is subtracted from the ledger's loads, and what is stated anew when the ledger is lost.

    Args:
        ledger: shared by all runners.
        pool: the ledger of record, from which a lost ledger is rebuilt.
        runner: who holds the slots.
        kernel: whose slots they are.
        capacity: tells all slots by pool.
        clock: tells when to try again after a failure.
        tell: takes the answers.
    """

    def __init__(
        self,
        ledger: SlotLedger,
        pool: Pool,
        runner: UUID,
        kernel: Kernel,
        *,
        capacity: Callable[[], Mapping[UUID, int]],
        clock: Clock,
        tell: Callable[[Event], None],
    ) -> None:
        self._ledger = ledger
        self._pool = pool
        self._runner = runner
        self._kernel = kernel
        self._capacity = capacity
        self._clock = clock
        self._tell = tell
        self._releases: Counter[UUID] = Counter()
        self._reserve: Reserve | None = None
        self._look = False
        self._state = False
        self._news = anyio.Event()

    def reserve(self, effect: Reserve) -> None:
        """Take slots; the answer follows."""
        self._reserve = effect
        self._news.set()

    def release(self, effect: Release) -> None:
        """Give slots back."""
        self._releases.update(effect.slots)
        self._news.set()

    def look(self) -> None:
        """Have it checked that the ledger stands, and told what others occupy."""
        self._look = True
        self._news.set()

    def state(self) -> None:
        """Have it stated anew what this runner holds: somebody may have taken it for dead."""
        self._state = True
        self._news.set()

    async def run(self) -> None:
        """Make the calls until it is cancelled; a failed reservation aborts its round.

        Nobody knows what a failed call has done: after it everything is stated anew.
        """
        healthy = True
        while True:
            await self._news.wait()
            self._news = anyio.Event()
            own = Counter(self._kernel.held)
            releases, self._releases = self._releases, Counter()
            reserve, self._reserve = self._reserve, None
            look, self._look = self._look, False
            state, self._state = self._state, False
            try:
                await self._give_back(own, releases, look=look, state=state)
                if reserve is not None:
                    await self._take(reserve, own)
                healthy = True
            except AdapterError as error:
                if healthy:
                    logger.warning("the ledger of slots waits. %s", error)
                healthy = False
                self._state = True
                if reserve is not None:
                    self._tell(Aborted(reserve.round, self._clock.now() + PAUSE))

    async def _give_back(
        self, own: Counter[UUID], releases: Counter[UUID], *, look: bool, state: bool
    ) -> None:
        if look:
            await self._ledger.check()
        if state or self._ledger.stale:
            await self._restate(own)
        elif releases:
            await self._ledger.release(self._runner, releases)
        if look:
            self._tell_others(await self._ledger.loads(), own)

    async def _restate(self, own: Counter[UUID]) -> None:
        holders = await held_slots(self._pool)
        await self._ledger.rebuild(holders, runner=self._runner, held=+own)

    async def _take(self, reserve: Reserve, own: Counter[UUID]) -> None:
        capacity = self._capacity()
        grant = await self._ledger.reserve(
            self._runner, reserve.slots, {key: capacity.get(key, 0) for key in reserve.slots}
        )
        others = {key: load - own[key] - grant.granted[key] for key, load in grant.load.items()}
        self._tell(Reserved(reserve.round, grant.granted, _not_negative(others)))

    def _tell_others(self, loads: Mapping[UUID, int], own: Counter[UUID]) -> None:
        others = {key: loads.get(key, 0) - own[key] for key in self._capacity()}
        self._tell(LoadChanged(_not_negative(others)))


def _not_negative(slots: Mapping[UUID, int]) -> dict[UUID, int]:
    return {key: max(0, count) for key, count in slots.items()}
