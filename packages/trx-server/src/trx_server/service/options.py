"""What a service on this machine is made of."""

from __future__ import annotations

from dataclasses import dataclass

from trx_core.models import Fleet
from trx_server.settings import Settings

__all__ = ["ServiceOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """How much to start.

    Attributes:
        settings: with URLs, those servers are used; without, embedded ones on ``data_dir``.
        runners: scheduler runners, from 1.
        fleet: stored if none is yet, or whenever ``replace_fleet``.
        replace_fleet: whether ``fleet`` takes the place of a stored one.
        dashboard_port: TCP port of the dashboard; ``None`` starts none.
    """

    settings: Settings
    runners: int
    fleet: Fleet
    replace_fleet: bool = False
    dashboard_port: int | None = None
