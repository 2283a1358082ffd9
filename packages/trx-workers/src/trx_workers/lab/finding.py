"""What came of a run, small enough to be sent from one process to another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from trx_core.engine import ReasonSummary
from trx_core.models import Fleet, LogEntry, Task
from trx_core.plugins import Registry
from trx_core.protocols import BadRow
from trx_core.report import Samples, Summary, Timeline
from trx_core.traffic import Alike, Faults
from trx_workers.lab.measures import MEASURES
from trx_workers.lab.plan import Plan, carry_out
from trx_workers.lab.run import LabRun

__all__ = ["BLOCKS", "LEVELS", "Finding", "find"]

Floats = NDArray[np.float64]

BLOCKS: Final = 20
TAIL: Final = 0.02
LEVELS: Final = np.concatenate((np.linspace(0.0, 0.99, 199), (0.995, 0.999, 1.0)))


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """What came of a run.

    Attributes:
        plan: what was done.
        fleet: the pools.
        summary: the schedule log in numbers.
        measures: the numbers of :data:`~trx_workers.lab.measures.MEASURES` that it has.
        blocks: of each measure that is a mean over tasks, its means over :data:`BLOCKS` runs of
            consecutive arrivals; NaN where a block has no value.
        curves: quantiles at :data:`LEVELS` of ``wait``, ``end_to_end`` and ``bounded_slowdown``.
        timeline: what went on until the last task had arrived and all but :data:`TAIL` had ended.
        decision: wall-clock seconds per round, where they were timed: mean, p50, p95, p99.
        rounds: rounds decided.
        decision_seconds: wall-clock seconds spent deciding; ``None`` in the compiled lane, whose
            rounds are not timed.
        lane_seconds: wall-clock seconds of the compiled lane's loop, which decides and does all
            else; ``None`` where it was not taken.
        left: why tasks are left that no pool would take → how many.
        failures: rounds in which first-come-first-served stood in, by ``algorithm/blame``.
        plugin: who answers for the algorithm, for people.
        reasons: why algorithms decided as they did, where they said it.
        traces: where algorithms raised, the first of each kind, for their authors.
        regret: money per round, and per optimum; ``None`` if it was not asked for.
        malformed: rows of the traffic that could not be read.
        malformed_first: the first reasons.
        malformed_rows: the first thousand of them.
        refused: rows of the traffic that no pool could carry out.
        refused_first: the first reasons.
        refused_rows: the first thousand of them.
    """

    plan: Plan
    fleet: Fleet
    summary: Summary
    measures: Mapping[str, float]
    blocks: Mapping[str, Floats]
    curves: Mapping[str, Floats]
    timeline: Timeline
    decision: tuple[float | None, ...]
    rounds: int
    decision_seconds: float | None
    lane_seconds: float | None
    left: Mapping[str, int]
    failures: Mapping[str, int]
    plugin: str
    reasons: Mapping[str, ReasonSummary]
    traces: Sequence[str]
    regret: tuple[Mapping[str, float | None], float | None] | None
    malformed: int
    malformed_first: tuple[Alike, ...]
    malformed_rows: tuple[BadRow, ...]
    refused: int
    refused_first: tuple[Alike, ...]
    refused_rows: tuple[BadRow, ...]

    @property
    def unplaced(self) -> int:
        """Tasks that no pool would take."""
        return sum(self.left.values())

    @property
    def clean(self) -> bool:
        """Whether there were tasks, every one of them ended, and no row was refused."""
        return bool(self.summary.accepted) and not self.unplaced and not self.refused

    def to_dict(self) -> dict[str, Any]:
        """The same as a JSON object, without curves, timeline and tracebacks."""
        told: dict[str, Any] = {
            "summary": self.summary.to_dict(),
            "unplaced": self.unplaced,
            "unplaced_why": dict(self.left),
            "malformed_rows": self.malformed,
            "malformed_first": [row._asdict() for row in self.malformed_first],
            "malformed_listed": [row._asdict() for row in self.malformed_rows],
            "refused_rows": self.refused,
            "refused_first": [row._asdict() for row in self.refused_first],
            "refused_listed": [row._asdict() for row in self.refused_rows],
            "fallbacks": dict(self.failures),
            "fallbacks_by_plugin": (
                {self.plugin: sum(self.failures.values())} if self.failures else {}
            ),
            "reasons": {
                name: {**summary._asdict(), "said": [one._asdict() for one in summary.said]}
                for name, summary in self.reasons.items()
            },
            "rounds": self.rounds,
            "decision_seconds": self.decision_seconds,
            "lane_seconds": self.lane_seconds,
            "decision_per_round_seconds": dict(
                zip(("mean", "p50", "p95", "p99"), self.decision, strict=True)
            ),
        }
        if self.regret is not None:
            per_round, share = self.regret
            told["regret_per_round_money"] = dict(per_round)
            told["regret_ratio"] = share
        return told


def find(
    plan: Plan,
    registry: Registry,
    *,
    watch: Callable[[Iterable[Task]], Iterable[Task]] = lambda tasks: tasks,
    on_entries: Callable[[list[LogEntry]], None] | None = None,
) -> Finding:
    """Carry out a plan, and keep what its results need; arguments as of
    :func:`~trx_workers.lab.plan.carry_out`.
    """
    faults, refused = Faults(), Faults()
    run = carry_out(plan, registry, faults, refused, watch=watch, on_entries=on_entries)
    samples = run.fold.samples()
    found = {name: measure.of(run) for name, measure in MEASURES.items()}
    return Finding(
        plan=plan,
        fleet=plan.fleet(registry),
        summary=run.summary,
        measures={name: number for name, number in found.items() if number is not None},
        blocks={
            name: _block_means(measure.per_task(samples))
            for name, measure in MEASURES.items()
            if measure.per_task is not None
        },
        curves=_curves(samples),
        timeline=run.fold.timeline(until=_until(samples)),
        decision=tuple(run.decision),
        rounds=run.rounds,
        decision_seconds=run.decision_seconds,
        lane_seconds=run.lane_seconds,
        left=dict(run.left),
        failures={f"{name}/{blame.value}": n for (name, blame), n in run.failures.items()},
        regret=_regret(run),
        malformed=faults.count,
        plugin=run.plugin,
        reasons=run.reasons,
        traces=run.traces,
        malformed_first=tuple(faults.first),
        malformed_rows=tuple(faults.rows),
        refused=refused.count,
        refused_first=tuple(refused.first),
        refused_rows=tuple(refused.rows),
    )


def _until(samples: Samples) -> float | None:
    ended = samples.ended[~np.isnan(samples.ended)]
    if not ended.size:
        return None
    return float(max(np.nanmax(samples.enqueued), np.quantile(ended, 1 - TAIL)))


def _regret(run: LabRun) -> tuple[Mapping[str, float | None], float | None] | None:
    if run.regret is None:
        return None
    return run.regret.per_round()._asdict(), run.regret.share()


def _block_means(values: Floats) -> Floats:
    """[BLOCKS] means of runs of consecutive values, NaN left out."""
    bounds = np.linspace(0, values.size, BLOCKS + 1).astype(np.int64)
    known = ~np.isnan(values)
    sums = np.concatenate(([0.0], np.cumsum(np.where(known, values, 0.0))))[bounds]
    counts = np.concatenate(([0], np.cumsum(known)))[bounds]
    size = np.diff(counts)
    means: Floats = np.divide(np.diff(sums), size, out=np.full(BLOCKS, np.nan), where=size > 0)
    return means


def _curves(samples: Samples) -> Mapping[str, Floats]:
    values = {
        "wait": samples.wait,
        "end_to_end": samples.end_to_end,
        "bounded_slowdown": samples.bounded_slowdown,
    }
    return {
        name: np.quantile(known, LEVELS) if known.size else np.full(LEVELS.size, np.nan)
        for name, sample in values.items()
        for known in (sample[~np.isnan(sample)],)
    }
