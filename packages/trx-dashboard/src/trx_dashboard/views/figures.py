"""The numbers of the live view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from trx_core.models import TaskStatus
from trx_dashboard.api import Json
from trx_dashboard.formats import NOTHING, duration
from trx_dashboard.snapshot import SAMPLE, History, Snapshot

__all__ = ["show"]

STATUSES: Final = {
    TaskStatus.QUEUED: ("Queued", "Accepted, and waiting for a pool; or for another attempt."),
    TaskStatus.PROCESSING: ("Running", "On a pool now."),
    TaskStatus.COMPLETED: ("Completed", "Carried out."),
    TaskStatus.FAILED: ("Failed", "Given up; each has a dead letter that says why."),
    TaskStatus.CANCELLED: ("Cancelled", "Taken back before they ran."),
}
SAMPLED: Final = f"From acceptance to the first start, of the newest {SAMPLE} completed tasks."


def show(snapshot: Snapshot, history: History) -> None:
    """Counts by status; throughput, queue and waiting times; and who is at work."""
    _warn(snapshot.stats)
    with st.container(horizontal=True):
        for status, (label, about) in STATUSES.items():
            count = int(snapshot.stats["tasks"].get(status, 0))
            st.metric(label, f"{count:,}", help=about, border=True)
    _moving(snapshot, history)
    _who(snapshot.stats)


def _moving(snapshot: Snapshot, history: History) -> None:
    throughput, depth, waiting, oldest = st.columns(4)
    _cell(
        throughput,
        "Throughput",
        f"{snapshot.throughput:.1f} /s",
        "Tasks completed per second, over the last minute.",
        history.throughput,
        below=f"{int(snapshot.stats['last_minute'].get('retried', 0)):,} retried",
    )
    _cell(
        depth,
        "Queue depth",
        NOTHING if snapshot.depth is None else f"{snapshot.depth:,}",
        "Entries of the queue: new, taken by a runner and not settled, and delayed ones.",
        history.depth,
        below=_queue(snapshot.stats),
    )
    _cell(
        waiting,
        "Waiting time",
        duration(snapshot.waits.median),
        f"Median. {SAMPLED}",
        history.wait,
        below=f"95 % within {duration(snapshot.waits.p95)}",
    )
    _cell(
        oldest,
        "Oldest queued",
        duration(snapshot.stats["oldest_queued"]),
        "How long the task that waits longest has waited. Delayed ones are not due yet.",
        history.oldest,
        below=f"{int(snapshot.stats['delayed']):,} delayed",
    )


def _warn(stats: Json) -> None:
    if stats["queue"] is None:
        st.warning("Redis is away: tasks are accepted, and wait until it is back.")
    if not stats["runners"]:
        st.warning("No scheduler runner is alive: tasks wait. `trx runner` starts one.")


def _who(stats: Json) -> None:
    runners, dead = int(stats["runners"]), int(stats["dead_letters"])
    facts = (
        f"**{stats['algorithm']['name']}** decides",
        f"{runners} runner{'' if runners == 1 else 's'}",
        f"{dead:,} dead letter{'' if dead == 1 else 's'}",
        f"version {stats['version']}, up {duration(stats['uptime_seconds'])}",
    )
    st.caption("  ·  ".join(facts))


def _queue(stats: Json) -> str:
    queue = stats["queue"]
    if queue is None:
        return "Redis is away"
    return f"{int(queue['lag']):,} new, {int(queue['pending']):,} taken"


def _cell(
    column: DeltaGenerator, label: str, value: str, about: str, line: Sequence[float], *, below: str
) -> None:
    column.metric(
        label,
        value,
        delta=below,
        delta_color="off",
        delta_arrow="off",
        help=about,
        border=True,
        height="stretch",
        chart_data=list(line) if len(line) > 1 else None,
        chart_type="area",
    )
