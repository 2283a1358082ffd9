"""Slots: never more than there are, and back again."""

from __future__ import annotations

from collections import Counter
from uuid import UUID, uuid4

import anyio
import pytest
from redis.asyncio import Redis

from trx_server.queue import SlotLedger
from trx_server.queue.connect import command

A, B = UUID(int=1), UUID(int=2)


@pytest.fixture
def runner() -> UUID:
    return uuid4()


@pytest.fixture
async def ledger(client: Redis, runner: UUID) -> SlotLedger:
    ledger = SlotLedger(client)
    await ledger.rebuild({}, runner=runner, held={})
    return ledger


async def test_grants_are_partial_when_a_pool_is_short(ledger: SlotLedger, runner: UUID) -> None:
    capacity = {A: 5, B: 2}
    assert await ledger.reserve(runner, {A: 3, B: 3}, capacity) == ({A: 3, B: 2}, {A: 3, B: 2})
    assert await ledger.reserve(uuid4(), {A: 3, B: 1}, capacity) == ({A: 2, B: 0}, {A: 5, B: 2})
    assert await ledger.loads() == {A: 5, B: 2}
    assert await ledger.held(runner) == {A: 3, B: 2}


async def test_a_pool_that_shrank_below_its_load_grants_nothing(
    ledger: SlotLedger, runner: UUID
) -> None:
    await ledger.reserve(runner, {A: 5}, {A: 5})
    assert await ledger.reserve(runner, {A: 1}, {A: 2}) == ({A: 0}, {A: 5})


async def test_eight_concurrent_runners_never_overfill(client: Redis) -> None:
    capacity = {A: 7, B: 3}
    holding: Counter[UUID] = Counter()
    fullest: set[tuple[UUID, int]] = set()

    async def work() -> None:
        me, ledger = uuid4(), SlotLedger(client)
        await ledger.rebuild({}, runner=me, held={})
        for _ in range(60):
            granted, load = await ledger.reserve(me, {A: 2, B: 1}, capacity)
            holding.update(granted)
            fullest.update(load.items())
            assert all(holding[pool] <= load[pool] <= capacity[pool] for pool in capacity)
            holding.subtract(granted)
            await ledger.release(me, granted)

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(work)
    assert fullest >= set(capacity.items())
    assert await SlotLedger(client).loads() == {}


async def test_a_release_gives_back_no_more_than_is_held(ledger: SlotLedger, runner: UUID) -> None:
    other = uuid4()
    await ledger.reserve(runner, {A: 3}, {A: 9})
    await ledger.reserve(other, {A: 4}, {A: 9})
    for _ in range(3):
        await ledger.release(runner, {A: 2, B: 1})
    assert await ledger.loads() == {A: 4}
    assert await ledger.held(runner) == {}
    assert await ledger.held(other) == {A: 4}


async def test_what_a_dead_runner_held_comes_back_once(ledger: SlotLedger, runner: UUID) -> None:
    dead = uuid4()
    await ledger.reserve(runner, {A: 1}, {A: 9})
    await ledger.reserve(dead, {A: 2, B: 3}, {A: 9, B: 9})
    assert await ledger.holders() == {runner, dead}
    assert await ledger.evict(dead) == {A: 2, B: 3}
    assert await ledger.evict(dead) == {}
    assert await ledger.holders() == {runner}
    assert await ledger.loads() == {A: 1}
    await ledger.release(dead, {A: 2})
    assert await ledger.loads() == {A: 1}


async def test_a_lost_ledger_grants_nothing_until_it_is_rebuilt(
    ledger: SlotLedger, runner: UUID, client: Redis
) -> None:
    other = uuid4()
    await ledger.reserve(runner, {A: 3}, {A: 9})
    assert not ledger.stale
    await client.flushall()
    assert await ledger.reserve(runner, {A: 1}, {A: 9}) == ({A: 0}, {A: 0})
    assert ledger.stale
    await ledger.rebuild({runner: {A: 8}, other: {A: 2, B: 1}}, runner=runner, held={A: 3})
    assert not ledger.stale
    assert await ledger.loads() == {A: 5, B: 1}
    assert await ledger.held(other) == {A: 2, B: 1}


async def test_of_two_rebuilds_the_second_keeps_what_was_granted_since(client: Redis) -> None:
    one, two = uuid4(), uuid4()
    first, second = SlotLedger(client), SlotLedger(client)
    seen = {one: {A: 1}, two: {A: 2}}
    await first.rebuild(seen, runner=one, held={A: 1})
    assert await first.reserve(one, {A: 4}, {A: 9}) == ({A: 4}, {A: 7})
    assert await second.reserve(two, {A: 4}, {A: 9}) == ({A: 0}, {A: 7})
    await second.rebuild(seen, runner=two, held={A: 3, B: 1})
    assert await second.loads() == {A: 8, B: 1}
    assert await first.held(one) == {A: 5}
    assert await second.reserve(two, {A: 4}, {A: 9}) == ({A: 1}, {A: 9})


async def test_rebuilds_of_eight_runners_at_once_agree(client: Redis) -> None:
    runners = [uuid4() for _ in range(8)]
    held = {runner: {A: index, B: 1} for index, runner in enumerate(runners)}

    async def rebuild(runner: UUID) -> None:
        await SlotLedger(client).rebuild(held, runner=runner, held=held[runner])

    async with anyio.create_task_group() as group:
        for runner in runners:
            group.start_soon(rebuild, runner)
    assert await SlotLedger(client).loads() == {A: 28, B: 8}


async def test_another_server_process_makes_it_stale(
    ledger: SlotLedger, runner: UUID, client: Redis
) -> None:
    assert await ledger.check()
    await client.set("trx:{ledger}:epoch", "0badc0de-of-a-former-process")
    assert not await ledger.check()
    assert await ledger.reserve(runner, {A: 1}, {A: 9}) == ({A: 0}, {A: 0})
    await ledger.rebuild({}, runner=runner, held={})
    assert await ledger.check()


async def test_an_unanswered_reservation_makes_it_stale(
    ledger: SlotLedger, runner: UUID, client: Redis
) -> None:
    await command(client, "CLIENT", "PAUSE", 400, "WRITE")
    with anyio.move_on_after(0.1):
        await ledger.reserve(runner, {A: 3}, {A: 9})
    assert ledger.stale
    await ledger.rebuild({}, runner=runner, held={})
    assert await ledger.loads() == {}
