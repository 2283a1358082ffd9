"""Simulated traffic: what was asked for, how far it is, and what it does to the pools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from trx_core.models import Disruption
from trx_server.store.connect import Pool
from trx_server.store.failures import translated
from trx_server.store.rows import printable

__all__ = [
    "Simulation",
    "SimulationState",
    "add_disruptions",
    "add_simulation",
    "end_simulation",
    "get_simulation",
    "list_simulations",
    "load_disruptions",
    "note_progress",
    "stop_simulation",
]


class SimulationState(StrEnum):
    """What has become of a simulation.

    ``interrupted``: the API process that ran it ended, or was not heard of for long.
    """

    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Simulation(NamedTuple):
    """Simulated traffic.

    Attributes:
        id: UUID of version 7.
        request: what was asked for.
        started_by: name of the user.
        started_at: when, seconds since the epoch, as the other times.
        state: what has become of it.
        stopping: whether it was asked to stop.
        submitted: tasks accepted so far.
        refused: tasks that no pool of the fleet could take.
        detail: for people: why it ended, or what it waits for.
        seen_at: when the process that runs it was heard of last.
        ended_at: ``None`` while it runs.
    """

    id: UUID
    request: Mapping[str, Any]
    started_by: str
    started_at: float
    state: SimulationState
    stopping: bool
    submitted: int
    refused: int
    detail: str | None
    seen_at: float
    ended_at: float | None


SILENT: Final = 15.0
"""Seconds after which a simulation whose process is not heard of counts as interrupted."""

COLUMNS: Final = ", ".join(Simulation._fields)

ADD: Final = f"""
INSERT INTO simulation (id, request, started_by, started_at, seen_at)
SELECT $1, $2::jsonb, $3, $4::timestamptz, $4 WHERE (
    SELECT count(*) FROM simulation WHERE state = 'running' AND seen_at > $5
) < $6
RETURNING {COLUMNS}
"""

GET: Final = f"SELECT {COLUMNS} FROM simulation WHERE id = $1"

LIST: Final = f"SELECT {COLUMNS} FROM simulation ORDER BY id DESC LIMIT $1"

PROGRESS: Final = """
UPDATE simulation SET submitted = $2, refused = $3, detail = $4, seen_at = $5
WHERE id = $1 AND state = 'running' RETURNING stopping
"""

STOP: Final = f"""
UPDATE simulation SET stopping = true WHERE id = $1 AND state = 'running' RETURNING {COLUMNS}
"""

END: Final = """
WITH undone AS (DELETE FROM disruption WHERE source = $1)
UPDATE simulation SET
    state = $2, submitted = $3, refused = $4, detail = $5, seen_at = $6, ended_at = $6
WHERE id = $1 AND state = 'running'
"""

DISRUPT: Final = """
INSERT INTO disruption (source, number, ends_at, change)
SELECT $1, number, ends_at, change FROM unnest($2::int[], $3::timestamptz[], $4::jsonb[])
    AS given (number, ends_at, change)
"""

TIDY: Final = "DELETE FROM disruption WHERE ends_at <= $1"

DISRUPTIONS: Final = "SELECT change FROM disruption WHERE ends_at > $1 ORDER BY source, number"


@translated
async def add_simulation(
    pool: Pool, key: UUID, request: Mapping[str, Any], started_by: str, now: float, most: int
) -> Simulation | None:
    """Note that a simulation begins; ``None`` if ``most`` run already."""
    row = await pool.fetchrow(ADD, key, request, started_by, now, now - SILENT, most)
    return None if row is None else _simulation(row, now)


@translated
async def get_simulation(pool: Pool, key: UUID, now: float) -> Simulation | None:
    """One of them."""
    row = await pool.fetchrow(GET, key)
    return None if row is None else _simulation(row, now)


@translated
async def list_simulations(pool: Pool, limit: int, now: float) -> list[Simulation]:
    """The newest of them, the newest first."""
    return [_simulation(row, now) for row in await pool.fetch(LIST, limit)]


@translated
async def note_progress(
    pool: Pool, key: UUID, submitted: int, refused: int, detail: str | None, now: float
) -> bool:
    """Note how far one is, and that it lives; whether it should go on."""
    stopping = await pool.fetchval(PROGRESS, key, submitted, refused, detail, now)
    return stopping is False


@translated
async def stop_simulation(pool: Pool, key: UUID, now: float) -> Simulation | None:
    """Ask one to stop; how it is then. One that has ended stays as it is."""
    row = await pool.fetchrow(STOP, key) or await pool.fetchrow(GET, key)
    return None if row is None else _simulation(row, now)


@translated
async def end_simulation(
    pool: Pool,
    key: UUID,
    state: SimulationState,
    submitted: int,
    refused: int,
    detail: str | None,
    now: float,
) -> None:
    """Note that one has ended; what it did to the pools is over."""
    told = None if detail is None else printable(detail)
    await pool.execute(END, key, str(state), submitted, refused, told, now)


@translated
async def add_disruptions(
    pool: Pool, source: UUID, disruptions: Sequence[Disruption], now: float
) -> None:
    """Note what befalls the pools, in seconds since the epoch; what is over is forgotten."""
    rows = [one.model_dump(mode="json") for one in disruptions]
    ends = [one.end for one in disruptions]
    await pool.execute(TIDY, now)
    await pool.execute(DISRUPT, source, list(range(len(rows))), ends, rows)


@translated
async def load_disruptions(pool: Pool, now: float) -> list[Disruption]:
    """What befalls the pools now and later."""
    rows = await pool.fetch(DISRUPTIONS, now)
    return [Disruption.model_validate(row["change"]) for row in rows]


def _simulation(row: Iterable[Any], now: float) -> Simulation:
    found = Simulation(*row)
    state = SimulationState(found.state)
    if state is SimulationState.RUNNING and found.seen_at < now - SILENT:
        return found._replace(
            state=SimulationState.INTERRUPTED,
            detail="the API process that ran it is gone",
            ended_at=found.seen_at,
        )
    return found._replace(state=state)
