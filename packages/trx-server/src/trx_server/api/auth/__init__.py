"""Who may call what: passwords, access tokens, roles."""

from trx_server.api.auth.admin import ensure_admin
from trx_server.api.auth.passwords import Passwords
from trx_server.api.auth.roles import Permission, Role, grants
from trx_server.api.auth.secret import required_secret, stored_secret
from trx_server.api.auth.tokens import Principal, Tokens

__all__ = [
    "Passwords",
    "Permission",
    "Principal",
    "Role",
    "Tokens",
    "ensure_admin",
    "grants",
    "required_secret",
    "stored_secret",
]
