"""Runs the algorithm beside the event loop, within its time budget."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup

from trx_core.engine import Blame, Decider, NamedAlgorithm
from trx_core.kernel import Decide, Decided, Event

__all__ = ["Decisions"]


class Decisions:
    """Carries out ``Decide`` in a thread; an algorithm that overruns is replaced for the round.

    While an overdue call still runs its algorithm is not called again: it need not be thread-safe.

    Args:
        decider: runs and blames.
        budget: seconds that a decision may take.
        tasks: where the waiting goes on.
        tell: takes the answers.
    """

    def __init__(
        self, decider: Decider, budget: float, tasks: TaskGroup, tell: Callable[[Event], None]
    ) -> None:
        self._decider = decider
        self._budget = budget
        self._tasks = tasks
        self._tell = tell
        self._busy: set[int] = set()

    def decide(self, effect: Decide) -> None:
        """Have it decided; the answer follows."""
        self._tasks.start_soon(self._decide, effect)

    async def _decide(self, effect: Decide) -> None:
        chosen = self._decider.chosen
        if id(chosen.algorithm) in self._busy:
            self._overran(effect, chosen, "an earlier decision is still under way")
            return
        decided: Decided | None = None
        with anyio.move_on_after(self._budget):
            decided = await to_thread.run_sync(
                partial(self._run, effect, chosen), abandon_on_cancel=True
            )
        if decided is None:
            self._overran(effect, chosen, f"no decision within {self._budget:g} s")
        else:
            self._tell(decided)

    def _run(self, effect: Decide, chosen: NamedAlgorithm) -> Decided:
        """In the thread."""
        key = id(chosen.algorithm)
        self._busy.add(key)
        try:
            return self._decider.decide(effect)
        finally:
            self._busy.discard(key)

    def _overran(self, effect: Decide, chosen: NamedAlgorithm, what: str) -> None:
        self._tell(self._decider.fall_back(effect, chosen, Blame.OVERRAN, what))
