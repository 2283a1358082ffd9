"""What a run came to, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["PoolUse", "Quantiles", "Summary"]


class Quantiles(NamedTuple):
    """Quantiles of a time, seconds, interpolated linearly (R. J. Hyndman and Y. Fan, "Sample
    Quantiles in Statistical Packages", 1996, type 7); ``None`` where there is no sample."""

    p50: float | None
    p95: float | None
    p99: float | None


class PoolUse(NamedTuple):
    """What one pool did.

    Attributes:
        name: the pool.
        tasks: tasks whose latest attempt was placed on it.
        attempts: attempts placed on it.
        busy: slot-seconds occupied by attempts that ended.
        capacity: slots; ``None`` if the fleet does not have the pool.
        utilisation: ``busy`` per slot-second of the run; ``None`` if it had none.
        cost: money charged.
    """

    name: str
    tasks: int
    attempts: int
    busy: float
    capacity: int | None
    utilisation: float | None
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run came to.

    Attributes:
        accepted: tasks that the log names.
        completed: tasks done.
        failed: tasks given up, which are dead letters.
        dead_lettered: ``failed`` by reason.
        cancelled: tasks withdrawn before they ran.
        open: tasks that have not ended.
        retried: tasks of which at least one attempt was tried again.
        attempts: attempts placed.
        retries: attempts that failed and were tried again.
        recoveries: attempts lost with their runner, whose tasks waited again.
        wait: from acceptance to the first dispatch, of tasks dispatched.
        end_to_end: from acceptance to completion, of tasks completed.
        cost: money charged, failed attempts included.
        busy: slot-seconds occupied by attempts that ended, from placement to end.
        utilisation: ``busy`` per slot-second of the fleet; ``None`` if it had none.
        span: seconds from the first entry of the log to the last.
        throughput: tasks completed per second of the span; ``None`` if the span is nothing.
        pools: the fleet's pools in its order, then others that the log names.
        algorithms: tasks by the algorithm that placed their latest attempt, most first.
    """

    accepted: int
    completed: int
    failed: int
    dead_lettered: Mapping[str, int]
    cancelled: int
    open: int
    retried: int
    attempts: int
    retries: int
    recoveries: int
    wait: Quantiles
    end_to_end: Quantiles
    cost: float
    busy: float
    utilisation: float | None
    span: float
    throughput: float | None
    pools: tuple[PoolUse, ...]
    algorithms: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """The same as a JSON object; keys of quantities end in their unit."""
        return {
            "tasks": {
                "accepted": self.accepted,
                "completed": self.completed,
                "retried": self.retried,
                "failed": self.failed,
                "dead_lettered": dict(self.dead_lettered),
                "cancelled": self.cancelled,
                "open": self.open,
            },
            "attempts": {
                "placed": self.attempts,
                "retried": self.retries,
                "recovered": self.recoveries,
            },
            "wait_seconds": self.wait._asdict(),
            "end_to_end_seconds": self.end_to_end._asdict(),
            "cost_money": self.cost,
            "busy_slot_seconds": self.busy,
            "utilisation_ratio": self.utilisation,
            "span_seconds": self.span,
            "throughput_tasks_per_second": self.throughput,
            "pools": [
                {
                    "name": pool.name,
                    "tasks": pool.tasks,
                    "attempts": pool.attempts,
                    "capacity_slots": pool.capacity,
                    "busy_slot_seconds": pool.busy,
                    "utilisation_ratio": pool.utilisation,
                    "cost_money": pool.cost,
                }
                for pool in self.pools
            ],
            "algorithms": dict(self.algorithms),
        }
