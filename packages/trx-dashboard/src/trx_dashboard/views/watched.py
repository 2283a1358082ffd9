"""What becomes of one task, until it has ended."""

from __future__ import annotations

from typing import Final, Literal

import streamlit as st

from trx_core.models import TaskStatus
from trx_dashboard import session
from trx_dashboard.api import Json
from trx_dashboard.faults import Fault
from trx_dashboard.formats import NOTHING, between, duration

__all__ = ["watch"]

EVERY: Final = 1.0
ENDED: Final = "watched-ended"

Color = Literal["blue", "orange", "green", "red", "gray"]
COLORS: Final[dict[TaskStatus, Color]] = {
    TaskStatus.QUEUED: "blue",
    TaskStatus.PROCESSING: "orange",
    TaskStatus.COMPLETED: "green",
    TaskStatus.FAILED: "red",
    TaskStatus.CANCELLED: "gray",
}


def watch(task_id: str) -> None:
    """Show a task, anew every second until it has ended."""
    ended = st.session_state.get(ENDED) == task_id
    st.fragment(_show, run_every=None if ended else EVERY)(task_id)


def _show(task_id: str) -> None:
    token = session.token()
    if token is None:
        return
    task = session.api().task(token, task_id)
    if isinstance(task, Fault):
        session.renew_if_expired(task)
        st.warning(f"{task.sentence} This asks again every second.", icon=":material/cloud_off:")
        return
    _card(task)
    if TaskStatus(task["status"]).ended and st.session_state.get(ENDED) != task_id:
        st.session_state[ENDED] = task_id
        st.rerun()


def _card(task: Json) -> None:
    status = TaskStatus(task["status"])
    pools = {pool["id"]: pool["name"] for pool in session.known_pools()}
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Task `{task['id']}`", width="content")
            st.badge(status.value, color=COLORS[status])
        facts = {
            "Pool": pools.get(task["worker_id"], NOTHING),
            "Algorithm": task["algorithm_used"] or NOTHING,
            "Attempts": str(task["attempt"]),
            "Waited": duration(between(task["enqueued_at"], task["started_at"])),
            "Took": duration(between(task["started_at"], task["completed_at"])),
        }
        for column, (label, value) in zip(st.columns(len(facts)), facts.items(), strict=True):
            column.markdown(f":small[:gray[{label}]]  \n{value}")
