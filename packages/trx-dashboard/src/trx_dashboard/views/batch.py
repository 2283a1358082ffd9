"""Where one submits many tasks at once: pasted, or out of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import streamlit as st

from trx_dashboard import session
from trx_dashboard.faults import Fault
from trx_dashboard.formats import NOTHING
from trx_dashboard.rows import Batch, Wrong, decoded, read_batch

__all__ = ["page"]

TEXT: Final = "batch-text"
SOURCE: Final = "batch-source"
RESULT: Final = "batch-result"
SUBMITTED: Final = "batch-submitted"
FILES: Final = "batch-files"
PASTE: Final = "Paste"
UPLOAD: Final = "Upload a file"
TYPES: Final = ("csv", "jsonl", "ndjson", "json", "txt")
SHOWN: Final = 5
MOST_LISTED: Final = 100

EXAMPLE: Final = """\
type,priority,cost,region
web,8,1.5,
report,3,12,eu-west"""

HELP: Final = """
**JSON lines**: an object on each line, with the fields of a task.

```json
{"type": "web", "priority": 8, "cost": 1.5}
{"type": "report", "metadata": {"customer": "acme"}}
```

**CSV**: the first line names the columns; `type` must be one of them. An empty cell is not given.
A cell of `metadata` holds a JSON object.

```text
type,priority,cost,region
web,8,1.5,
report,3,12,eu-west
```

The fields: `type`, `priority`, `cost`, `region`, `region_required` (`true`: nowhere else), `slots`,
`resource_type`, `deadline_seconds`, `expected_duration`, `metadata`.
"""


class Refusal(NamedTuple):
    """Why a batch was not accepted.

    Attributes:
        sentence: what happened.
        wrong: the lines at fault, as far as they are told.
        total: how many there are.
    """

    sentence: str
    wrong: Sequence[Wrong]
    total: int


def page() -> None:
    """Take a text, say what is in it, and submit it: either all of it or nothing."""
    st.title("Submit a batch", anchor=False)
    with st.expander("What a batch looks like", icon=":material/help:"):
        st.markdown(HELP)
    text = _text()
    if isinstance(text, Wrong):
        _refused(Refusal(text.message, (text,), 1))
        return
    answer: int | Fault | None = session.result(RESULT)
    if not text.strip():
        if isinstance(answer, int):
            st.success(f"Accepted {_tasks(answer)}. The live view shows what becomes of them.")
        st.caption("Either all tasks of a batch are accepted, or none.")
        return
    batch = read_batch(text)
    _preview(batch)
    if batch.wrong:
        _refused(Refusal("These lines hold no task.", batch.wrong, len(batch.wrong)))
        return
    if not batch.rows:
        st.warning("There is a header and no task.")
        return
    st.button(
        f"Submit {_tasks(len(batch.rows))}",
        type="primary",
        icon=":material/send:",
        on_click=_submit,
        args=(text, batch),
    )
    if isinstance(answer, Fault) and st.session_state[SUBMITTED] == text:
        _refused(_refusal(answer, batch))


def _text() -> str | Wrong:
    source = st.segmented_control(
        "Where from",
        (PASTE, UPLOAD),
        default=PASTE,
        required=True,
        key=SOURCE,
        label_visibility="collapsed",
        persist_state="session",
    )
    if source == UPLOAD:
        key = f"batch-file-{st.session_state.get(FILES, 0)}"
        file = st.file_uploader("CSV or JSON lines, UTF-8", TYPES, key=key)
        return "" if file is None else decoded(file.getvalue())
    return (
        st.text_area(
            "CSV or JSON lines", key=TEXT, height=240, placeholder=EXAMPLE, persist_state="session"
        )
        or ""
    )


def _preview(batch: Batch) -> None:
    if not batch.rows:
        return
    found = f"{batch.format}: {_tasks(len(batch.rows))}"
    more = f", of which the first {SHOWN}" if len(batch.rows) > SHOWN else ""
    st.caption(f"{found}{more}")
    first = [{"line": row.line, **_flat(row.task)} for row in batch.rows[:SHOWN]]
    st.dataframe(first, hide_index=True, height="content", placeholder=NOTHING)


def _flat(task: object) -> dict[str, str]:
    assert isinstance(task, dict)
    return {str(name): str(value) for name, value in task.items()}


def _submit(text: str, batch: Batch) -> None:
    """Send the batch; when it is accepted, nothing is left that could be sent twice."""
    state, token = st.session_state, session.token()
    if token is None:
        return
    answer = session.api().submit_batch(token, [row.task for row in batch.rows])
    state[SUBMITTED] = text
    if isinstance(answer, Fault):
        state[RESULT] = answer
    else:
        state.update({RESULT: len(answer), TEXT: "", FILES: state.get(FILES, 0) + 1})


def _refusal(fault: Fault, batch: Batch) -> Refusal:
    lines = [row.line for row in batch.rows]
    wrong = [
        Wrong(0 if each.row is None else lines[each.row], each.field, each.message)
        for each in fault.errors
    ]
    sentence = "These lines are not right." if wrong else fault.sentence
    return Refusal(sentence, wrong, fault.count)


def _refused(refusal: Refusal) -> None:
    st.error(f"{refusal.sentence} Nothing was submitted." if refusal.wrong else refusal.sentence)
    if not refusal.wrong:
        return
    listed = refusal.wrong[:MOST_LISTED]
    st.dataframe(
        [{"Line": one.line or None, "Field": one.field, "Problem": one.message} for one in listed],
        hide_index=True,
        placeholder=NOTHING,
        height="content",
        column_config={
            "Line": st.column_config.NumberColumn(width="small", format="%d"),
            "Field": st.column_config.TextColumn(width="small"),
            "Problem": st.column_config.TextColumn(width="large"),
        },
    )
    if refusal.total > len(listed):
        st.caption(f"And {refusal.total - len(listed):,} more.")


def _tasks(count: int) -> str:
    return f"{count:,} task" if count == 1 else f"{count:,} tasks"
