"""Users and their roles."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from trx_server.store.connect import Pool
from trx_server.store.failures import translated

__all__ = ["Role", "User", "add_user", "count_users", "find_user", "set_password"]

ADD: Final = """
INSERT INTO app_user (id, name, password_hash, role, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (name) DO NOTHING
RETURNING true
"""

FIND: Final = "SELECT id, name, password_hash, role, created_at FROM app_user WHERE name = $1"

SET_PASSWORD: Final = "UPDATE app_user SET password_hash = $2 WHERE name = $1 RETURNING true"

COUNT: Final = "SELECT count(*) FROM app_user"


class Role(StrEnum):
    """What a user may do; each may do what the ones after it may."""

    ADMIN = "admin"
    OPERATOR = "operator"
    SUBMITTER = "submitter"
    VIEWER = "viewer"


class User(NamedTuple):
    """Somebody who may log in; ``created_at`` in seconds."""

    id: UUID
    name: str
    password_hash: str
    role: Role
    created_at: float


@translated
async def add_user(pool: Pool, user: User) -> bool:
    """Add a user; ``False``: the name is taken, and nothing was changed."""
    return bool(await pool.fetchval(ADD, *user))


@translated
async def find_user(pool: Pool, name: str) -> User | None:
    """The user of that name, if there is one."""
    row = await pool.fetchrow(FIND, name)
    if row is None:
        return None
    user_id, name, password_hash, role, created_at = row
    return User(user_id, name, password_hash, Role(role), created_at)


@translated
async def set_password(pool: Pool, name: str, password_hash: str) -> bool:
    """Replace a user's password; ``False``: there is no such user."""
    return bool(await pool.fetchval(SET_PASSWORD, name, password_hash))


@translated
async def count_users(pool: Pool) -> int:
    """How many users there are."""
    return int(await pool.fetchval(COUNT))
