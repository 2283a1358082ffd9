"""A run as a value: all that it depends on, so that it can be carried out anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from trx_core.cli import disruptions_of, traffic_of
from trx_core.engine import NamedAlgorithm
from trx_core.errors import CallerError, InvalidParameters
from trx_core.fleets import default_fleet, open_fleet
from trx_core.kernel import KernelConfig
from trx_core.models import Disruption, Fleet, LogEntry, Task, WorkerPool, check_disruptions
from trx_core.plugins import Registry
from trx_core.plugins.wiring import make_algorithm, simulator_maker
from trx_core.protocols import Arrival, WorkerSimulator
from trx_core.report import SHORT, Fold
from trx_core.traffic import Faults, admitted, sifted
from trx_workers.lab.engine import BUDGET
from trx_workers.lab.regret import Regret
from trx_workers.lab.replay import replayed
from trx_workers.lab.run import LabRun, simulate, tasks_of
from trx_workers.parameters import reasons
from trx_workers.simulators.simulated import Simulated

__all__ = ["Plan", "Traffic", "carry_out"]


@dataclass(frozen=True, slots=True)
class Traffic:
    """What arrives.

    Attributes:
        trace: a file; or ``None``.
        format: of the trace; ``None``: told from how the file begins.
        scenario: a name; or ``None``. Exactly one of the two is given.
        params: of the scenario or the trace's reader.
        load: how many times as fast as recorded or generated it arrives, above 0; what a scenario
            does to the pools keeps its time.
        limit: tasks at most.
    """

    trace: Path | None = None
    format: str | None = None
    scenario: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    load: float = 1.0
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of one algorithm.

    Attributes:
        traffic: what arrives.
        algorithm: who decides.
        algorithm_params: its parameters.
        pools: a fleet's file; ``None``: the default fleet.
        kernel: parameters of the kernel.
        seed: of traffic, service times, failures and jitter.
        short: seconds; a shorter service counts as that long in a bounded slowdown.
        tenant_key: the field of a task's metadata that names its tenant.
        regret: whether every round is compared with its optimum.
        budget: wall-clock seconds that the algorithm may take for a round.
        timed: whether every round is timed, so that the compiled lane is not taken.
    """

    traffic: Traffic
    algorithm: str
    algorithm_params: Mapping[str, Any] = field(default_factory=dict)
    pools: Path | None = None
    kernel: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    short: float = SHORT
    tenant_key: str = "tenant"
    regret: bool = False
    budget: float = BUDGET
    timed: bool = False

    @property
    def label(self) -> str:
        """The algorithm and its parameters."""
        return " ".join((self.algorithm, *(f"{k}={v}" for k, v in self.algorithm_params.items())))

    def fleet(self, registry: Registry) -> Fleet:
        """The pools.

        Raises:
            CallerError: ``TRX-C110``, the file does not describe a fleet.
        """
        return open_fleet(registry.fleet_readers, self.pools) if self.pools else default_fleet()

    def disruptions(self, registry: Registry, fleet: Fleet) -> Sequence[Disruption]:
        """What the scenario does to the pools.

        Raises:
            CallerError: ``TRX-C142``, the fleet does not have them.
        """
        found = disruptions_of(registry, self.traffic.scenario, self.traffic.params)
        check_disruptions(found, fleet)
        return found

    def config(self) -> KernelConfig:
        """The kernel's parameters.

        Raises:
            CallerError: ``TRX-C141``, it does not take them.
        """
        try:
            return KernelConfig.model_validate(dict(self.kernel))
        except ValidationError as error:
            raise CallerError(
                f"the kernel does not take these parameters: {reasons(error)}.",
                code="TRX-C141",
                hint=f"It takes {', '.join(sorted(KernelConfig.model_fields))}.",
            ) from None

    def check(self, registry: Registry) -> None:
        """Make all parts once, so that what is wrong shows before the first run.

        Raises:
            TrxError: whatever is wrong.
        """
        self.chosen(registry)
        self.config()
        fleet, build = self.fleet(registry), _fitting_maker(registry)
        for pool in fleet.pools:
            build(pool)
        self.disruptions(registry, fleet)

    def chosen(self, registry: Registry) -> NamedAlgorithm:
        """The algorithm, made anew.

        Raises:
            CallerError: there is none of this name, or it takes no such parameters.
            PluginError: it cannot be imported or made.
        """
        return make_algorithm(registry, self.algorithm, self.algorithm_params, foresight=True)


def carry_out(
    plan: Plan,
    registry: Registry,
    faults: Faults,
    refused: Faults,
    *,
    watch: Callable[[Iterable[Task]], Iterable[Task]] = lambda tasks: tasks,
    on_entries: Callable[[list[LogEntry]], None] | None = None,
) -> LabRun:
    """Do what a plan says.

    Args:
        plan: what to do.
        registry: the installed plugins.
        faults: takes in rows of the traffic that cannot be read.
        refused: takes in rows that no pool could carry out.
        watch: sees the tasks go by.
        on_entries: gets the schedule log, batch by batch.

    Raises:
        TrxError: a part of the plan cannot be made.
    """
    traffic = plan.traffic
    rows, _ = traffic_of(
        registry,
        trace=traffic.trace,
        format=traffic.format,
        scenario=traffic.scenario,
        params=traffic.params,
        seed=plan.seed,
    )
    algorithm, fleet, config = plan.chosen(registry), plan.fleet(registry), plan.config()
    read = sifted(replayed(traffic, rows), faults, traffic.limit)
    arrivals = _scaled(read, traffic.load)
    tasks = tasks_of(admitted(arrivals, fleet, refused), plan.seed)
    return simulate(
        fleet,
        algorithm,
        watch(tasks),
        build=_fitting_maker(registry),
        config=config,
        seed=plan.seed,
        on_entries=on_entries,
        fold=Fold(short=plan.short, tenant_key=plan.tenant_key),
        disruptions=plan.disruptions(registry, fleet),
        lane=not plan.timed,
        timed=True,
        regret=Regret() if plan.regret else None,
        budget=plan.budget,
    )


def _fitting_maker(registry: Registry) -> Callable[[WorkerPool], WorkerSimulator]:
    """What makes the simulator of a pool, as :func:`~trx_core.plugins.wiring.simulator_maker`;
    also raises ``CallerError`` ``TRX-C111`` for parameters that a pool of its capacity cannot
    have."""
    make = simulator_maker(registry)

    def fitting(pool: WorkerPool) -> WorkerSimulator:
        simulator = make(pool)
        wrong = simulator.misfits(pool) if isinstance(simulator, Simulated) else []
        if wrong:
            raise CallerError(
                f"pool {pool.name!r} of capacity {pool.capacity} does not take these parameters "
                f"of its worker: {InvalidParameters(wrong)}.",
                code="TRX-C111",
                hint=f"See `trx plugins show {pool.worker.kind}`.",
            )
        return simulator

    return fitting


def _scaled(arrivals: Iterable[Arrival], load: float) -> Iterator[Arrival]:
    for arrival in arrivals:
        yield arrival if load == 1 else arrival._replace(at=arrival.at / load)
