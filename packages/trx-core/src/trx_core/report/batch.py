"""What happened, taken into the columns of a fold by the batch rather than entry by entry."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trx_core.kernel import Settlement
from trx_core.models import Task
from trx_core.policy import Verdict
from trx_core.report.columns import NONE, AttemptColumns, Ending, Names, TaskColumns

__all__ = ["Closed", "accept", "close", "closed_of"]

Ints = NDArray[np.int64]

_NAN: Final = float("nan")
_ENDING: Final[Mapping[Any, int]] = {
    Verdict.COMPLETED: Ending.COMPLETED,
    Verdict.RETRY: Ending.OPEN,
    Verdict.DEAD: Ending.FAILED,
}


def accept(
    columns: TaskColumns, regions: Names, tenants: Names, tenant_key: str, tasks: Sequence[Task]
) -> Ints:
    """Tasks that were accepted.

    Args:
        columns: get their rows.
        regions: numbers of regions.
        tenants: numbers of tenants.
        tenant_key: the field of a task's metadata that names its tenant.
        tasks: not seen before.

    Returns:
        Their rows.
    """
    rows = np.array(columns.add([task.id.int for task in tasks]))
    _set(columns.enqueued, rows, _floats([task.enqueued_at for task in tasks]))
    due = [task.deadline for task in tasks]
    if due.count(None) < len(due):
        _set(columns.deadline, rows, _floats([_NAN if one is None else one for one in due]))
    _set(columns.region, rows, _coded(regions.code, [task.region for task in tasks]))
    named = [task.metadata.get(tenant_key) if task.metadata else None for task in tasks]
    _set(columns.tenant, rows, _coded(tenants.code, named))
    return rows


class Closed(NamedTuple):
    """Attempts that were placed and closed, each seen once and in the order of their ends.

    Attributes:
        row: [N] of the task.
        pool: [N] number.
        algorithm: [N] number.
        slots: [N] occupied.
        number: [N] of the attempt, from 1.
        placed_at: [N] seconds.
        ended: [N] seconds.
        cost: [N] money.
        ending: [N] codes of :class:`Ending`; ``OPEN`` is tried again.
        reason: [N] number of the reason of death, or ``NONE``.
    """

    row: Ints
    pool: Ints
    algorithm: Ints
    slots: Ints
    number: Ints
    placed_at: NDArray[np.float64]
    ended: NDArray[np.float64]
    cost: NDArray[np.float64]
    ending: Ints
    reason: Ints


def closed_of(
    settlements: Sequence[Settlement],
    row_of: Mapping[int, int],
    pool_code: Callable[[str], int],
    algorithms: Names,
    reasons: Names,
) -> Closed:
    """The columns of settlements, at least one.

    Args:
        settlements: in the order in which attempts ended.
        row_of: row by the integer of a task's id.
        pool_code: numbers pools, by name.
        algorithms: numbers of algorithms.
        reasons: numbers of reasons of death.
    """
    attempts, outcomes, ended, verdicts, _, reason = zip(*settlements, strict=True)
    tasks, pools, numbers, algorithm, placed_at = zip(*attempts, strict=True)
    _, _, cost, *_ = zip(*outcomes, strict=True)
    pool_ids = [*map(id, pools)]
    met = dict(zip(pool_ids, pools, strict=True))
    pool_codes = {key: pool_code(pool.name) for key, pool in met.items()}
    return Closed(
        row=_ints([row_of[task.id.int] for task in tasks]),
        pool=_mapped(pool_codes, pool_ids),
        algorithm=_coded(algorithms.code, algorithm),
        slots=_ints([task.slots for task in tasks]),
        number=_ints(numbers),
        placed_at=_floats(placed_at),
        ended=_floats(ended),
        cost=_floats(cost),
        ending=_mapped(_ENDING, verdicts),
        reason=_coded(reasons.code, reason),
    )


def close(columns: TaskColumns, attempts: AttemptColumns, closed: Closed) -> None:
    """Write down what ended, where the rows of the tasks are."""
    rows = closed.row
    attempts.pool.frombytes(closed.pool.astype(np.int32).tobytes())
    attempts.slots.frombytes(closed.slots.astype(np.int32).tobytes())
    attempts.started.frombytes(closed.placed_at.tobytes())
    attempts.ended.frombytes(closed.ended.tobytes())
    first = closed.number == 1
    _set(columns.dispatched, rows[first], closed.placed_at[first])
    _set(columns.latest, rows, closed.number)
    _set(columns.pool, rows, closed.pool)
    _set(columns.algorithm, rows, closed.algorithm)
    over = closed.ending != Ending.OPEN
    if not over.all():
        np.add.at(np.frombuffer(columns.retries, dtype=np.int32), rows[~over], 1)
    _set(columns.ended, rows[over], closed.ended[over])
    _set(columns.ending, rows[over], closed.ending[over])
    _set(columns.reason, rows[over], closed.reason[over])
    done = closed.ending == Ending.COMPLETED
    _set(columns.service, rows[done], (closed.ended - closed.placed_at)[done])


def _set(column: array[Any], rows: NDArray[np.int64], values: Any) -> None:
    if rows.size:
        np.frombuffer(column, dtype=column.typecode)[rows] = values


def _coded(code: Callable[[str], int], names: Sequence[object]) -> Ints:
    known = dict.fromkeys(names)
    return _mapped({one: NONE if one is None else code(str(one)) for one in known}, names)


def _mapped(numbers: Mapping[Any, int], keys: Sequence[object]) -> Ints:
    """[N] the numbers of N keys, at least one; most often they are all the same."""
    if keys.count(keys[0]) == len(keys):
        return np.full(len(keys), numbers[keys[0]])
    return _ints([numbers[key] for key in keys])


def _ints(values: Sequence[int]) -> Ints:
    return np.fromiter(values, np.int64, len(values))


def _floats(values: Sequence[float]) -> NDArray[np.float64]:
    return np.fromiter(values, np.float64, len(values))
