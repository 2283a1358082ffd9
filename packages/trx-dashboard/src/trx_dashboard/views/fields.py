"""The fields of a task, as widgets of a form; each is followed by what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import streamlit as st

from trx_core.models import MAX_SLOTS, PRIORITIES
from trx_dashboard.api import Json
from trx_dashboard.rows import parse_json

__all__ = ["FIELDS", "draw", "filled_in"]

KEY: Final = "task-"
ROWS: Final = (
    ("type", "resource_type"),
    ("region", "region_required"),
    ("priority", "cost", "slots"),
    ("deadline_seconds", "expected_duration"),
    ("metadata",),
)
FIELDS: Final = tuple(name for row in ROWS for name in row)
"""Every field of a request, in the order of the form."""

DEFAULTS: Final[Mapping[str, Any]] = {
    "priority": 5,
    "cost": 1.0,
    "slots": 1,
    "region_required": False,
}


def draw(pools: Sequence[Json], wrong: Mapping[str, str]) -> None:
    """Put the fields into the current form.

    Args:
        pools: whose regions and resource types are offered.
        wrong: what is wrong, by field.
    """
    widgets = _widgets(pools)
    for row in ROWS:
        for column, name in zip(st.columns(len(row)), row, strict=True):
            with column:
                widgets[name](key=KEY + name, persist_state="session")
                if name in wrong:
                    st.markdown(f":red[:material/error: {wrong[name]}]")


def filled_in() -> Mapping[str, Any]:
    """What the form says: what is left empty is left out.

    Raises:
        ValueError: the metadata are not JSON.
    """
    values = {name: st.session_state.get(KEY + name, DEFAULTS.get(name)) for name in FIELDS}
    values["type"] = (values["type"] or "").strip() or None
    text = (values.pop("metadata") or "").strip()
    given = {name: value for name, value in values.items() if value is not None}
    return {**given, "metadata": parse_json(text)} if text else given


def _widgets(pools: Sequence[Json]) -> Mapping[str, Callable[..., Any]]:
    return {
        "type": partial(
            st.text_input,
            "Type",
            placeholder="for instance web",
            help="The kind of work. Estimates of how long it takes are kept by it.",
        ),
        "region": partial(
            _choice,
            "Region",
            _values(pools, "region"),
            placeholder="anywhere",
            help="Where it would best run.",
        ),
        "region_required": partial(
            st.checkbox,
            "Only in this region",
            help="It waits for a pool there, and is never sent elsewhere.",
        ),
        "resource_type": partial(
            _choice,
            "Resource type",
            _values(pools, "resource_type"),
            placeholder="any",
            help="The only kind of pool that can run it.",
        ),
        "priority": partial(
            st.slider,
            "Priority",
            min_value=PRIORITIES.start,
            max_value=PRIORITIES.stop - 1,
            value=DEFAULTS["priority"],
            help="1 is the least urgent, 10 the most.",
        ),
        "cost": partial(
            st.number_input,
            "Cost",
            value=DEFAULTS["cost"],
            step=1.0,
            help="Its size in work units; a pool charges its price for each.",
        ),
        "slots": partial(
            st.number_input,
            "Slots",
            value=DEFAULTS["slots"],
            step=1,
            help=f"How many slots of a pool it occupies, 1 to {MAX_SLOTS:,}.",
        ),
        "deadline_seconds": partial(
            _seconds, "Deadline, seconds", "none", help="After this its result is worth nothing."
        ),
        "expected_duration": partial(
            _seconds, "Expected duration, seconds", "not known", help="Your own estimate."
        ),
        "metadata": partial(
            st.text_area,
            "Metadata",
            placeholder='{"customer": "acme"}',
            height=96,
            help="A JSON object of your own. It is kept with the task.",
        ),
    }


def _choice(label: str, options: Sequence[str], **rest: Any) -> None:
    st.selectbox(label, options, index=None, accept_new_options=True, **rest)


def _seconds(label: str, placeholder: str, **rest: Any) -> None:
    st.number_input(label, value=None, step=1.0, placeholder=placeholder, **rest)


def _values(pools: Iterable[Json], name: str) -> list[str]:
    return sorted({str(pool[name]) for pool in pools})
