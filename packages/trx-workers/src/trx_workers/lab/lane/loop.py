"""The loop of the compiled lane: the lab's, for a plain queue."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trx_workers.compiled import compiled
from trx_workers.lab.lane.codes import ACCEPTED, CLOSED, STARTED

__all__ = ["load", "run"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_DONE, _RETRY = 0, 1


@compiled
def _push(
    keys: Floats, ties: Ints, items: Ints, size: int, key: float, tie: int, item: int
) -> None:
    """Push onto a heap of ``size`` entries, ordered by key, then by tie."""
    at = size
    while at > 0:
        up = (at - 1) >> 1
        if keys[up] < key or (keys[up] == key and ties[up] < tie):
            break
        keys[at], ties[at], items[at] = keys[up], ties[up], items[up]
        at = up
    keys[at], ties[at], items[at] = key, tie, item


@compiled
def _pop(keys: Floats, ties: Ints, items: Ints, size: int) -> int:
    """Pop the least entry off a heap of ``size`` entries; its item."""
    first, last = items[0], size - 1
    key, tie, item = keys[last], ties[last], items[last]
    at = 0
    while True:
        down = 2 * at + 1
        if down >= last:
            break
        other = down + 1
        if other < last and (
            keys[other] < keys[down] or (keys[other] == keys[down] and ties[other] < ties[down])
        ):
            down = other
        if key < keys[down] or (key == keys[down] and tie < ties[down]):
            break
        keys[at], ties[at], items[at] = keys[down], ties[down], items[down]
        at = down
    keys[at], ties[at], items[at] = key, tie, item
    return int(first)


@compiled
def run(
    arrives: Floats,
    rank: Ints,
    capacity: Ints,
    latency: Floats,
    verdict: NDArray[np.int8],
    delay: Floats,
    draw_task: Ints,
    next_draw: Ints,
    least_busy: bool,
    window: int,
    min_interval: float,
    trips: int,
) -> tuple[bool, int, int, int, Any, Any, Any, Any, Any, Any]:
    """Run N tasks on P pools.

    Args:
        arrives: [N] seconds, not decreasing.
        rank: [N] who chooses first: the least.
        capacity: [P] slots.
        latency: [P, M] seconds of service of each draw, an attempt at a task; the first N draws are
            the first attempts.
        verdict: [P, M] what comes of it: 0 done, 1 tried again, 2 given up.
        delay: [M] seconds until it is tried again.
        draw_task: [M] the task.
        next_draw: [M] the draw of the next attempt, -1 if there is none.
        least_busy: choose pools by fewest slots occupied rather than most slots free.
        window: most undecided tasks.
        min_interval: seconds between rounds.
        trips: failures in a row that open a breaker.

    Returns:
        Whether the lane held; rounds; entries; attempts; then, of the entries, [E] kinds and [E]
        which task or attempt; of the attempts, [A] draws, pools, starts and ends.
    """
    tasks, pools, draws = arrives.size, capacity.size, next_draw.size
    kinds, whose = np.empty(tasks + 2 * draws, np.int8), np.empty(tasks + 2 * draws, np.int64)
    drawn, placed = np.empty(draws, np.int64), np.empty(draws, np.int64)
    starts, ends = np.empty(draws), np.empty(draws)
    free, failed = capacity.copy(), np.zeros(pools, np.int64)
    vacant = int(capacity.sum())
    end_at, end_tie = np.empty(vacant + 1), np.empty(vacant + 1, np.int64)
    end_item, running = np.empty(vacant + 1, np.int64), 0
    size = min(window, tasks) + 1
    line_key, line_tie = np.empty(size), np.empty(size, np.int64)
    line_item, waiting = np.empty(size, np.int64), 0
    due_at, due_tie = np.empty(tasks + 1), np.empty(tasks + 1, np.int64)
    due_item, delayed, pushed = np.empty(tasks + 1, np.int64), 0, 0
    head, entries, attempts, rounds = 0, 0, 0, 0
    alarm, wake_at, last_opened = np.inf, np.inf, -np.inf
    held = True
    while held:
        now = alarm
        if head < tasks and arrives[head] < now:
            now = arrives[head]
        if running and end_at[0] < now:
            now = end_at[0]
        if delayed and due_at[0] < now:
            now = due_at[0]
        if now == np.inf:
            break
        for step in range(3):
            told = False
            if step == 0:
                # What arrives, and what is tried again.
                while held and head < tasks and arrives[head] <= now:
                    kinds[entries], whose[entries] = ACCEPTED, head
                    entries += 1
                    held = waiting + 1 < window
                    _push(line_key, line_tie, line_item, waiting, 0.0, rank[head], head)
                    waiting, head, told = waiting + 1, head + 1, True
                while held and delayed and due_at[0] <= now:
                    draw = _pop(due_at, due_tie, due_item, delayed)
                    held = waiting + 1 < window
                    tie = rank[draw_task[draw]]
                    _push(line_key, line_tie, line_item, waiting, 0.0, tie, draw)
                    waiting, delayed, told = waiting + 1, delayed - 1, True
            elif step == 1:
                # What ends.
                while held and running and end_at[0] <= now:
                    attempt = _pop(end_at, end_tie, end_item, running)
                    running, told = running - 1, True
                    draw, pool = drawn[attempt], placed[attempt]
                    kinds[entries], whose[entries] = CLOSED, attempt
                    entries += 1
                    ends[attempt] = now
                    free[pool] += 1
                    vacant += 1
                    outcome = verdict[pool, draw]
                    failed[pool] = 0 if outcome == _DONE else failed[pool] + 1
                    held = failed[pool] < trips
                    if outcome == _RETRY:
                        again, tried = now + delay[draw], next_draw[draw]
                        _push(due_at, due_tie, due_item, delayed, again, pushed, tried)
                        delayed, pushed = delayed + 1, pushed + 1
            elif alarm <= now:
                alarm, told = np.inf, True
            if not told or not held:
                continue
            # Is a round due?
            if now >= wake_at:
                wake_at = np.inf
            if not waiting or not vacant:
                continue
            due = last_opened + min_interval
            if now < due:
                if due < wake_at:
                    wake_at = due
                    alarm = due
                continue
            rounds, last_opened = rounds + 1, now
            while waiting and vacant:
                draw = _pop(line_key, line_tie, line_item, waiting)
                pool, most = -1, 0
                for other in range(pools):
                    if free[other] > 0:
                        liking = free[other] - capacity[other] if least_busy else free[other]
                        if pool < 0 or liking > most:
                            pool, most = other, liking
                free[pool] -= 1
                drawn[attempts], placed[attempts], starts[attempts] = draw, pool, now
                kinds[entries], whose[entries] = STARTED, attempts
                entries += 1
                end = now + latency[pool, draw]
                _push(end_at, end_tie, end_item, running, end, attempts, attempts)
                waiting, vacant, running = waiting - 1, vacant - 1, running + 1
                attempts += 1
    return held, rounds, entries, attempts, kinds, whose, drawn, placed, starts, ends


@cache
def load() -> None:
    """Have the loop compiled, or what was compiled before loaded."""
    one, index = np.ones(1), np.zeros(1, np.int64)
    outcomes = np.ones((1, 1)), np.zeros((1, 1), np.int8)
    run(one, index, index + 1, *outcomes, one, index, index - 1, False, 1, 0.0, 1)
