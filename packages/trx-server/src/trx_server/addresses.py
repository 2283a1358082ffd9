"""Addresses of servers: what is wrong with one, and in words why nobody answers there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

__all__ = ["check_ports", "in_words", "system_error"]

LARGEST = 65_535


def check_ports(url: str) -> None:
    """Raise ``ValueError``, naming a port in ``url`` that is none; there may be several hosts."""
    for port in filter(None, _ports(url)):
        if not (port.isascii() and port.isdigit() and int(port) <= LARGEST):
            raise ValueError(f"its port {port!r} is no number from 0 to {LARGEST}")


def _ports(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    for address in parts.netloc.rpartition("@")[2].split(","):
        yield address.rpartition("]")[2].partition(":")[2]
    for value in parse_qs(parts.query).get("port", []):
        yield from value.split(",")


def in_words(error: BaseException) -> str:
    """What ``error`` says, in one line; the operating system's without its number and address."""
    if isinstance(error, OSError) and error.errno is not None and error.strerror:
        vague = "Connect call failed" in error.strerror
        return _uncapitalised(os.strerror(error.errno) if vague else error.strerror)
    lines = str(error).strip().splitlines()
    if not lines:
        timeout = isinstance(error, TimeoutError)
        return "it did not answer in time" if timeout else type(error).__name__
    if numbers := re.findall(r"\[Errno (\d+)\] Connect call failed", lines[0]):
        return ", ".join(dict.fromkeys(_uncapitalised(os.strerror(int(n))) for n in numbers))
    return lines[0].rstrip(".")


def system_error(error: BaseException) -> BaseException:
    """The error of the operating system that made a client raise ``error``; else that itself."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and (cause.strerror or "[Errno" in str(cause)):
            return cause
        cause = cause.__cause__ or cause.__context__
        if isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]
    return error


def _uncapitalised(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
