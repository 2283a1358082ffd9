"""Who uses a browser tab, for as long as it is open; and the API that everyone shares."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Final, NoReturn

import streamlit as st

from trx_dashboard.api import Api, Json, Token
from trx_dashboard.faults import Fault, FaultKind

__all__ = [
    "api",
    "known_pools",
    "log_in",
    "log_out",
    "notice",
    "renew_if_expired",
    "result",
    "token",
]

TOKEN: Final = "token"
NOTICE: Final = "notice"
USER: Final = "user"
POOLS: Final = "pools"


def api() -> Api:
    """The API that this dashboard was started for."""
    return _api(sys.argv[1])


@st.cache_resource(show_spinner=False, on_release=Api.close)
def _api(url: str) -> Api:
    return Api(url)


def token() -> Token | None:
    """Of whoever is logged in."""
    found: Token | None = st.session_state.get(TOKEN)
    return found


def notice() -> str | None:
    """Why one has to log in again."""
    text: str | None = st.session_state.get(NOTICE)
    return text


def log_in(new: Token) -> None:
    """Start a session; what its user has filled in earlier stays, another's does not."""
    if st.session_state.get(USER, new.user) != new.user:
        st.session_state.clear()
    st.session_state.update({TOKEN: new, USER: new.user})
    st.session_state.pop(NOTICE, None)


def log_out() -> None:
    """End the session and forget all of it."""
    st.session_state.clear()


def known_pools() -> Sequence[Json]:
    """The worker pools; as they were known last while the API is away."""
    holder = token()
    found = api().pools(holder) if holder else ()
    if not isinstance(found, Fault):
        st.session_state[POOLS] = found
    pools: Sequence[Json] = st.session_state.get(POOLS, ())
    return pools


def renew_if_expired(fault: Fault) -> None:
    """Ask for a new login, if that is what is wrong; what has been filled in stays."""
    if fault.kind is FaultKind.LOGGED_OUT:
        _ask_for_login(fault.sentence)


def result(key: str) -> Any:
    """What a callback left under ``key``, or ``None``; asks for a new login if that is wanted."""
    found = st.session_state.get(key)
    if isinstance(found, Fault) and found.kind is FaultKind.LOGGED_OUT:
        st.session_state.pop(key)
        _ask_for_login(found.sentence)
    return found


def _ask_for_login(why: str) -> NoReturn:
    st.session_state.pop(TOKEN, None)
    st.session_state[NOTICE] = why
    st.rerun()
