"""First come, first served: the decision that the engine falls back to."""

from __future__ import annotations

from heapq import heapify, heapreplace

from trx_core.routing.decision import HOLD, Decision
from trx_core.routing.problem import RoutingProblem

__all__ = ["first_come_first_served"]


def first_come_first_served(problem: RoutingProblem) -> Decision:
    """Each task, in order of arrival, to the eligible pool with the most free slots.

    A task that fits nowhere is held, and does not block the ones behind it. Stops as soon as no
    slot is left. Ties go to the pool listed first. Takes O(E·P + T log P), where E is the number of
    different rows of eligibility: tasks that may go to the same pools share a heap of them.
    """
    width = len(problem.pools)
    placed = [HOLD] * len(problem.tasks)
    left = int(problem.free.sum())
    # A pool's rank is its index less its free slots times P: the least is the emptiest and first.
    ranks = [index - view.free * width for index, view in enumerate(problem.pools)]
    heaps: dict[bytes, list[int]] = {}
    eligible = problem.eligible.tobytes()
    for row, slots in enumerate(problem.slots.tolist()):
        if left <= 0:
            break
        allowed = eligible[row * width : (row + 1) * width]
        heap = heaps.get(allowed)
        if heap is None:
            heap = heaps[allowed] = [rank for rank, yes in zip(ranks, allowed, strict=True) if yes]
            heapify(heap)
        if not heap:
            continue
        rank = heap[0]
        pool = rank % width
        while rank != ranks[pool]:
            heapreplace(heap, ranks[pool])
            rank = heap[0]
            pool = rank % width
        rank += slots * width
        if rank <= pool:
            placed[row] = pool
            left -= slots
            ranks[pool] = rank
            heapreplace(heap, rank)
    return Decision(placed)
