"""The whole service on this machine: servers, API, runners and dashboard, started and stopped."""

from trx_server.service.options import ServiceOptions
from trx_server.service.stack import RunningService, running_service

__all__ = ["RunningService", "ServiceOptions", "running_service"]
