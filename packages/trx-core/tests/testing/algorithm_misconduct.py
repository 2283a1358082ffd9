"""Routing algorithms that answer well, and each do one thing besides that they must not."""

from __future__ import annotations

import _thread
import datetime
import io
import logging
import os
import random
import socket
import sys
import threading
import time
from itertools import count
from pathlib import Path
from time import time as tick
from typing import Any

import numpy as np

from trx_core.routing import Decision, RoutingProblem, first_come_first_served

from .algorithm_mutants import Policy, hold_everything


def takes_slots_itself(problem: RoutingProblem) -> Decision:
    decision = first_come_first_served(problem)
    owner = problem.free.base
    assert owner is not None
    owner.setflags(write=True)
    owner[:] = 0
    return decision


def unlocks_a_column(problem: RoutingProblem) -> Decision:
    vars(problem)["cost"] = problem.cost.copy()
    return first_come_first_served(problem)


def marks_metadata(problem: RoutingProblem) -> Decision:
    for task in problem.tasks:
        if "tags" in task.metadata:
            object.__setattr__(task, "metadata", {"tags": ["seen"]})
    return first_come_first_served(problem)


def sorts_tasks(problem: RoutingProblem) -> Decision:
    decision = first_come_first_served(problem)
    vars(problem)["tasks"] = tuple(sorted(problem.tasks, key=lambda task: task.priority))
    return decision


def sets_a_parameter_of_the_pools(problem: RoutingProblem) -> Decision:
    for view in problem.pools:
        parameters: Any = view.pool.worker.params
        parameters["seen"] = 1
    return first_come_first_served(problem)


def reads_it_now_and_then(problem: RoutingProblem) -> Decision:
    if problem.number % 97 == 0:
        time.time()
    return first_come_first_served(problem)


def reads_it_in_large_rounds(problem: RoutingProblem) -> Decision:
    if len(problem.tasks) > 500:
        time.time()
    return first_come_first_served(problem)


def reads_the_wall_clock(problem: RoutingProblem) -> Decision:
    overdue = [task for task in problem.tasks if time.time() > (task.deadline or 0.0)]
    return Decision(first_come_first_served(problem).pool, reason=f"{len(overdue)} are overdue")


def reads_it_by_another_name(problem: RoutingProblem) -> Decision:
    started = tick()
    decision = first_come_first_served(problem)
    return decision if tick() - started < 3600.0 else hold_everything(problem)


def has_a_clock_read(problem: RoutingProblem) -> Decision:
    told: list[float] = []
    helper = threading.Thread(target=lambda: told.append(time.time()))
    helper.start()
    helper.join()
    return Decision(first_come_first_served(problem).pool, reason=f"at {told[0]:.0f}")


def has_a_diary_kept(problem: RoutingProblem) -> Decision:
    helper = threading.Thread(target=lambda: open(os.devnull, "a").close())
    helper.start()
    helper.join()
    return first_come_first_served(problem)


def reads_the_date(problem: RoutingProblem) -> Decision:
    return Decision(first_come_first_served(problem).pool, reason=str(datetime.datetime.now().year))


def throws_the_common_dice(problem: RoutingProblem) -> Decision:
    order = random.sample(range(len(problem.tasks)), len(problem.tasks))
    return Decision(first_come_first_served(problem).pool, order=order)


def throws_numpys_dice(problem: RoutingProblem) -> Decision:
    order = np.random.permutation(len(problem.tasks))
    return Decision(first_come_first_served(problem).pool, order=order)


class Unseeded(Policy):
    def __init__(self) -> None:
        super().__init__(self.decide)
        self._rng = np.random.default_rng()

    def decide(self, problem: RoutingProblem) -> Decision:
        return Decision(first_come_first_served(problem).pool, reason=str(self._rng.random()))


def keeps_a_diary(problem: RoutingProblem) -> Decision:
    with open("/dev/null", "w") as diary:
        diary.write(repr(problem))
    return first_come_first_served(problem)


def asks_a_server(problem: RoutingProblem) -> Decision:
    with socket.socket() as asking:
        asking.settimeout(0.0)
    return first_come_first_served(problem)


def prints_what_it_does(problem: RoutingProblem) -> Decision:
    print(f"{len(problem.tasks)} tasks")
    return first_come_first_served(problem)


say = print


def prints_by_another_name(problem: RoutingProblem) -> Decision:
    say("tasks", file=io.StringIO())
    return first_come_first_served(problem)


def writes_to_stderr(problem: RoutingProblem) -> Decision:
    sys.stderr.write("")
    return first_come_first_served(problem)


def logs_what_it_does(problem: RoutingProblem) -> Decision:
    logging.getLogger("acme").warning("%d tasks", len(problem.tasks))
    return first_come_first_served(problem)


NOWHERE = os.open(os.devnull, os.O_WRONLY)
DIARY = io.FileIO(NOWHERE, "w", closefd=False)


def writes_on_in_its_diary(problem: RoutingProblem) -> Decision:
    DIARY.write(repr(problem).encode())
    return first_come_first_served(problem)


def writes_to_a_descriptor(problem: RoutingProblem) -> Decision:
    os.write(NOWHERE, repr(problem).encode())
    return first_come_first_served(problem)


def looks_at_a_file(problem: RoutingProblem) -> Decision:
    os.stat(os.devnull)
    return first_come_first_served(problem)


def asks_whether_a_file_is_there(problem: RoutingProblem) -> Decision:
    Path(os.devnull).exists()
    return first_come_first_served(problem)


def starts_a_thread(problem: RoutingProblem) -> Decision:
    helper = threading.Thread(target=list)
    helper.start()
    helper.join()
    return first_come_first_served(problem)


def starts_a_bare_thread(problem: RoutingProblem) -> Decision:
    done = threading.Lock()
    done.acquire()
    _thread.start_new_thread(done.release, ())
    done.acquire()
    return first_come_first_served(problem)


def builds_its_reason_in_memory(problem: RoutingProblem) -> Decision:
    reason = io.StringIO()
    reason.write(f"{len(problem.tasks)} tasks, decided by {os.fspath('acme')}")
    logging.getLogger("acme").debug("nobody hears it")
    return Decision(first_come_first_served(problem).pool, reason=reason.getvalue())


FIRST_SEEN: dict[int, int] = {}


class RemembersForEveryone:
    """The first round of a size that any of them sees says how all such are decided."""

    def route(self, problem: RoutingProblem) -> Decision:
        size = len(problem.tasks)
        turn = FIRST_SEEN.setdefault(size, len(FIRST_SEEN))
        return Decision(first_come_first_served(problem).pool, np.roll(np.arange(size), turn))


CALLS = count()


def takes_turns_with_others(problem: RoutingProblem) -> Decision:
    size = len(problem.tasks)
    return Decision(first_come_first_served(problem).pool, np.roll(np.arange(size), next(CALLS)))


class TakesTurns:
    def __init__(self) -> None:
        self._calls = count()

    def route(self, problem: RoutingProblem) -> Decision:
        size = len(problem.tasks)
        order = np.roll(np.arange(size), next(self._calls))
        return Decision(first_come_first_served(problem).pool, order)


class WalksThroughASet:
    def route(self, problem: RoutingProblem) -> Decision:
        row_of = {str(task.id): row for row, task in enumerate(problem.tasks)}
        return Decision(first_come_first_served(problem).pool, [row_of[key] for key in {*row_of}])


class SortsByHash:
    def route(self, problem: RoutingProblem) -> Decision:
        order = sorted(range(len(problem.tasks)), key=lambda row: hash((problem.tasks[row].type,)))
        return Decision(first_come_first_served(problem).pool, order)
