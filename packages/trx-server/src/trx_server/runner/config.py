"""The kernel's part of the settings."""

from __future__ import annotations

from trx_core.kernel import KernelConfig
from trx_server.settings import Settings

__all__ = ["kernel_config"]


def kernel_config(settings: Settings) -> KernelConfig:
    """What a kernel is told of the settings."""
    return KernelConfig(
        window=settings.window,
        min_interval=settings.min_interval,
        retry=settings.retry,
        breaker=settings.breaker,
        objective=settings.objective,
    )
