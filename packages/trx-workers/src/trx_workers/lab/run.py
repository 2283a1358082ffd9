"""One run of the lab, from arrivals to a summary."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from trx_core.engine import Blame, Deed, NamedAlgorithm, ReasonSummary, Simulators, in_words
from trx_core.ids import IdFactory
from trx_core.kernel import KernelConfig
from trx_core.models import Disruption, Fleet, LogEntry, Task, WorkerPool
from trx_core.protocols import Arrival, WorkerSimulator
from trx_core.report import Distribution, Fold, Summary
from trx_workers.lab.collecting import seldom_collecting
from trx_workers.lab.engine import BUDGET, Lab
from trx_workers.lab.lane import at_hand, is_worthwhile, run_in_lane
from trx_workers.lab.regret import Regret
from trx_workers.lab.times import Times

__all__ = ["LabRun", "simulate", "tasks_of"]


@dataclass(frozen=True, slots=True)
class LabRun:
    """What came of a run.

    Attributes:
        summary: the schedule log in numbers.
        left: tasks that no pool would take, by the reason.
        failures: rounds in which first-come-first-served stood in, by algorithm and blame.
        plugin: who answers for the algorithm, for people: plugin, distribution and version.
        decision_seconds: wall-clock seconds spent deciding; ``None`` in the compiled lane, whose
            rounds are not timed.
        lane_seconds: wall-clock seconds of the compiled lane's loop, which decides and does all
            else; ``None`` where it was not taken.
        rounds: rounds decided.
        decision: wall-clock seconds per round that an algorithm decided, where they were timed.
        fold: the schedule log, for samples and a timeline.
        regret: of the rounds, if it was asked for.
        reasons: why algorithms decided as they did, where they said it, by algorithm.
        traces: where algorithms raised, the first of each kind, for their authors.
    """

    summary: Summary
    left: Mapping[str, int]
    failures: Mapping[tuple[str, Blame], int]
    plugin: str
    decision_seconds: float | None
    lane_seconds: float | None
    rounds: int
    decision: Distribution
    fold: Fold
    regret: Regret | None
    reasons: Mapping[str, ReasonSummary]
    traces: Sequence[str] = ()

    @property
    def unplaced(self) -> int:
        """Tasks that no pool would take."""
        return sum(self.left.values())


def simulate(
    fleet: Fleet,
    algorithm: NamedAlgorithm,
    tasks: Iterable[Task],
    *,
    build: Callable[[WorkerPool], WorkerSimulator],
    config: KernelConfig | None = None,
    seed: int = 0,
    on_entries: Callable[[list[LogEntry]], None] | None = None,
    endings_at_once: bool = True,
    disruptions: Sequence[Disruption] = (),
    lane: bool = True,
    fold: Fold | None = None,
    timed: bool = False,
    regret: Regret | None = None,
    budget: float = BUDGET,
) -> LabRun:
    """Run tasks through an algorithm in virtual time.

    Args:
        fleet: the pools.
        algorithm: who decides.
        tasks: in the order of ``enqueued_at``, seconds of virtual time.
        build: makes the simulator of a pool.
        config: the kernel's parameters.
        seed: of service times, failures and jitter.
        on_entries: gets the schedule log too, batch by batch.
        endings_at_once: see :class:`~trx_workers.lab.Lab`.
        disruptions: what befalls the pools, in seconds of virtual time.
        lane: whether the compiled lane may be taken where it covers the run, with the same outcome
            to the bit (``trx-workers[fast]``); it tells no seconds spent deciding. For an algorithm
            that it may cover, up to 250,000 tasks are read before the first is run.
        fold: takes in the schedule log; by default one with its default parameters.
        timed: whether to keep how long every decision took.
        regret: judges every round, which takes longer than the rest of the run.
        budget: wall-clock seconds that the algorithm may take for a round; after them
            first-come-first-served decides it, as in the service. It is broken off then if the run
            is in the main thread, on a system with SIGALRM, and otherwise when it comes to an end.
            Where it strikes the run is not the same on another machine; infinity: never.

    Raises:
        PluginError: a simulator cannot be made or broke its contract.
    """
    fold, config, times = fold or Fold(), config or KernelConfig(), Times()
    simulators = Simulators(build, seed)
    simulators.prepare(fleet.pools)
    if lane and endings_at_once and not disruptions and regret is None:
        with seldom_collecting():
            tasks = at_hand(algorithm, tasks)
            ran = (
                run_in_lane(fleet, algorithm, tasks, simulators, config, seed, fold, on_entries)
                if isinstance(tasks, Sequence) and is_worthwhile(tasks)
                else None
            )
        if ran is not None:
            return LabRun(
                summary=fold.summary(fleet),
                left={},
                failures={},
                plugin=algorithm.provider,
                decision_seconds=None,
                lane_seconds=ran.seconds,
                rounds=ran.rounds,
                decision=times.per_round(),
                fold=fold,
                regret=None,
                reasons={},
            )

    def observe(deeds: list[Deed]) -> None:
        fold.observe_deeds(deeds)
        if on_entries is not None:
            on_entries(in_words(deeds))

    lab = Lab(
        fleet,
        algorithm,
        simulators,
        config,
        seed=seed,
        on_deeds=observe,
        endings_at_once=endings_at_once,
        disruptions=disruptions,
        watcher=times if timed else None,
        budget=budget,
        on_decision=None if regret is None else regret.observe,
    )
    with seldom_collecting():
        lab.run(tasks)
    decider = lab.decider
    return LabRun(
        summary=fold.summary(fleet),
        left=dict(lab.left),
        failures=dict(decider.failures),
        plugin=algorithm.provider,
        decision_seconds=sum(decider.seconds.values()),
        lane_seconds=None,
        rounds=sum(decider.rounds.values()),
        decision=times.per_round(),
        fold=fold,
        regret=regret,
        reasons=lab.reasons.summaries(),
        traces=tuple(decider.traces.values()),
    )


def tasks_of(arrivals: Iterable[Arrival], seed: int) -> Iterator[Task]:
    """The tasks that arrivals become; the same ids for the same seed."""
    ids = IdFactory(random.Random(seed))
    for arrival in arrivals:
        yield arrival.request.to_task(ids.one(arrival.at), arrival.at)
