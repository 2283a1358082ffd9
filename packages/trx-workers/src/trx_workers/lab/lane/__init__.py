"""The compiled lane: a plain queue run by a compiled loop, with the very log of the lab's own."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final, NamedTuple

from trx_core.engine import NamedAlgorithm, Simulators, in_words
from trx_core.kernel import KernelConfig
from trx_core.models import Fleet, LogEntry, Task
from trx_core.report import Fold
from trx_core.routing import Choice
from trx_workers.compiled import AVAILABLE
from trx_workers.lab.lane.coverage import course, rule_of
from trx_workers.lab.lane.outcome import Done, deeds, report

__all__ = ["LaneRun", "at_hand", "is_worthwhile", "run_in_lane"]

WORTHWHILE: Final = 20_000
"""Tasks from which on the lane is worth loading the compiler for, which takes about a second."""

LOADED: Final = 500
"""Tasks from which on it is worth taking once that is loaded."""

MOST: Final = 250_000
"""Tasks that are held in memory for the lane, at most: some 100 MiB."""

_LOOP: Final = "trx_workers.lab.lane.loop"
_BATCH: Final = 8192


class LaneRun(NamedTuple):
    """What a run in the lane tells beside its log.

    Attributes:
        rounds: decided.
        seconds: wall-clock, of the compiled loop: its rounds, and all else that it does.
    """

    rounds: int
    seconds: float


def at_hand(algorithm: NamedAlgorithm, tasks: Iterable[Task]) -> Iterable[Task]:
    """The same tasks, as a sequence if the lane may be taken and they are few enough to be in
    memory at once."""
    if isinstance(tasks, Sequence) or not AVAILABLE or rule_of(algorithm) is None:
        return tasks
    rest = iter(tasks)
    first = list(islice(rest, MOST + 1))
    return first if len(first) <= MOST else chain(_forgotten(deque(first)), rest)


def is_worthwhile(tasks: Iterable[Task]) -> bool:
    """Whether tasks are at hand, and enough of them to run in the lane."""
    fewest = LOADED if _LOOP in sys.modules else WORTHWHILE
    return isinstance(tasks, Sequence) and len(tasks) >= fewest


def run_in_lane(
    fleet: Fleet,
    algorithm: NamedAlgorithm,
    tasks: Sequence[Task],
    simulators: Simulators,
    config: KernelConfig,
    seed: int,
    fold: Fold,
    on_entries: Callable[[list[LogEntry]], None] | None,
) -> LaneRun | None:
    """Run tasks as the lab would, if the lane covers the run.

    What it covers is a plain queue, see :func:`~trx_workers.lab.lane.coverage.course`. It gives up
    where a window would be full or a breaker would open; nothing has been told by then.

    Returns:
        What came of it; ``None`` if the lane does not do it.
    """
    given = course(fleet, algorithm, tasks, simulators, config, seed) if AVAILABLE else None
    if given is None:
        return None
    from trx_workers.lab.lane.loop import load, run

    load()
    draws = given.draws
    started = time.perf_counter()
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
    seconds = time.perf_counter() - started
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
    return LaneRun(rounds, seconds)


def _forgotten(tasks: deque[Task]) -> Iterator[Task]:
    """The tasks, none of which is kept."""
    while tasks:
        yield tasks.popleft()
