"""Measured speeds by task type: service time is work over throughput."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import Field

from trx_core.models import MAX_SLOTS, Task
from trx_core.models.task import Name
from trx_workers.simulators.distributions import lognormal_stretch
from trx_workers.simulators.service import ServiceParameters, Stretch

__all__ = ["ThroughputService"]

Speed = Annotated[float, Field(ge=0, le=1e12)]
Slots = Annotated[int, Field(ge=1, le=MAX_SLOTS)]


class ThroughputService(ServiceParameters):
    """What a pool gets done in a second, as was measured for each task type.

    Attributes:
        speeds: task type → slots that the task occupies → work per second; 0: it cannot run here.
            Between and beyond what was measured, in proportion to the slots from the nearest
            smaller number, or else the smallest.
        otherwise: work per second and slot of a type that is not named; 0: it cannot run here.
        work: field of a task's metadata that holds its work, if it has one; else its cost is it.
        cv: coefficient of variation of the service time, which is log-normal.
    """

    speeds: Mapping[Name, Mapping[Slots, Speed]] = Field(default_factory=dict)
    otherwise: Speed = 1.0
    work: str = Field(default="work", min_length=1)
    cv: float = Field(default=0.0, ge=0, le=100)

    def seconds(self) -> Callable[[Task], float]:
        """``work / speed(type, slots)``."""
        speeds = {name: sorted(by_slots.items()) for name, by_slots in self.speeds.items()}
        usual, field = [(1, self.otherwise)], self.work

        def seconds(task: Task) -> float:
            by_slots = speeds.get(task.type) or usual
            known = [one for one in by_slots if one[0] <= task.slots] or by_slots[:1]
            slots, speed = known[-1]
            work = task.metadata.get(field, task.cost)
            if isinstance(work, bool) or not isinstance(work, int | float) or work < 0:
                raise ValueError(f"metadata of task {task.id}: {field}={work!r} is no work")
            return work * slots / (speed * task.slots) if speed else math.inf

        return seconds

    def stretch(self) -> Stretch:
        """Log-normal about the measured speed."""
        return lognormal_stretch(self.cv)
