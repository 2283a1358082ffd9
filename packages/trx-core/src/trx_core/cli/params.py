"""Parameters of plugins as the command line gives them: ``name=value``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from trx_core.errors import CallerError

__all__ = ["parse_named", "parse_params", "split_named"]


def parse_params(pairs: Sequence[str]) -> dict[str, Any]:
    """``["alpha=0.5", "name=x"]`` → ``{"alpha": 0.5, "name": "x"}``; values are read as YAML.

    Raises:
        CallerError: ``TRX-C122``, not ``name=value``, a value that is not YAML, or a name twice.
    """
    params: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.isidentifier():
            raise _bad(pair, "Write it as name=value.")
        if name in params:
            raise _bad(pair, f"{name!r} is given twice.")
        try:
            params[name] = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError, RecursionError):
            raise _bad(pair, "Write its value as YAML: 1, 0.5, text, [a, b], ….") from None
    return params


def parse_named(text: str) -> tuple[str, dict[str, Any]]:
    """``"name:alpha=0.5,beta=x"`` → ``("name", {"alpha": 0.5, "beta": "x"})``.

    Raises:
        CallerError: ``TRX-C122``, as :func:`parse_params`.
    """
    name, colon, params = text.partition(":")
    return name, parse_params(params.split(",") if colon else [])


def split_named(text: str) -> list[str]:
    """``"one,two:alpha=0.5,beta=x,three"`` → ``["one", "two:alpha=0.5,beta=x", "three"]``: a part
    that is a parameter belongs to the name before it.
    """
    found: list[str] = []
    for part in filter(None, map(str.strip, text.split(","))):
        name, equals, _ = part.partition("=")
        if equals and ":" not in name and found:
            found[-1] += f",{part}"
        else:
            found.append(part)
    return found


def _bad(pair: str, hint: str) -> CallerError:
    return CallerError(f"{pair!r} is not a parameter.", code="TRX-C122", hint=hint)
