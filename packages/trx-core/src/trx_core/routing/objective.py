"""The one measure that every algorithm is judged on.

For task ``t`` on pool ``p``::

    cost[t, p] = money   · cost_t · cost_per_unit_p
               + latency · expected_latency[type_t, p]
               + region  · distance(region_t, region_p)
               + risk    · (1 - expected_success[type_t, p])

and for leaving ``t`` undecided this round::

    hold[t] = min_p cost[t, p] + hold + wait · priority_t · age_t

the minimum over the pools that may take it, whether they have room or not, and 0 if there is none.
A task that is held is placed later, for that minimum at the least: so a task is held only while the
pools with room cost more than the best one by ``hold`` and what its wait is worth, and never while
its best pool has room. Holding grows dearer the longer a task waits, the faster the more urgent it
is.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Objective"]


class Objective(BaseModel):
    """Weights of the objective's terms, in money.

    Attributes:
        money: per unit of money charged.
        latency: per second of expected service.
        region: per unit of distance (1 between two regions unless the fleet says otherwise).
        risk: per unit of probability that the attempt fails.
        hold: how much more than its best pool a task that has just arrived may cost.
        wait: per second of age and unit of priority, added to ``hold``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    money: float = Field(default=1.0, ge=0)
    latency: float = Field(default=1.0, ge=0)
    region: float = Field(default=0.5, ge=0)
    risk: float = Field(default=2.0, ge=0)
    hold: float = Field(default=100.0, ge=0)
    wait: float = Field(default=0.1, ge=0)
