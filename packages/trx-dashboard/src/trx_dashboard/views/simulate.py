"""Where one starts simulated traffic, sees how far it is, and stops it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import streamlit as st

from trx_dashboard import session
from trx_dashboard.api import Json
from trx_dashboard.faults import Fault
from trx_dashboard.formats import NOTHING, local_time
from trx_dashboard.rows import parse_json

__all__ = ["page"]

EVERY: Final = 1.0
SCENARIO: Final = "simulate-scenario"
KEY: Final = "simulate-"
RESULT: Final = "simulate-result"
STOPPED: Final = "simulate-stopped"
USUAL: Final = "steady"
SHOWN: Final = 10
LONG: Final = 60
"""Characters; a longer default is not shown in its field."""

Color = Literal["blue", "orange", "green", "red", "gray"]
COLORS: Final[Mapping[str, Color]] = {
    "running": "orange",
    "finished": "green",
    "stopped": "gray",
    "failed": "red",
    "interrupted": "red",
}
LIMITS: Final = (
    ("speed", "Speed", 1.0, "Seconds of the traffic's time per second of the clock."),
    ("max_tasks", "Most tasks", 10_000, "It ends after so many."),
    ("max_seconds", "Most seconds", 600.0, "It ends after so long."),
    ("seed", "Seed", 0, "The same seed brings the same traffic."),
)


def page() -> None:
    """Choose a traffic pattern, start it, and watch what runs."""
    st.title("Simulate traffic", anchor=False)
    token = session.token()
    if token is None:
        return
    answer: Json | Fault | None = session.result(RESULT)
    found = session.api().scenarios(token)
    if isinstance(found, Fault):
        session.renew_if_expired(found)
        st.warning(found.sentence, icon=":material/cloud_off:")
    elif not found:
        st.info("No traffic pattern is installed with the API.")
    else:
        _form({one["name"]: one for one in found}, answer)
    _watch()


def _form(patterns: Mapping[str, Json], answer: Json | Fault | None) -> None:
    names = sorted(patterns)
    usual = names.index(USUAL) if USUAL in patterns else 0
    name = st.selectbox("Pattern", names, index=usual, key=SCENARIO, persist_state="session")
    pattern = patterns[name]
    st.caption(pattern["summary"])
    wrong = _wrong(answer)
    with st.form("simulate", border=True):
        for column, (field, label, usually, told) in zip(
            st.columns(len(LIMITS)), LIMITS, strict=True
        ):
            with column:
                st.number_input(
                    label, value=usually, help=told, key=KEY + field, persist_state="session"
                )
                _say_wrong(wrong, field)
        with st.expander("Parameters of the pattern", expanded=any(wrong)):
            for one in pattern["parameters"] or ():
                _parameter(name, one, wrong)
        st.form_submit_button(
            "Start", type="primary", icon=":material/play_arrow:", on_click=_start, args=(pattern,)
        )
    if isinstance(answer, Fault):
        rest = [f"{one.field}: {one.message}" for one in answer.errors if one.field in ("params",)]
        st.error(" ".join([answer.sentence, *rest]))


def _parameter(pattern: str, one: Json, wrong: Mapping[str, str]) -> None:
    """A field; what is left empty is as it is by default."""
    usually = str(one["default"])
    hints = [one["type"], one.get("range", ""), one.get("unit", "")]
    label = f"{one['name']} ({', '.join(filter(None, hints))})"
    st.text_input(
        label,
        key=f"{KEY}{pattern}-{one['name']}",
        placeholder=usually if len(usually) <= LONG else "the default",
        help=f"{one.get('description', '')}. By default `{usually}`.",
        persist_state="session",
    )
    _say_wrong(wrong, f"params.{one['name']}")


def _say_wrong(wrong: Mapping[str, str], field: str) -> None:
    for path, message in wrong.items():
        if path == field or path.startswith(f"{field}."):
            st.markdown(f":red[:material/error: {message}]")


def _wrong(answer: Json | Fault | None) -> Mapping[str, str]:
    return {e.field: e.message for e in answer.errors} if isinstance(answer, Fault) else {}


def _start(pattern: Json) -> None:
    """Send what the form says."""
    state, token = st.session_state, session.token()
    if token is None:
        return
    params: dict[str, Any] = {}
    for one in pattern["parameters"] or ():
        text = (state.get(f"{KEY}{pattern['name']}-{one['name']}") or "").strip()
        if text:
            params[one["name"]] = _value(text)
    limits = {field: state.get(KEY + field, usually) for field, _, usually, _ in LIMITS}
    state[RESULT] = session.api().simulate(
        token, {"scenario": pattern["name"], "params": params, **limits}
    )


def _value(text: str) -> Any:
    """JSON where it is any, and text otherwise."""
    try:
        return parse_json(text)
    except ValueError:
        return text


@st.fragment(run_every=EVERY)
def _watch() -> None:
    """The newest simulations, anew every second."""
    token = session.token()
    if token is None:
        return
    found = session.api().simulations(token, SHOWN)
    if isinstance(found, Fault):
        session.renew_if_expired(found)
        st.warning(f"{found.sentence} This asks again every second.", icon=":material/cloud_off:")
        return
    stopped = st.session_state.get(STOPPED)
    if isinstance(stopped, Fault):
        st.error(stopped.sentence)
    _cards(found)


def _cards(simulations: Sequence[Json]) -> None:
    if simulations:
        st.subheader("Newest simulations", anchor=False)
    for one in simulations:
        with st.container(border=True, key=f"simulation-{one['id']}"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{one['scenario']}**", width="content")
                st.badge(_state(one), color=COLORS[one["state"]])
                started = local_time(datetime.fromisoformat(one["started_at"]))
                st.caption(
                    f"started by {one['started_by']}, {started}",
                    width="content",
                )
                if one["state"] == "running":
                    st.button(
                        "Stop",
                        key=f"stop-{one['id']}",
                        icon=":material/stop:",
                        disabled=one["stopping"],
                        on_click=_stop,
                        args=(one["id"],),
                    )
            done = min(1.0, one["submitted"] / one["max_tasks"])
            refused = f", {one['refused']:,} refused" if one["refused"] else ""
            st.progress(
                done, f"{one['submitted']:,} of at most {one['max_tasks']:,} tasks{refused}"
            )
            params = json.dumps(one["params"]) if one["params"] else NOTHING
            st.caption(f"{one['detail'] or ''} Parameters: {params}".strip())


def _state(one: Json) -> str:
    return "stopping" if one["state"] == "running" and one["stopping"] else str(one["state"])


def _stop(key: str) -> None:
    token = session.token()
    if token is not None:
        st.session_state[STOPPED] = session.api().stop_simulation(token, key)
