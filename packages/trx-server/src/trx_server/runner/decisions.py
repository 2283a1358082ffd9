"""Runs the algorithm beside the event loop, within its time budget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup

from trx_core.engine import Answer, Blame, Decider, call
from trx_core.kernel import Decide, Event
from trx_core.protocols import Algorithm
from trx_core.routing import Outcomes, RoutingProblem
from trx_server.runner.reasons import Reasons

__all__ = ["Decisions"]

_STILL: Final = "an earlier decision is still under way"


class Decisions:
    """Carries out ``Decide`` in a thread; an algorithm that overruns is replaced for the round.

    While an overdue call still runs its algorithm is not called again: it need not be thread-safe.

    Args:
        decider: runs, limits and blames.
        tasks: where the waiting goes on.
        tell: takes the answers.
    """

    def __init__(self, decider: Decider, tasks: TaskGroup, tell: Callable[[Event], None]) -> None:
        self._decider = decider
        self._tasks = tasks
        self._tell = tell
        self._busy: set[int] = set()
        self._reasons = Reasons()

    def decide(self, effect: Decide) -> None:
        """Have it decided; the answer follows."""
        self._tasks.start_soon(self._decide, effect)

    async def _decide(self, effect: Decide) -> None:
        chosen = self._decider.chosen
        if (stand_in := self._decider.spared(effect, chosen)) is not None:
            self._tell(stand_in)
            return
        if id(chosen.algorithm) in self._busy:
            self._tell(self._decider.fall_back(effect, chosen, Blame.OVERRAN, _STILL))
            return
        answer: Answer | None = None
        with anyio.move_on_after(self._decider.budget.seconds):
            answer = await to_thread.run_sync(
                self._call,
                chosen.algorithm,
                self._decider.shown(chosen, effect.problem),
                self._decider.news(chosen),
                abandon_on_cancel=True,
            )
        if answer is None:
            self._tell(self._decider.overran(effect, chosen))
        else:
            decided = self._decider.conclude(effect, chosen, answer)
            self._reasons.hear(decided, effect.problem.now)
            self._tell(decided)

    def _call(self, algorithm: Algorithm, problem: RoutingProblem, news: Outcomes | None) -> Answer:
        """In the thread; what it returns after the budget is not looked at by anyone."""
        self._busy.add(id(algorithm))
        try:
            return call(algorithm, problem, news)
        finally:
            self._busy.discard(id(algorithm))
