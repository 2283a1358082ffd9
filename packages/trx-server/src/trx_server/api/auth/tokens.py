"""Access tokens: JSON Web Tokens (RFC 7519) signed with HMAC-SHA256."""

from __future__ import annotations

from typing import Final, NamedTuple

import jwt

from trx_server.store import Role

__all__ = ["InvalidTokenError", "Principal", "Tokens"]

ALGORITHM: Final = "HS256"
CLAIMS: Final = ("exp", "iat", "sub", "role")
MOST_KNOWN: Final = 1024

InvalidTokenError = jwt.InvalidTokenError


class Principal(NamedTuple):
    """Who a request comes from.

    Attributes:
        name: the user.
        role: the user's role when the token was issued.
        expires: when the token stops being good, seconds since the epoch.
    """

    name: str
    role: Role
    expires: int


class Tokens:
    """Issues and reads access tokens.

    Args:
        secret: the key, at least 32 bytes; every API process must have the same.
        lifetime: seconds that a token is good for.
    """

    def __init__(self, secret: str, lifetime: float) -> None:
        self._secret = secret
        self.lifetime = lifetime
        self._known: dict[str, Principal] = {}

    def issue(self, name: str, role: Role, now: float) -> str:
        """A token for ``name``, good from ``now`` (seconds since the epoch)."""
        claims = {"sub": name, "role": role, "iat": int(now), "exp": int(now + self.lifetime)}
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM)

    def read(self, token: str, now: float) -> Principal:
        """Who holds ``token`` at ``now`` (seconds since the epoch).

        A signature that was good once is not computed again.

        Raises:
            InvalidTokenError: it is not ours, was changed, or has expired.
        """
        known = self._known.get(token)
        if known is not None and now < known.expires:
            return known
        principal = self._verified(token)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[token] = principal
        return principal

    def _verified(self, token: str) -> Principal:
        claims = jwt.decode(
            token, self._secret, algorithms=[ALGORITHM], options={"require": list(CLAIMS)}
        )
        try:
            return Principal(claims["sub"], Role(claims["role"]), int(claims["exp"]))
        except ValueError as error:
            raise InvalidTokenError(str(error)) from None
