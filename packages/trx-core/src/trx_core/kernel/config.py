"""What a kernel is told once, when it is made."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from trx_core.policy import BreakerPolicy, RetryPolicy
from trx_core.routing import Objective

__all__ = ["PATIENCE_GROWS", "KernelConfig"]

PATIENCE_GROWS: Final = 1.25
"""Held tasks are asked for again late by a fifth of the time that they were held for, at most."""


class KernelConfig(BaseModel):
    """Parameters of a kernel; the same in both engines.

    Attributes:
        window: undecided tasks that it holds at most, from 1.
        min_interval: seconds between the starts of two rounds, at least.
        hold_interval: seconds after which held tasks are offered again though nothing changed;
            each further time that nothing has changed, a quarter more.
        retry: when failed tasks are tried again.
        breaker: when a pool is left alone.
        objective: weights that decisions are judged by.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    window: int = Field(default=1000, ge=1, le=1_000_000)
    min_interval: float = Field(default=0.01, ge=0)
    hold_interval: float = Field(default=0.25, gt=0)
    retry: RetryPolicy = RetryPolicy()
    breaker: BreakerPolicy = BreakerPolicy()
    objective: Objective = Objective()
