"""Where one submits a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from trx_dashboard import session
from trx_dashboard.api import Json
from trx_dashboard.faults import Fault, FaultKind, FieldError
from trx_dashboard.views import fields
from trx_dashboard.views.watched import watch

__all__ = ["page"]

RESULT: Final = "task-result"


def page() -> None:
    """The form, what is wrong with it, and what became of the task submitted last."""
    st.title("Submit a task", anchor=False)
    result: str | Fault | None = session.result(RESULT)
    fault = result if isinstance(result, Fault) else None
    wrong = _by_field(fault)
    with st.form("task"):
        fields.draw(session.known_pools(), wrong)
        st.form_submit_button("Submit", type="primary", icon=":material/send:", on_click=_submit)
    if fault is not None:
        rest = [each.message for each in fault.errors if _name(each) not in wrong]
        said = "Nothing was submitted: see the fields above." if wrong else fault.sentence
        st.error(" ".join((said, *rest)))
    elif isinstance(result, str):
        watch(result)


def _submit() -> None:
    token = session.token()
    if token is None:
        return
    try:
        task: Json = fields.filled_in()
    except ValueError as error:
        errors = (FieldError(None, "metadata", f"This is not JSON: {error}."),)
        st.session_state[RESULT] = Fault(FaultKind.REFUSED, "The form is not valid.", errors, 1)
        return
    st.session_state[RESULT] = session.api().submit(token, task)


def _by_field(fault: Fault | None) -> Mapping[str, str]:
    """The messages of each field of the form; those of a part of a field say which."""
    found: dict[str, str] = {}
    for each in fault.errors if fault else ():
        name = _name(each)
        if name in fields.FIELDS:
            part = each.field.removeprefix(name).lstrip(".")
            text = f"{part}: {each.message}" if part else each.message
            found[name] = f"{found[name]} {text}" if name in found else text
    return found


def _name(error: FieldError) -> str:
    return error.field.partition(".")[0]
