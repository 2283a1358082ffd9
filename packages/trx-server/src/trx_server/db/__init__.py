"""The schema of the database, and how an older one is brought up to it.

Alembic is imported when it is wanted: at its import it reads the entry points of everything that is
installed, and must not keep those from working who migrate nothing.
"""

from __future__ import annotations

from types import ModuleType

from trx_core.plugins import blaming_damage
from trx_server.db.schema import METADATA
from trx_server.store.failures import SETTING

__all__ = ["METADATA", "current", "head", "upgrade"]


def head() -> str:
    """The revision that this version of the code wants."""
    return str(_migrate().head())


async def current(url: str, setting: str = SETTING) -> str | None:
    """See :func:`trx_server.db.migrate.current`."""
    found: str | None = await _migrate().current(url, setting)
    return found


async def upgrade(url: str, setting: str = SETTING) -> str:
    """See :func:`trx_server.db.migrate.upgrade`."""
    return str(await _migrate().upgrade(url, setting))


def _migrate() -> ModuleType:
    """What migrates.

    Raises:
        OperatorError: ``TRX-O111``, a damaged distribution keeps Alembic from being imported.
    """
    with blaming_damage("Alembic"):
        from trx_server.db import migrate
    return migrate
