"""A plugin whose scenarios break in many ways, or never come to anything."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator

from pydantic import BaseModel, Field

from trx_core import hookimpl
from trx_core.models import TaskRequest
from trx_core.protocols import Arrival
from trx_core.specs import ScenarioSpec

__all__ = ["Broken", "Endless", "Leaving", "Unset", "trx_register_scenarios"]


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


class Leaving:
    """A task, and the end of its thread."""

    def arrivals(self, rng: random.Random) -> Iterator[Arrival]:
        """The traffic."""
        yield Arrival(0.0, TaskRequest(type="a"))
        sys.exit(3)


class Key(BaseModel):
    """A parameter whose default nobody has set."""

    key: str = Field(default_factory=lambda: os.environ["WAYWARD_TRAFFIC_KEY"])


class Unset(Endless):
    """Needs what the environment has not got."""

    parameters = Key

    def __init__(self, **params: str) -> None:
        self.given = Key(**params)


@hookimpl
def trx_register_scenarios() -> list[ScenarioSpec]:
    """All of them."""
    return [
        ScenarioSpec(name="broken", target="wayward_traffic:Broken", summary="It breaks."),
        ScenarioSpec(name="endless", target="wayward_traffic:Endless", summary="It never ends."),
        ScenarioSpec(name="leaving", target="wayward_traffic:Leaving", summary="It exits."),
        ScenarioSpec(name="unset", target="wayward_traffic:Unset", summary="It needs a key."),
    ]
