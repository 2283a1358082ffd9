"""The SDK of TaskRouterX: write a routing policy once, prove it in virtual time, run it live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trx_core.errors import PermanentError, TransientError
    from trx_core.hookspecs import HOOK_API_VERSION, hookimpl
    from trx_core.routing import ScoreAlgorithm

__all__ = [
    "HOOK_API_VERSION",
    "PermanentError",
    "ScoreAlgorithm",
    "TransientError",
    "hookimpl",
]

_HOME = {
    "HOOK_API_VERSION": "trx_core.hookspecs",
    "PermanentError": "trx_core.errors",
    "ScoreAlgorithm": "trx_core.routing",
    "TransientError": "trx_core.errors",
    "hookimpl": "trx_core.hookspecs",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used (PEP 562): ``trx`` starts before numpy is there."""
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
