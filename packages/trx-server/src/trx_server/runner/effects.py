"""Effects that go to several, and those that are only told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from trx_core.kernel import BreakerChanged

__all__ = ["in_turn", "log_breaker"]

logger = logging.getLogger(__name__)


def in_turn(*actions: Callable[[Any], None]) -> Callable[[Any], None]:
    """What takes an effect to each of them."""

    def carry_out(effect: Any) -> None:
        for action in actions:
            action(effect)

    return carry_out


def log_breaker(effect: BreakerChanged) -> None:
    """Say that a pool's breaker has another state."""
    logger.warning(
        "the breaker of pool %s is %s", effect.pool, effect.state.name.lower().replace("_", " ")
    )
