"""Where one logs in."""

from __future__ import annotations

from typing import Final

import streamlit as st

from trx_dashboard import session
from trx_dashboard.faults import Fault

__all__ = ["page"]

NAME: Final = "login-name"
PASSWORD: Final = "login-password"
FAULT: Final = "login-fault"


def page() -> None:
    """Ask for a name and a password."""
    _, middle, _ = st.columns([1, 1.4, 1])
    with middle:
        st.title("TaskRouterX", anchor=False)
        if text := session.notice():
            st.info(text)
        with st.form("login"):
            st.text_input("User", key=NAME, autocomplete="username")
            st.text_input(
                "Password", key=PASSWORD, type="password", autocomplete="current-password"
            )
            st.form_submit_button("Log in", type="primary", width="stretch", on_click=_try)
        fault: Fault | None = st.session_state.pop(FAULT, None)
        if fault is not None:
            st.error(fault.sentence)
        st.caption(f"The service is at {session.api().url}.")


def _try() -> None:
    name, password = st.session_state[NAME].strip(), st.session_state[PASSWORD]
    answer = session.api().log_in(name, password)
    if isinstance(answer, Fault):
        st.session_state[FAULT] = answer
    else:
        session.log_in(answer)
