"""First come, first served."""

from __future__ import annotations

from trx_core.routing import (
    Choice,
    Decision,
    PlainRule,
    RoutingProblem,
    Turn,
    first_come_first_served,
)

__all__ = ["Fifo"]


class Fifo:
    """Each task, in order of arrival, to the eligible pool with the most free slots.

    The pool is chosen as by join-the-shortest-queue, with free slots in the place of queue lengths
    (W. Winston, "Optimality of the shortest line discipline", J. Appl. Prob. 14, 1977). A task
    that fits nowhere is held and those behind it go on, so that a task of many slots may wait long
    on a busy fleet.

    It decides exactly as the engine does when an algorithm has failed. O(E·P + T log P) time for
    tasks of E kinds of eligibility, and no more once the free slots are handed out; no randomness,
    no state.

    Use it as the yardstick, where pools are alike and tasks equally urgent, or where those who
    submit must be served in turn. Do not use it where pools differ in price, speed or distance, or
    where priorities count: it looks at none of them.
    """

    plain_rule = PlainRule(Turn.ARRIVAL, Choice.MOST_FREE)

    def route(self, problem: RoutingProblem) -> Decision:
        """Place or hold each task."""
        return first_come_first_served(problem)
