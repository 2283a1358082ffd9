"""What happened, taken into the columns of a fold by the batch rather than entry by entry."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from trx_core.kernel import Settlement
from trx_core.models import Task
from trx_core.policy import Verdict
from trx_core.report.columns import NONE, AttemptColumns, Ending, Names, TaskColumns

__all__ = ["accept", "close"]

_ENDING: Final = {
    Verdict.COMPLETED: Ending.COMPLETED,
    Verdict.RETRY: Ending.OPEN,
    Verdict.DEAD: Ending.FAILED,
}


def accept(
    columns: TaskColumns, regions: Names, tenants: Names, tenant_key: str, tasks: Sequence[Task]
) -> None:
    """Tasks that were accepted.

    Args:
        columns: get their rows.
        regions: numbers of regions.
        tenants: numbers of tenants.
        tenant_key: the field of a task's metadata that names its tenant.
        tasks: not seen before.
    """
    rows = np.array(columns.add([task.id.int for task in tasks]))
    _set(columns.enqueued, rows, [task.enqueued_at for task in tasks])
    due = [
        (row, task.deadline)
        for row, task in zip(rows, tasks, strict=True)
        if task.deadline is not None
    ]
    if due:
        _set(columns.deadline, *map(np.array, zip(*due, strict=True)))
    _set(columns.region, rows, _coded(regions.code, [task.region for task in tasks]))
    named = [task.metadata.get(tenant_key) if task.metadata else None for task in tasks]
    _set(columns.tenant, rows, _coded(tenants.code, named))


def close(
    columns: TaskColumns,
    attempts: AttemptColumns,
    pool_code: Callable[[str], int],
    algorithms: Names,
    reasons: Names,
    settlements: Sequence[Settlement],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Attempts that were placed and closed, each seen once and in the order of their ends.

    Args:
        columns: have the rows of their tasks.
        attempts: get a row for each.
        pool_code: numbers pools, by name.
        algorithms: numbers of algorithms.
        reasons: numbers of reasons of death.
        settlements: [N] one or more.

    Returns:
        [N] the pool's number, and [N] what was charged.
    """
    closed, outcomes, ended, verdicts, _, why = zip(*settlements, strict=True)
    tasks, pools, numbers, algorithm, placed_at = zip(*closed, strict=True)
    latencies, _, costs, *_ = zip(*outcomes, strict=True)
    at = np.array(ended)
    pool = np.array(_coded(pool_code, [one.name for one in pools]))
    attempts.pool += array("i", pool.tolist())
    attempts.slots += array("i", [task.slots for task in tasks])
    attempts.started += array("d", placed_at)
    attempts.ended += array("d", ended)
    row_of = columns.rows
    rows = np.array([row_of[task.id.int] for task in tasks])
    number = np.array(numbers)
    first = number == 1
    _set(columns.dispatched, rows[first], np.array(placed_at)[first])
    _set(columns.latest, rows, number)
    _set(columns.pool, rows, pool)
    _set(columns.algorithm, rows, _coded(algorithms.code, algorithm))
    known = {verdict: _ENDING[verdict] for verdict in dict.fromkeys(verdicts)}
    ending = np.array([known[verdict] for verdict in verdicts])
    over = ending != Ending.OPEN
    again = rows[~over]
    if again.size:
        retries = np.frombuffer(columns.retries, dtype=np.int32)
        np.add.at(retries, again, 1)
    _set(columns.ended, rows[over], at[over])
    _set(columns.ending, rows[over], ending[over])
    done = ending == Ending.COMPLETED
    _set(columns.service, rows[done], np.array(latencies, dtype=np.float64)[done])
    if not done.all():
        _set(columns.reason, rows[over], np.array(_coded(reasons.code, why))[over])
    return pool, np.array(costs, dtype=np.float64)


def _set(column: array[Any], rows: NDArray[np.int64], values: Any) -> None:
    if rows.size:
        np.frombuffer(column, dtype=column.typecode)[rows] = values


def _coded(code: Callable[[str], int], names: Sequence[object]) -> list[int]:
    known = {name: NONE if name is None else code(str(name)) for name in dict.fromkeys(names)}
    return [known[name] for name in names] if len(known) > 1 else [*known.values()] * len(names)
