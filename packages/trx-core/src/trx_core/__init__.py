"""The SDK of TaskRouterX: write a routing policy once, prove it in virtual time, run it live."""

from trx_core.hookspecs import HOOK_API_VERSION, hookimpl

__all__ = ["HOOK_API_VERSION", "hookimpl"]
