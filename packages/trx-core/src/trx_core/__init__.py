"""The SDK of TaskRouterX: write a routing policy once, prove it in virtual time, run it live."""

from trx_core.hookspecs import HOOK_API_VERSION, hookimpl
from trx_core.routing import ScoreAlgorithm

__all__ = ["HOOK_API_VERSION", "ScoreAlgorithm", "hookimpl"]
