"""Lua scripts: each one is a call that no other call comes between."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final, NamedTuple

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, ResponseError

from trx_server.queue.connect import redis_errors, sender

__all__ = ["GroupMissing", "Script", "load_script", "run"]

_FOLDER: Final = files("trx_server.queue") / "lua"


class GroupMissing(Exception):
    """A stream or its group is not there any more."""


class Script(NamedTuple):
    """A script: its text, and the SHA-1 that Redis knows it by."""

    source: str
    sha: str


def load_script(*parts: str) -> Script:
    """The script made of these files of the folder ``lua``, one after the other."""
    source = "\n".join((_FOLDER / f"{part}.lua").read_text("utf-8") for part in parts)
    return Script(source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())


async def run(client: Redis, script: Script, keys: Sequence[str], args: Sequence[Any]) -> Any:
    """Run a script in one round trip; in two when the server does not know it yet.

    Raises:
        GroupMissing: a command of it met NOGROUP.
        AdapterError: TRX-A201 or TRX-A203.
    """
    send = sender(client)
    with redis_errors(client):
        try:
            try:
                return await send("EVALSHA", script.sha, len(keys), *keys, *args)
            except NoScriptError:
                return await send("EVAL", script.source, len(keys), *keys, *args)
        except ResponseError as error:
            if str(error).startswith("NOGROUP"):
                raise GroupMissing(str(error)) from error
            raise
