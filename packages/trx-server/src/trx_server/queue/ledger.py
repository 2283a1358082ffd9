"""The shared ledger of slots: how full each pool is, and who fills it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from redis.asyncio import Redis

from trx_server.queue.connect import command
from trx_server.queue.epoch import new_token
from trx_server.queue.keys import ledger_keys
from trx_server.queue.scripts import Script, load_script, run

__all__ = ["Grant", "SlotLedger"]

CHECK: Final = load_script("ledger", "ledger_check")
RESERVE: Final = load_script("ledger", "ledger_reserve")
RELEASE: Final = load_script("ledger", "ledger_release")
EVICT: Final = load_script("ledger", "ledger_evict")
HELD: Final = load_script("ledger", "ledger_held")
REBUILD: Final = load_script("ledger", "ledger_rebuild")


class Grant(NamedTuple):
    """What a reservation got.

    Attributes:
        granted: slots by pool, each from 0 to what was wanted.
        load: slots of each of these pools that are taken, by all runners, these included.
    """

    granted: dict[UUID, int]
    load: dict[UUID, int]


class SlotLedger:
    """Slots of pools, leased to runners; each call is one round trip that nothing comes between.

    Redis may lose it. Then nothing is granted, and :attr:`stale` holds, until :meth:`rebuild`;
    a runner starts with it too. All calls raise ``AdapterError``: TRX-A201, TRX-A203.
    """

    def __init__(self, client: Redis, *, namespace: str = "trx") -> None:
        self._client = client
        self._keys = ledger_keys(namespace)
        self._epoch = ""
        self._found = ""

    @property
    def stale(self) -> bool:
        """Whether :meth:`rebuild` is due.

        Either the ledger is not the one that this runner last stated its slots to, or a call failed
        so that nobody knows whether it was carried out.
        """
        return not self._epoch or self._found != self._epoch

    async def check(self) -> bool:
        """Whether the ledger stands, so that no :meth:`rebuild` is due.

        It alone notices that the server was restarted or failed over: call it now and then.
        """
        self._found = str(await self._run(CHECK), "ascii")
        return not self.stale

    async def reserve(
        self, runner: UUID, wanted: Mapping[UUID, int], capacity: Mapping[UUID, int]
    ) -> Grant:
        """Take slots, as many of those wanted as are free.

        Args:
            runner: who holds them.
            wanted: slots by pool, not negative.
            capacity: all slots of each of these pools.
        """
        args: list[Any] = [self._epoch, runner]
        for pool, slots in wanted.items():
            args += (pool, slots, capacity[pool])
        try:
            found, granted, loads = await self._run(RESERVE, *args)
        except BaseException:
            self._epoch = ""
            raise
        self._found = str(found, "ascii")
        return Grant(dict(zip(wanted, granted, strict=True)), dict(zip(wanted, loads, strict=True)))

    async def release(self, runner: UUID, slots: Mapping[UUID, int]) -> None:
        """Give slots back, by pool; at most those that the runner holds."""
        try:
            found = await self._run(RELEASE, runner, *_pairs(slots))
        except BaseException:
            self._epoch = ""
            raise
        self._found = str(found, "ascii")

    async def evict(self, runner: UUID) -> dict[UUID, int]:
        """Give back, and return, all that a dead runner held."""
        return _slots(await self._run(EVICT, runner))

    async def held(self, runner: UUID) -> dict[UUID, int]:
        """Slots by pool that a runner holds."""
        return _slots(await self._run(HELD, runner))

    async def holders(self) -> set[UUID]:
        """Every runner that holds slots."""
        held = await command(self._client, "HKEYS", self._keys[2])
        return {UUID(str(field, "ascii").partition("/")[0]) for field in held}

    async def loads(self) -> dict[UUID, int]:
        """Slots taken by pool; a pool that is empty is not among them."""
        loads = await command(self._client, "HGETALL", self._keys[1])
        return _slots(loads.items())

    async def rebuild(
        self,
        holders: Mapping[UUID, Mapping[UUID, int]],
        *,
        runner: UUID,
        held: Mapping[UUID, int],
    ) -> None:
        """Write the ledger anew if it is lost, and state what this runner holds in any case.

        Of several runners that do so at once the first one's ``holders`` count. What PostgreSQL
        knew of another runner stands until that runner has stated its own slots. Not while a
        reservation or a release of this runner is under way.

        Args:
            holders: runner → pool → slots of the attempts that PostgreSQL has as running.
            runner: who calls.
            held: slots by pool that it does hold; what ``holders`` says of it is not used.
        """
        args: list[Any] = [new_token(), runner, len(held), *_pairs(held)]
        for holder, slots in holders.items():
            for pool, count in slots.items():
                args += (holder, pool, count)
        self._epoch = self._found = str(await self._run(REBUILD, *args), "ascii")

    async def _run(self, script: Script, *args: Any) -> Any:
        texts = [str(arg) if isinstance(arg, UUID) else arg for arg in args]
        return await run(self._client, script, self._keys, texts)


def _pairs(slots: Mapping[UUID, int]) -> list[Any]:
    return [item for pair in slots.items() for item in pair]


def _slots(pairs: Iterable[Sequence[Any]]) -> dict[UUID, int]:
    return {UUID(str(pool, "ascii")): int(slots) for pool, slots in pairs}
