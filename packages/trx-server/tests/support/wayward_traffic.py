"""A plugin whose scenarios break, or never come to anything."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from trx_core import hookimpl
from trx_core.models import TaskRequest
from trx_core.protocols import Arrival
from trx_core.specs import ScenarioSpec

__all__ = ["Broken", "Endless", "trx_register_scenarios"]


class Broken:
    """Two tasks, and an error."""

    def arrivals(self, rng: random.Random) -> Iterator[Arrival]:
        """The traffic."""
        yield Arrival(0.0, TaskRequest(type="a"))
        yield Arrival(0.1, TaskRequest(type="a"))
        raise RuntimeError("it broke")


class Endless:
    """Computes for so long that nobody waits for its first task."""

    def arrivals(self, rng: random.Random) -> Iterator[Arrival]:
        """The traffic."""
        time.sleep(4)
        yield Arrival(0.0, TaskRequest(type="a"))


@hookimpl
def trx_register_scenarios() -> list[ScenarioSpec]:
    """Both."""
    return [
        ScenarioSpec(name="broken", target="wayward_traffic:Broken", summary="It breaks."),
        ScenarioSpec(name="endless", target="wayward_traffic:Endless", summary="It never ends."),
    ]
