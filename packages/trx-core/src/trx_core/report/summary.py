"""What a run came to, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["Distribution", "GroupUse", "PoolUse", "Summary"]


class Distribution(NamedTuple):
    """The mean of a quantity and its quantiles, interpolated linearly (R. J. Hyndman and Y. Fan,
    "Sample Quantiles in Statistical Packages", 1996, type 7); ``None`` where there is no sample."""

    mean: float | None
    p50: float | None
    p95: float | None
    p99: float | None


class GroupUse(NamedTuple):
    """What became of the tasks of one tenant or region.

    Attributes:
        name: the tenant or region.
        tasks: tasks accepted, those cancelled left out.
        completed: tasks done.
        wait: mean seconds from acceptance to the first dispatch; ``None`` if none was dispatched.
        speed: mean over the tasks of service time per turnaround time, 0 to 1: 1 if none of them
            ever waits, and a task that is not done counts as 0.
    """

    name: str
    tasks: int
    completed: int
    wait: float | None
    speed: float


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
        wait: seconds from acceptance to the first dispatch, of tasks dispatched.
        end_to_end: seconds from acceptance to completion (turnaround), of tasks completed.
        slowdown: turnaround per service time of the attempt that completed the task, where that
            is above 0.
        bounded_slowdown: the same with service times below ``short`` taken as ``short``, and at
            least 1 (D. Feitelson and L. Rudolph, "Metrics and Benchmarking for Parallel Job
            Scheduling", JSSPP 1998).
        short: seconds; see there.
        deadlines: tasks with a deadline that has passed or that have ended, those cancelled left
            out.
        deadline_misses: those of them that were not completed by then.
        cost: money charged, failed attempts included.
        busy: slot-seconds occupied by attempts that ended, from placement to end.
        utilisation: ``busy`` per slot-second of the fleet; ``None`` if it had none.
        span: seconds from the first entry of the log to the last.
        throughput: tasks completed per second of the span; ``None`` if the span is nothing.
        pools: the fleet's pools in its order, then others that the log names.
        algorithms: tasks by the algorithm that placed their latest attempt, most first.
        tenants: by tenant, in the order of their names.
        regions: by the region that tasks ask for, in the order of their names.
        tenant_fairness: Jain's index of the tenants' speeds (R. Jain, D. Chiu and W. Hawe, "A
            Quantitative Measure of Fairness", 1984): 1 if all fare alike, 1/n if one of n gets
            all; ``None`` with fewer than two.
        region_fairness: the same of the regions.
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
    wait: Distribution
    end_to_end: Distribution
    slowdown: Distribution
    bounded_slowdown: Distribution
    short: float
    deadlines: int
    deadline_misses: int
    cost: float
    busy: float
    utilisation: float | None
    span: float
    throughput: float | None
    pools: tuple[PoolUse, ...]
    algorithms: Mapping[str, int]
    tenants: tuple[GroupUse, ...]
    regions: tuple[GroupUse, ...]
    tenant_fairness: float | None
    region_fairness: float | None

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
                "with_deadline": self.deadlines,
                "deadline_missed": self.deadline_misses,
            },
            "attempts": {
                "placed": self.attempts,
                "retried": self.retries,
                "recovered": self.recoveries,
            },
            "wait_seconds": self.wait._asdict(),
            "end_to_end_seconds": self.end_to_end._asdict(),
            "slowdown_ratio": self.slowdown._asdict(),
            "bounded_slowdown_ratio": self.bounded_slowdown._asdict(),
            "bounded_slowdown_least_seconds": self.short,
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
            "fairness_index": {"tenant": self.tenant_fairness, "region": self.region_fairness},
            "tenants": [_group(group) for group in self.tenants],
            "regions": [_group(group) for group in self.regions],
        }


def _group(group: GroupUse) -> dict[str, Any]:
    return {
        "name": group.name,
        "tasks": group.tasks,
        "completed": group.completed,
        "wait_mean_seconds": group.wait,
        "speed_ratio": group.speed,
    }
