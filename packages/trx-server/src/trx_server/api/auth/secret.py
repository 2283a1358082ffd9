"""The key that access tokens are signed with."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from trx_core.errors import OperatorError
from trx_server.settings import Settings

__all__ = ["required_secret", "stored_secret"]

FILE: Final = "jwt-secret"


def required_secret(settings: Settings) -> str:
    """The configured key.

    Raises:
        OperatorError: ``TRX-O103``, there is none.
    """
    if settings.jwt_secret is None:
        raise OperatorError(
            "access tokens cannot be signed: TRX_JWT_SECRET is not set.",
            code="TRX-O103",
            hint="Set it, the same for every API process, to the output of `python -c "
            "'import secrets; print(secrets.token_urlsafe(48))'`.",
        )
    return settings.jwt_secret.get_secret_value()


def stored_secret(folder: Path) -> str:
    """The key kept in ``folder``, which only its owner can read; made at the first call.

    Two processes that make it at once get the same one.

    Raises:
        OperatorError: ``TRX-O104``, the file cannot be read or written.
    """
    file = folder / FILE
    draft = folder / f"{FILE}.{os.getpid()}.new"
    try:
        if not file.exists():
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as handle:
                handle.write(secrets.token_urlsafe(48))
            with suppress(FileExistsError):
                os.link(draft, file)
            draft.unlink()
        return file.read_text("ascii").strip()
    except OSError as error:
        raise OperatorError(
            f"the key for access tokens cannot be kept in {file}: {error.strerror}.",
            code="TRX-O104",
            hint="Mend that, or set TRX_JWT_SECRET.",
        ) from error
