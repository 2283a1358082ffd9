"""The tables of the live view: pools, and the newest tasks with their filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import streamlit as st

from trx_core.models import PRIORITIES, TaskStatus
from trx_dashboard.api import Json
from trx_dashboard.faults import Fault
from trx_dashboard.formats import NOTHING, between, instant
from trx_dashboard.snapshot import Snapshot

__all__ = ["Choice", "chosen", "pools", "tasks"]

KEY: Final = "live-"
LIMITS: Final = (25, 100, 500)
TALL: Final = 720
FILTERS: Final = ("status", "type", "region", "priority", "worker_id", "algorithm_used")


class Choice(NamedTuple):
    """Which tasks to list.

    Attributes:
        limit: how many.
        filters: as the API has them.
    """

    limit: int
    filters: Mapping[str, Any]


def chosen() -> Choice:
    """What the widgets of :func:`tasks` are set to."""
    state = st.session_state
    filters = {name: state.get(KEY + name) for name in FILTERS}
    return Choice(
        state.get(KEY + "limit") or LIMITS[0],
        {name: value for name, value in filters.items() if value not in (None, "")},
    )


def pools(found: Sequence[Json]) -> None:
    """The worker pools, with how full they are."""
    st.subheader("Pools", anchor=False)
    if not found:
        st.info("There is no worker pool.")
        return
    st.dataframe(
        [_pool(pool) for pool in found],
        key=KEY + "pools",
        hide_index=True,
        placeholder=NOTHING,
        height="content",
        column_config={
            "Load": st.column_config.ProgressColumn(
                min_value=0, max_value=100, format="%.0f %%", color="primary"
            ),
            "Busy": st.column_config.TextColumn(help="Slots occupied, of all.", width="small"),
            "Price": st.column_config.NumberColumn(help="Per work unit.", format="%.3f"),
            "Success": st.column_config.NumberColumn(help="As expected.", format="percent"),
            "Latency": st.column_config.NumberColumn(help="As expected.", format="%.2f s"),
        },
    )


def tasks(snapshot: Snapshot) -> None:
    """The newest tasks, and what to filter them by."""
    st.subheader("Newest tasks", anchor=False)
    names = {str(pool["id"]): str(pool["name"]) for pool in snapshot.pools}
    _filters(snapshot.pools, names)
    if isinstance(snapshot.tasks, Fault):
        st.error(" ".join((snapshot.tasks.sentence, *(e.message for e in snapshot.tasks.errors))))
    elif snapshot.tasks:
        _task_table(snapshot.tasks, names)
    elif chosen().filters:
        st.info("No task passes these filters.")
    else:
        st.info("There is no task yet. Submit one: the pages for it are in the menu.")


def _filters(found: Sequence[Json], names: Mapping[str, str]) -> None:
    regions = sorted({str(pool["region"]) for pool in found})
    row = st.container(horizontal=True)

    def pick(label: str, name: str, options: Sequence[Any], **rest: Any) -> None:
        rest = {"index": None, "placeholder": "all", "persist_state": "session", **rest}
        row.selectbox(label, options, key=KEY + name, **rest)

    def write(label: str, name: str) -> None:
        row.text_input(label, key=KEY + name, placeholder="all", persist_state="session")

    pick("Status", "status", [status.value for status in TaskStatus])
    write("Type", "type")
    pick("Region", "region", regions)
    pick("Priority", "priority", list(reversed(PRIORITIES)))
    pick("Pool", "worker_id", list(names), format_func=lambda pool: names.get(pool, pool))
    write("Algorithm", "algorithm_used")
    pick("Rows", "limit", LIMITS, index=0)


def _task_table(found: Sequence[Json], names: Mapping[str, str]) -> None:
    zone = st.context.timezone
    st.dataframe(
        [_task(task, names) for task in found],
        key=KEY + "tasks",
        hide_index=True,
        placeholder=NOTHING,
        height="content" if len(found) <= LIMITS[0] else TALL,
        column_config={
            "Accepted": st.column_config.DatetimeColumn(
                format="YYYY-MM-DD HH:mm:ss", timezone=zone
            ),
            "Status": st.column_config.TextColumn(width=90),
            "Priority": st.column_config.NumberColumn(width="small"),
            "Cost": st.column_config.NumberColumn(format="%.3g"),
            "Attempts": st.column_config.NumberColumn(width="small"),
            "Waited": st.column_config.NumberColumn(
                help="From acceptance to the first start.", format="%.2f s"
            ),
            "Took": st.column_config.NumberColumn(
                help="From the first start to the end.", format="%.2f s"
            ),
        },
    )


def _pool(pool: Json) -> Json:
    capacity, load = int(pool["capacity"]), int(pool["current_load"])
    return {
        "Pool": pool["name"],
        "Load": 100 * load / capacity if capacity else 0.0,
        "Busy": f"{load:,} of {capacity:,}",
        "Region": pool["region"],
        "Resource": pool["resource_type"],
        "Price": pool["cost_per_unit"],
        "Latency": pool["expected_latency"],
        "Success": pool["expected_success"],
    }


def _task(task: Json, names: Mapping[str, str]) -> Json:
    worker = task["worker_id"]
    return {
        "Accepted": instant(task["enqueued_at"]),
        "Status": task["status"],
        "Type": task["type"],
        "Priority": task["priority"],
        "Cost": task["cost"],
        "Region": task["region"],
        "Pool": names.get(worker, worker),
        "Attempts": task["attempt"],
        "Waited": between(task["enqueued_at"], task["started_at"]),
        "Took": between(task["started_at"], task["completed_at"]),
        "Algorithm": task["algorithm_used"],
        "Task": task["id"],
    }
