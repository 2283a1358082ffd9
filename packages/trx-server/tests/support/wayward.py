"""A plugin whose algorithms break their contract, each in a way of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from trx_core import hookimpl
from trx_core.routing import Decision, RoutingProblem
from trx_core.specs import AlgorithmSpec

NAMES = ("raising", "sluggish", "overfilling", "stuck")

RELEASED = threading.Event()
"""Set it to let the calls of ``stuck`` return."""


@hookimpl
def trx_register_algorithms() -> Sequence[AlgorithmSpec]:
    return [
        AlgorithmSpec(name=name, target=f"wayward:{name.title()}", summary="It misbehaves.")
        for name in NAMES
    ]


class Raising:
    def route(self, problem: RoutingProblem) -> Decision:
        raise LookupError("no model")


class Sluggish:
    def route(self, problem: RoutingProblem) -> Decision:
        time.sleep(0.3)
        return Decision([0] * len(problem.tasks))


class Overfilling:
    def route(self, problem: RoutingProblem) -> Decision:
        return Decision([0] * len(problem.tasks))


class Stuck:
    def route(self, problem: RoutingProblem) -> Decision:
        RELEASED.wait()
        return Decision([0] * len(problem.tasks))
