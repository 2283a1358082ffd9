"""The first administrator."""

from __future__ import annotations

import secrets
import time
from random import SystemRandom
from typing import Final

from trx_core.ids import IdFactory
from trx_server.api.auth.passwords import Passwords
from trx_server.store import Pool, Role, User, add_user, count_users

__all__ = ["ADMIN", "ensure_admin"]

ADMIN: Final = "admin"


async def ensure_admin(pool: Pool) -> str | None:
    """Make the user ``admin`` if there is no user yet; returns the password made for it.

    ``None``: there are users already. The password is not kept anywhere but as a hash.
    """
    if await count_users(pool):
        return None
    password = secrets.token_urlsafe(18)
    now = time.time()
    user = User(
        id=IdFactory(SystemRandom()).one(now),
        name=ADMIN,
        password_hash=await Passwords().hash(password),
        role=Role.ADMIN,
        created_at=now,
    )
    return password if await add_user(pool, user) else None
