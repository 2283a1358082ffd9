"""Role-based access control: which role may do what."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from trx_server.store import Role

__all__ = ["GRANTS", "Permission", "Role", "grants"]


class Permission(StrEnum):
    """What a route asks for."""

    TASKS_READ = "tasks:read"
    TASKS_SUBMIT = "tasks:submit"
    TASKS_CANCEL = "tasks:cancel"
    WORKERS_READ = "workers:read"
    WORKERS_WRITE = "workers:write"
    LOGS_READ = "logs:read"
    STATS_READ = "stats:read"
    ALGORITHMS_SWITCH = "algorithms:switch"
    SIMULATIONS_RUN = "simulations:run"
    POOLS_DISRUPT = "pools:disrupt"


_READ: Final = frozenset(
    {Permission.TASKS_READ, Permission.WORKERS_READ, Permission.LOGS_READ, Permission.STATS_READ}
)
_SUBMIT: Final = frozenset(
    {Permission.TASKS_SUBMIT, Permission.TASKS_CANCEL, Permission.SIMULATIONS_RUN}
)

GRANTS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.ADMIN: frozenset(Permission),
        Role.OPERATOR: _READ | _SUBMIT | {Permission.ALGORITHMS_SWITCH, Permission.POOLS_DISRUPT},
        Role.SUBMITTER: _READ | _SUBMIT,
        Role.VIEWER: _READ,
    }
)


def grants(role: Role, permission: Permission) -> bool:
    """Whether ``role`` holds ``permission``."""
    return permission in GRANTS[role]
