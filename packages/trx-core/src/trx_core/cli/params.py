"""Parameters of plugins as the command line gives them: ``name=value``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from trx_core.errors import CallerError

__all__ = ["parse_params"]


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


def _bad(pair: str, hint: str) -> CallerError:
    return CallerError(f"{pair!r} is not a parameter.", code="TRX-C122", hint=hint)
