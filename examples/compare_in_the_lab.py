"""A policy beside the built-in ones, on the same traffic, in virtual time and with no server.

Run it: ``python examples/compare_in_the_lab.py``. It needs trx-core, trx-algorithms and
trx-workers. Every policy sees the same tasks and the same luck, so the differences are its own.
"""

from __future__ import annotations

from five_line_algorithm import NearAndCheap
from trx_core.engine import NamedAlgorithm
from trx_core.fleets import default_fleet
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import make_algorithm, simulator_maker
from trx_core.randomness import KeyedRandom, Purpose
from trx_core.report import Summary
from trx_workers.lab import simulate
from trx_workers.lab.run import tasks_of

SEED = 7
TRAFFIC = {"rate": 120.0, "count": 3000}


def run(algorithm: NamedAlgorithm) -> Summary:
    """What becomes of the traffic when this algorithm decides."""
    registry = load_plugins()
    scenario = registry.scenario("steady").build(TRAFFIC)
    arrivals = scenario.arrivals(KeyedRandom(SEED).at(Purpose.TRAFFIC))
    build = simulator_maker(registry)
    tasks = tasks_of(arrivals, SEED)
    return simulate(default_fleet(), algorithm, tasks, build=build, seed=SEED).summary


def main() -> None:
    """Run each, and print them one below the other."""
    registry = load_plugins()
    contestants = [
        make_algorithm(registry, "fifo"),
        make_algorithm(registry, "greedy"),
        NamedAlgorithm("near-and-cheap", "this script", NearAndCheap()),
    ]
    print(
        f"{'algorithm':16}{'completed':>10}{'cost':>10}"
        f"{'wait p95, ms':>14}{'end to end p95, s':>19}"
    )
    for algorithm in contestants:
        summary = run(algorithm)
        wait, whole = summary.wait.p95 or 0.0, summary.end_to_end.p95 or 0.0
        print(
            f"{algorithm.name:16}{summary.completed:10,}{summary.cost:10.1f}"
            f"{wait * 1000:14.1f}{whole:19.2f}"
        )


if __name__ == "__main__":
    main()
