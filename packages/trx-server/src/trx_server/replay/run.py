"""One replay, from the first row to the end of the last task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from math import isinf
from typing import Final

import anyio
from rich.console import Console

from trx_core.errors import TrxError
from trx_core.protocols import Arrival, BadRow
from trx_server.client import AnswerLost, Client, NotAccepted, ServerAway
from trx_server.replay.census import Census
from trx_server.replay.pace import Pace
from trx_server.replay.patience import patiently
from trx_server.replay.progress import Counts, Progress
from trx_server.replay.result import ReplayResult
from trx_server.replay.submit import Submitter

__all__ = ["run_replay"]

TICK: Final = 0.02
BATCH: Final = 1000
AT_ONCE: Final = 8
NAMED: Final = 10
FOR_NOW: Final = frozenset({"TRX-A405", "TRX-A407"})
"""Codes of a server that is there and cannot answer yet."""

CENSUS_EVERY: Final = 1.0
CENSUS_SHARE: Final = 5
"""A census may take this part of the time at most."""


async def run_replay(
    client: Client,
    rows: Iterable[Arrival | BadRow],
    *,
    speed: float = 1.0,
    limit: int | None = None,
    console: Console | None = None,
    time_limit: float | None = None,
    idle_limit: float = 60.0,
    patience: float = 30.0,
) -> ReplayResult:
    """Submit traffic at its own times, wait until every accepted task has ended, and sum up.

    The loop is open: tasks are sent when they are due, whether or not earlier ones have ended; a
    batch every 20 ms. Only a server that is slow to accept delays what follows.

    Args:
        client: of the API.
        rows: the traffic, in order of time.
        speed: seconds of the traffic's time per second of ours, above 0; may be infinite.
        limit: most tasks to submit; ``None`` is all.
        console: where to show progress; ``None``: nowhere.
        time_limit: seconds to wait for tasks to end after the last was sent; ``None``: no limit.
        idle_limit: seconds to wait while no task ends.
        patience: seconds for which a server that takes nothing is asked again.

    Raises:
        AdapterError: the server does not answer, or is none of ours.
        Refused: this user may not do that.
    """
    for_now = partial(patiently, seconds=patience, passes=lambda e: e.code in FOR_NOW)
    await for_now(client.login)
    capacities = await for_now(client.capacities)
    before = Counts.of(await for_now(client.stats))
    pace, submitter = Pace(rows, speed, limit), Submitter(client, patience)
    progress = Progress(client, before, lambda: len(submitter.accepted), console)
    with _one_error():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(progress.run)
            late = await _send(pace, submitter)
            census = Census(submitter.accepted)
            gave_up = await _wait(client, census, progress, time_limit, idle_limit)
            tasks.cancel_scope.cancel()
    return ReplayResult(
        accepted=len(submitter.accepted),
        open=sorted(census.open)[:NAMED],
        open_count=len(census.open),
        malformed=pace.malformed.count,
        malformed_first=pace.malformed.first,
        malformed_listed=pace.malformed.rows,
        refused=submitter.refused.count,
        refused_first=submitter.refused.first,
        refused_listed=submitter.refused.rows,
        uncertain=submitter.uncertain,
        last_loss=submitter.last_loss,
        late=0.0 if isinf(speed) else late,
        gave_up=gave_up,
        summary=census.fold.summary(capacities),
    )


@contextmanager
def _one_error() -> Iterator[None]:
    """Raise an error of ours out of the groups that task groups wrap it in."""
    try:
        yield
    except BaseExceptionGroup as group:
        ours, others = group.split(TrxError)
        if ours is None or others is not None:
            raise
        error: BaseException = ours
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from None


async def _send(pace: Pace, submitter: Submitter) -> float:
    """Submit everything when it is due; most seconds by which a batch was late."""
    started = anyio.current_time()
    late = 0.0
    places = anyio.Semaphore(AT_ONCE)

    async def submit(batch: list[Arrival]) -> None:
        try:
            await submitter.submit(batch)
        finally:
            places.release()

    async with anyio.create_task_group() as sending:
        while (due := pace.next_due) is not None:
            await anyio.sleep(max(TICK, due - (anyio.current_time() - started)))
            await places.acquire()
            elapsed = anyio.current_time() - started
            if batch := pace.take(elapsed, BATCH):
                late = max(late, elapsed - due - TICK)
                sending.start_soon(submit, batch)
            else:
                places.release()
    return late


async def _wait(
    client: Client,
    census: Census,
    progress: Progress,
    time_limit: float | None,
    idle_limit: float,
) -> str | None:
    """Return when no task is open, or why that was not waited for any longer."""
    started = anyio.current_time()
    next_census = started
    reason: str | None = None
    while reason is None:
        now = anyio.current_time()
        if time_limit is not None and now - started > time_limit:
            reason = f"waited {time_limit:g} s"
        elif now - max(progress.moved_at, started) > idle_limit:
            reason = f"none ended for {idle_limit:g} s"
        elif now < next_census or progress.away or not _may_be_over(census, progress):
            await anyio.sleep(TICK)
            continue
        try:
            await census.read(client)
        except (AnswerLost, NotAccepted, ServerAway):
            if reason is not None:
                raise
            next_census = anyio.current_time() + CENSUS_EVERY
            continue
        if not census.open:
            return None
        taken = anyio.current_time() - now
        next_census = anyio.current_time() + max(CENSUS_EVERY, CENSUS_SHARE * taken)
    return reason


def _may_be_over(census: Census, progress: Progress) -> bool:
    return progress.now.open == 0 or progress.ended >= len(census.open)
