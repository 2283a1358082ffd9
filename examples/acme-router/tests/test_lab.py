"""The claim of the README, in virtual time: it spends what it may, where others spend more."""

from __future__ import annotations

from trx_core.fleets import default_fleet
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import make_algorithm, simulator_maker
from trx_core.randomness import KeyedRandom, Purpose
from trx_core.report import Summary
from trx_workers.lab.run import simulate, tasks_of

BUDGET = 45_000.0
SEED = 1


def run(algorithm: str, **params: float) -> Summary:
    registry = load_plugins()
    traffic = registry.scenario("steady").build({"rate": 50.0, "count": 5000})
    arrivals = traffic.arrivals(KeyedRandom(SEED).at(Purpose.TRAFFIC))
    return simulate(
        default_fleet(),
        make_algorithm(registry, algorithm, params),
        tasks_of(arrivals, SEED),
        build=simulator_maker(registry),
        seed=SEED,
    ).summary


def per_hour(summary: Summary) -> float:
    return summary.cost / summary.span * 3600.0


def test_it_keeps_to_a_budget_that_the_objective_alone_exceeds() -> None:
    plenty, budgeted = run("acme-budget", per_hour=1e9), run("acme-budget", per_hour=BUDGET)
    assert budgeted.completed + budgeted.failed == budgeted.accepted == 5000
    assert per_hour(budgeted) < 1.03 * BUDGET
    assert per_hour(plenty) > 1.08 * BUDGET
