"""Password hashes: Argon2id (RFC 9106), made and checked in threads."""

from __future__ import annotations

from typing import Final

from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash

__all__ = ["LONGEST", "Passwords"]

LONGEST: Final = 1024
"""Characters of a password; longer ones are refused unread."""

AT_ONCE: Final = 2


class Passwords:
    """Makes and checks hashes, two at a time, because one takes 64 MiB and tens of milliseconds."""

    def __init__(self) -> None:
        self._scheme = PasswordHash.recommended()
        self._limiter = CapacityLimiter(AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """A salted hash of ``password``."""
        return await to_thread.run_sync(self._scheme.hash, password, limiter=self._limiter)

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether ``password`` is the one behind ``stored``.

        ``None``, for a user that does not exist, takes as long as a wrong password, so that the
        time tells nobody which names exist.
        """
        if self._nobody is None:
            self._nobody = await self.hash("")
        matches = await to_thread.run_sync(
            self._scheme.verify, password[:LONGEST], stored or self._nobody, limiter=self._limiter
        )
        return matches and stored is not None and len(password) <= LONGEST
