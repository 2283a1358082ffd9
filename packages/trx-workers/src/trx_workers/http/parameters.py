"""What a pool of HTTP workers is told."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from ipaddress import ip_network
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from trx_workers.parameters import Parameters

__all__ = ["HttpParameters", "Redirects"]

SECRET_PREFIX: Final = "TRX_SECRET_"

OURS: Final = frozenset(
    {
        *("accept", "accept-encoding", "connection", "content-encoding", "content-length"),
        *("content-type", "host", "idempotency-key", "te", "traceparent", "tracestate", "trailer"),
        *("transfer-encoding", "trx-attempt", "trx-task-id", "upgrade"),
    }
)
"""Headers that the worker writes itself, or that belong to the connection."""

TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Redirects(StrEnum):
    """Which redirects are followed."""

    NONE = "none"
    SAME_ORIGIN = "same-origin"


def _endpoint(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ValueError("must be a URL that starts with http:// or https:// and names a host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must hold no name and no password; give them in secret_headers")
    if parts.fragment:
        raise ValueError("must have no fragment")
    return url


def _networks(value: bool | Sequence[str]) -> bool | Sequence[str]:
    if not isinstance(value, bool):
        for text in value:
            ip_network(text)
    return value


def _names(headers: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in headers.items():
        if not TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a header (RFC 9110, section 5.1)")
        if name.lower() in OURS:
            raise ValueError(f"the header {name} is written by the worker itself")
        if not value.isascii() or not value.isprintable():
            raise ValueError(f"the value of the header {name} must be printable ASCII")
    return headers


Headers = Annotated[Mapping[str, str], AfterValidator(_names)]


class HttpParameters(Parameters):
    """Parameters of a pool's worker.

    Attributes:
        url: of the endpoint.
        timeout: seconds that an attempt may take in all, from resolving the name to the last byte
            of the answer.
        connect_timeout: seconds that a connection may take, of these.
        headers: sent with every request.
        secret_headers: header → name; the value is read from the environment variable
            ``TRX_SECRET_<name>`` of the runner, so that it is in no fleet file and no answer of the
            API.
        redirects: ``none``, or ``same-origin``: a 307 or 308 to the same scheme, host and port is
            followed, five times at most.
        allow_private: connect to private and loopback addresses, too; or the networks, in CIDR
            notation, that are allowed whatever is in them. Link-local addresses and the metadata
            services of clouds are only reached by naming them.
        max_request_bytes: largest body of a request.
        max_response_bytes: largest body of an answer; a longer one is cut off there.
        ca_file: certificates in PEM that are trusted instead of the system's.
    """

    url: Annotated[str, AfterValidator(_endpoint)]
    timeout: float = Field(default=30.0, gt=0, le=86_400)
    connect_timeout: float = Field(default=5.0, gt=0, le=3600)
    headers: Headers = Field(default_factory=dict)
    secret_headers: Annotated[Mapping[str, str], AfterValidator(_names)] = Field(
        default_factory=dict
    )
    redirects: Redirects = Redirects.NONE
    allow_private: Annotated[bool | Sequence[str], AfterValidator(_networks)] = False
    max_request_bytes: int = Field(default=1024 * 1024, ge=1024, le=2**30)
    max_response_bytes: int = Field(default=1024 * 1024, ge=1024, le=2**30)
    ca_file: str | None = None

    def all_headers(self) -> dict[str, str]:
        """Those that are given, and the secret ones.

        Raises:
            ValueError: a secret is not in the environment, or is no header.
        """
        secrets = {}
        for header, name in self.secret_headers.items():
            variable = f"{SECRET_PREFIX}{name}"
            value = os.environ.get(variable)
            if not value:
                raise ValueError(f"secret_headers: the variable {variable} is not set")
            if not value.isascii() or not value.isprintable():
                raise ValueError(f"secret_headers: {variable} must be printable ASCII")
            secrets[header] = value
        return {**self.headers, **secrets}
