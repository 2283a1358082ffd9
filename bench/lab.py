"""Customers that the lab serves in a second beside SimPy and Ciw, and a million tasks in memory.

All simulate queues at 0.9 of capacity: M/M/8, and eight pools of four where a policy in Python
scores every pool for every task. The repeats are interleaved, so that what else the machine does
falls on all of them, and processor time is what counts; mean waits stand beside theory (A. K.
Erlang, 1917). The aims: the lab with a policy in Python at least as fast as SimPy, and with the
built-in policies five times; a million tasks of a trace within 1 GiB.

"lab" is :func:`trx_workers.lab.simulate` on tasks that are in memory, and "general path" the same
without the compiled lane. "trx simulate" is the whole command on a file: plug-ins are looked up,
rows are read, checked and made tasks, the run is carried out and its report is written.
"""

from __future__ import annotations

import io
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

import ciw
import simpy
from rich.console import Console
from rich.table import Table

from trx_algorithms.fifo import Fifo
from trx_core.cli import main as trx
from trx_core.engine import NamedAlgorithm
from trx_core.ids import IdFactory
from trx_core.kernel import KernelConfig
from trx_core.models import Fleet, Task
from trx_core.protocols import Algorithm, Order
from trx_core.routing import (
    ByArrival,
    ByPriority,
    Composed,
    LeastLoaded,
    PoolState,
    ScoreAlgorithm,
)
from trx_workers.lab import simulate
from trx_workers.simulators.kinds import Exponential

CUSTOMERS: Final = 100_000
LOAD: Final = 0.9
MEMORY_TASKS: Final = 1_000_000


class Measured(NamedTuple):
    """Processor seconds of one run, and the mean wait that it found, seconds of virtual time."""

    seconds: float
    wait: float


def erlang_wait(servers: int, load: float) -> float:
    """Mean wait of M/M/c with a service rate of 1, seconds."""
    offered, blocked = servers * load, 1.0
    for count in range(1, servers + 1):
        blocked = offered * blocked / (count + offered * blocked)
    waits = blocked / (1 - load * (1 - blocked))
    return waits / (servers - offered)


def with_simpy(seed: int) -> Measured:
    """M/M/8."""
    rng = random.Random(seed)
    started = time.process_time()
    world = simpy.Environment()
    servers = simpy.Resource(world, 8)
    waited = [0.0]

    def customer() -> Generator[simpy.Event, Any, None]:
        arrived = world.now
        with servers.request() as request:
            yield request
            waited[0] += world.now - arrived
            yield world.timeout(rng.expovariate(1.0))

    def source() -> Generator[simpy.Event, Any, None]:
        for _ in range(CUSTOMERS):
            yield world.timeout(rng.expovariate(8 * LOAD))
            world.process(customer())

    world.process(source())
    world.run()
    return Measured(time.process_time() - started, waited[0] / CUSTOMERS)


def with_ciw(seed: int) -> Measured:
    """M/M/8."""
    ciw.seed(seed)
    started = time.process_time()
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(8 * LOAD)],
        service_distributions=[ciw.dists.Exponential(1.0)],
        number_of_servers=[8],
    )
    run = ciw.Simulation(network)
    run.simulate_until_max_customers(CUSTOMERS)
    records = run.get_all_records()
    elapsed = time.process_time() - started
    return Measured(elapsed, sum(one.waiting_time for one in records) / len(records))


class MostFree(ScoreAlgorithm):
    """Join the shortest queue: the pool with the most free slots."""

    ordering = ByArrival()

    def score(self, task: Task, pool: PoolState) -> float:
        """Free slots."""
        return pool.free


class LeastDelay(ScoreAlgorithm):
    """Shortest expected delay: by load, capacity and learned latency."""

    ordering = ByArrival()

    def score(self, task: Task, pool: PoolState) -> float:
        """Seconds until the task would be done, were the pool a queue; the fewer the better."""
        return -(pool.load + 1) / pool.capacity * pool.latency(task)


def fleet(pools: int, capacity: int) -> Fleet:
    """Equal pools."""
    entry = {"region": "eu", "resource_type": "cpu", "cost_per_unit": 1, "capacity": capacity}
    worker = {"kind": "exponential", "params": {"success_rate": 1.0}}
    return Fleet.model_validate(
        {"pools": [entry | {"name": f"pool-{i}", "worker": worker} for i in range(pools)]}
    )


def poisson(rate: float, count: int, seed: int) -> Iterator[Task]:
    """Tasks that arrive at ``rate`` a second."""
    rng = random.Random(seed)
    ids, at = IdFactory(rng), 0.0
    for _ in range(count):
        at += rng.expovariate(rate)
        yield Task(ids.one(at), "job", enqueued_at=at)


def with_lab(
    pools: int, capacity: int, policy: Algorithm, *, lane: bool = True
) -> Callable[[int], Measured]:
    """The lab; the tasks are made beforehand, as if read from a trace."""

    def measure(seed: int) -> Measured:
        tasks = list(arrivals(pools * capacity, seed))
        chosen = NamedAlgorithm("policy", "this bench", policy, Order.ARRIVAL)
        config = KernelConfig(min_interval=0.0)
        started = time.process_time()
        run = simulate(
            fleet(pools, capacity),
            chosen,
            tasks,
            build=lambda pool: Exponential(success_rate=1.0),
            config=config,
            seed=seed,
            lane=lane,
        )
        return Measured(time.process_time() - started, run.summary.wait.mean or 0.0)

    return measure


def with_command(pools: int, capacity: int, algorithm: str) -> Callable[[int], Measured]:
    """``trx simulate`` on a CSV file, in this process."""

    def measure(seed: int) -> Measured:
        with tempfile.TemporaryDirectory() as folder:
            trace, machines = Path(folder, "trace.csv"), Path(folder, "fleet.json")
            machines.write_text(fleet(pools, capacity).model_dump_json())
            rows = (f"{one.enqueued_at:.6f},job,1" for one in arrivals(pools * capacity, seed))
            trace.write_text("\n".join(("at,type,cost", *rows)))
            given = ["--trace", str(trace), "--pools", str(machines), "--seed", str(seed), "--json"]
            told = io.StringIO()
            started = time.process_time()
            with redirect_stdout(told), redirect_stderr(io.StringIO()), suppress(SystemExit):
                trx(["simulate", "-a", algorithm, "--kernel", "min_interval=0", *given])
            seconds = time.process_time() - started
        wait = json.loads(told.getvalue())["summary"]["wait_seconds"]["mean"]
        return Measured(seconds, wait)

    return measure


def arrivals(servers: int, seed: int) -> Iterator[Task]:
    """All customers of so many servers."""
    return poisson(LOAD * servers, CUSTOMERS, seed)


PRIORITY: Final = Composed(ByPriority(), LeastLoaded())


class Contender(NamedTuple):
    """Who is measured, on how many servers in all, and how."""

    name: str
    servers: int
    measure: Callable[[int], Measured]


CONTENDERS: Final = (
    Contender("SimPy, M/M/8", 8, with_simpy),
    Contender("Ciw, M/M/8", 8, with_ciw),
    Contender("lab, M/M/8, score in Python", 8, with_lab(1, 8, MostFree())),
    Contender("lab, 8 pools of 4, most free slots in Python", 32, with_lab(8, 4, MostFree())),
    Contender("lab, 8 pools of 4, least delay in Python", 32, with_lab(8, 4, LeastDelay())),
    Contender("lab, M/M/8, fifo", 8, with_lab(1, 8, Fifo())),
    Contender("lab, 8 pools of 4, fifo", 32, with_lab(8, 4, Fifo())),
    Contender("lab, 8 pools of 4, priority", 32, with_lab(8, 4, PRIORITY)),
    Contender("lab, 8 pools of 4, fifo, general path", 32, with_lab(8, 4, Fifo(), lane=False)),
    Contender("trx simulate, M/M/8, fifo", 8, with_command(1, 8, "fifo")),
    Contender("trx simulate, 8 pools of 4, fifo", 32, with_command(8, 4, "fifo")),
    Contender("trx simulate, 8 pools of 4, greedy", 32, with_command(8, 4, "greedy")),
)
COMPILED: Final = CONTENDERS[5:8]


def compare(repeats: int) -> Table:
    """Every contender, in turn, ``repeats`` times; what is compiled has been before."""
    for who in COMPILED:
        who.measure(0)
    runs = [[who.measure(seed) for who in CONTENDERS] for seed in range(repeats)]
    table = Table(title=f"{CUSTOMERS:,} customers at {LOAD}; medians of {repeats}")
    for column in ("", "customers/s", "to SimPy", "mean wait", "theory"):
        table.add_column(column, justify="left" if not column else "right")
    for index, who in enumerate(CONTENDERS):
        mine = [run[index] for run in runs]
        speed = CUSTOMERS / statistics.median(one.seconds for one in mine)
        ratio = statistics.median(run[0].seconds / run[index].seconds for run in runs)
        wait = statistics.fmean(one.wait for one in mine)
        theory = erlang_wait(who.servers, LOAD)
        row = (who.name, f"{speed:,.0f}", f"{ratio:.2f}x", f"{wait:.4f}", f"{theory:.4f}")
        table.add_row(*row)
    return table


MEMORY: Final = """
import random, resource, sys, tempfile
from pathlib import Path
from trx_core.fleets import default_fleet
from trx_core.plugins import load_plugins
from trx_core.plugins.wiring import make_algorithm, simulator_maker
from trx_core.traces import open_trace
from trx_core.traffic import Faults, sifted
from trx_workers.lab import simulate
from trx_workers.simulators.kinds import Exponential
from trx_workers.lab.run import tasks_of

count, rng, at = int(sys.argv[1]), random.Random(1), 0.0
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "trace.csv")
    with path.open("w") as file:
        print("at,type,priority,cost", file=file)
        for _ in range(count):
            at += rng.expovariate(40.0)
            print(f"{at:.6f},job{rng.randint(0, 9)},{rng.randint(1, 10)},1.5", file=file)
    registry = load_plugins()
    rows = open_trace(registry.trace_readers, path, format="csv")
    run = simulate(
        default_fleet(),
        make_algorithm(registry, "fifo", {}),
        tasks_of(sifted(rows, Faults()), 1),
        build=simulator_maker(registry),
        seed=1,
    )
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{run.summary.accepted:,} tasks of a CSV trace: {peak:,.0f} MiB at most, of 1,024")
"""


def main(repeats: int, memory_tasks: int) -> None:
    """Print what was measured."""
    console = Console()
    console.print(compare(repeats))
    if memory_tasks:
        subprocess.run([sys.executable, "-c", MEMORY, str(memory_tasks)], check=True)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [5, MEMORY_TASKS][len(given) :]))
