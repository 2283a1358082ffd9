"""The compiled lane: a plain queue run by a compiled loop, with the very log of the lab's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Final

from trx_core.engine import NamedAlgorithm, Simulators, in_words
from trx_core.kernel import KernelConfig
from trx_core.models import Fleet, LogEntry, Task
from trx_core.report import Fold
from trx_core.routing import Choice
from trx_workers.compiled import AVAILABLE
from trx_workers.lab.lane.coverage import course
from trx_workers.lab.lane.loop import run
from trx_workers.lab.lane.outcome import Done, deeds, report

__all__ = ["WORTHWHILE", "run_in_lane"]

WORTHWHILE: Final = 2_000
"""Tasks from which on the lane is worth loading the compiler for."""

_BATCH: Final = 8192


def run_in_lane(
    fleet: Fleet,
    algorithm: NamedAlgorithm,
    tasks: Iterable[Task],
    simulators: Simulators,
    config: KernelConfig,
    seed: int,
    fold: Fold,
    on_entries: Callable[[list[LogEntry]], None] | None,
) -> int | None:
    """Run tasks as the lab would, if they are at hand and the lane covers the run.

    What it covers is a plain queue, see :func:`~trx_workers.lab.lane.coverage.course`. It gives up
    where a window would be full or a breaker would open; nothing has been told by then.

    Returns:
        How many rounds were decided; ``None`` if the lane does not do it.
    """
    if not AVAILABLE or not isinstance(tasks, Sequence):
        return None
    given = course(fleet, algorithm, tasks, simulators, config, seed)
    if given is None:
        return None
    draws = given.draws
    held, rounds, entries, attempts, kind, whose, drawn, placed, start, end = run(
        given.arrives,
        given.rank,
        given.capacity,
        draws.latency,
        draws.verdict,
        draws.delay,
        draws.task,
        draws.next,
        given.rule.choice is Choice.LEAST_BUSY,
        config.window,
        config.min_interval,
        config.breaker.failures,
    )
    if not held:
        return None
    done = Done(
        *(kind[:entries], whose[:entries], drawn[:attempts], placed[:attempts]),
        *(start[:attempts], end[:attempts]),
    )
    report(fold, given, done, tasks, fleet.pools, algorithm.name)
    if on_entries is not None:
        told = deeds(given, done, tasks, fleet.pools, algorithm.name, simulators)
        while batch := list(islice(told, _BATCH)):
            on_entries(in_words(batch))
    return rounds
