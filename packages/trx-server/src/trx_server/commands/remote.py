"""What commands that talk to a running server share: where it is, a password, a file to write."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Final

import typer

from trx_core.errors import CallerError

__all__ = ["API_URL", "ApiUrl", "opened", "password_of"]

PASSWORD: Final = "TRX_PASSWORD"

API_URL: Final = "http://127.0.0.1:8080"
"""Where an API on this machine listens unless it is told otherwise."""

ApiUrl = Annotated[str, typer.Option(metavar="URL", help="URL of the API.")]


@contextmanager
def opened(path: Path | None) -> Iterator[IO[bytes]]:
    """The file to write, anew; standard output if there is no path.

    Raises:
        CallerError: ``TRX-C404``, it cannot be written.
    """
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        file = path.open("wb")
    except OSError as error:
        raise CallerError(
            f"{str(path)!r} cannot be written: {error.strerror}.",
            code="TRX-C404",
            hint="Name another file with --out.",
        ) from None
    with file:
        yield file


def password_of(user: str) -> str:
    """The password in the environment, or else what the terminal is asked for.

    Raises:
        CallerError: ``TRX-C403``, there is neither.
    """
    if password := os.environ.get(PASSWORD):
        return password
    if not sys.stdin.isatty():
        raise CallerError(
            f"the password of {user!r} is not given.", code="TRX-C403", hint=f"Set {PASSWORD}."
        )
    answer: str = typer.prompt(f"Password of {user}", hide_input=True, err=True)
    return answer
