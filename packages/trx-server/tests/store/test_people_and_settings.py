"""Users, and settings that change while the service runs."""

from __future__ import annotations

from uuid import uuid4

from trx_server.store import (
    Pool,
    Role,
    User,
    add_user,
    count_users,
    find_user,
    get_setting,
    put_setting,
    set_password,
)

from .harness import NOW, gathered

ADA = User(uuid4(), "ada", "hash", Role.OPERATOR, NOW)


async def test_a_user_is_found_by_name(pool: Pool) -> None:
    assert await count_users(pool) == 0
    assert await add_user(pool, ADA)

    assert await find_user(pool, "ada") == ADA
    assert await find_user(pool, "Ada") is None
    assert await count_users(pool) == 1


async def test_a_name_belongs_to_who_was_first(pool: Pool) -> None:
    rivals = [User(uuid4(), "ada", f"hash {n}", Role.VIEWER, NOW) for n in range(5)]

    added = await gathered(*(lambda user=user: add_user(pool, user) for user in rivals))

    assert sum(added) == 1
    assert await find_user(pool, "ada") == rivals[added.index(True)]


async def test_a_password_is_replaced(pool: Pool) -> None:
    await add_user(pool, ADA)

    assert await set_password(pool, "ada", "other")
    assert not await set_password(pool, "bob", "other")

    assert await find_user(pool, "ada") == ADA._replace(password_hash="other")


async def test_a_setting_keeps_its_latest_value(pool: Pool) -> None:
    assert await get_setting(pool, "algorithm") is None
    await put_setting(pool, "algorithm", {"name": "fifo", "params": {}})
    await put_setting(pool, "algorithm", {"name": "greedy", "params": {"weights": [1, 2.5]}})

    assert await get_setting(pool, "algorithm") == {
        "name": "greedy",
        "params": {"weights": [1, 2.5]},
    }
    assert await get_setting(pool, "other") is None
