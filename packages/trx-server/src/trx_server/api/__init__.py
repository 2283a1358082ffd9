"""The HTTP API."""

from trx_server.api.app import create_app, serving
from trx_server.api.auth import ensure_admin, stored_secret
from trx_server.api.services import Services, open_services

__all__ = [
    "Services",
    "create_app",
    "ensure_admin",
    "open_services",
    "serving",
    "stored_secret",
]
