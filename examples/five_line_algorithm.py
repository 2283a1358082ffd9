"""A routing algorithm of five lines, checked against its contract and asked to decide a round.

Run it: ``python examples/five_line_algorithm.py``. It needs trx-core alone.
"""

from __future__ import annotations

import sys

from trx_core import ScoreAlgorithm
from trx_core.models import Task
from trx_core.routing import HOLD, PoolState
from trx_core.testing import RoundShape, check_algorithm, make_round


class NearAndCheap(ScoreAlgorithm):
    """Prefers pools in the task's own region, then cheap ones."""

    def score(self, task: Task, pool: PoolState) -> float:
        """The higher, the better."""
        return (pool.region == task.region) - task.cost * pool.cost_per_unit


def main() -> int:
    """Show what it decides and whether it keeps the contract."""
    problem = make_round(RoundShape("a crowded round", tasks=10, pools=3))
    decision = NearAndCheap().route(problem)
    for task, index in zip(problem.tasks, decision.pool, strict=True):
        where = "held" if index == HOLD else problem.pools[index].pool.name
        print(f"{task.type:8} priority {task.priority:2}  {task.region or 'anywhere':8}  {where}")

    broken = [result for result in check_algorithm(NearAndCheap) if result.failed]
    for result in broken:
        print(f"{result.check.id}: {result.message}")
    print(f"{'breaks' if broken else 'keeps'} its contract")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
