"""What the service does now: counts, queue, pools and the newest tasks, anew every two seconds."""

from __future__ import annotations

from typing import Final

import streamlit as st

from trx_dashboard import session
from trx_dashboard.faults import Fault
from trx_dashboard.formats import local_time
from trx_dashboard.snapshot import History, Snapshot, read_snapshot
from trx_dashboard.views import figures, tables

__all__ = ["page"]

EVERY: Final = 2.0
LAST: Final = "live-snapshot"
HISTORY: Final = "live-history"


def page() -> None:
    """The live view."""
    st.title("Live", anchor=False)
    _view()


@st.fragment(run_every=EVERY)
def _view() -> None:
    """Everything that moves.

    While the API is away it says so, and what was known last stays on the page: nothing jumps, and
    filters keep what they are set to.
    """
    token = session.token()
    if token is None:
        return
    choice = tables.chosen()
    found = read_snapshot(session.api(), token, choice.limit, choice.filters)
    last: Snapshot | None = st.session_state.get(LAST)
    if isinstance(found, Fault):
        session.renew_if_expired(found)
        _say_away(found, last)
    else:
        last = st.session_state[LAST] = found
        st.session_state.setdefault(HISTORY, History()).add(found)
    if last is not None:
        figures.show(last, st.session_state[HISTORY])
        tables.pools(last.pools)
        tables.tasks(last)


def _say_away(fault: Fault, last: Snapshot | None) -> None:
    since = f" What follows is from {local_time(last.at)}." if last else ""
    st.warning(
        f"{fault.sentence} This page tries again every {EVERY:g} seconds.{since}",
        icon=":material/cloud_off:",
    )
