"""Tasks as messages."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trx_core.models import MAX_COST, MAX_SLOTS, Task, TaskStatus
from trx_server.codec import PoisonError, decode, encode

ID = "019ab5c4-8a3a-7c4c-9d43-0123456789ab"
BARE = {"id": ID, "type": "infer"}

TIMES = st.floats(min_value=0, max_value=1e11)
TEXTS = st.text(max_size=20).filter(lambda text: text.isprintable())
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
TASKS = st.builds(
    Task,
    id=st.uuids(),
    type=TEXTS.filter(bool),
    priority=st.integers(1, 10),
    cost=st.floats(0, MAX_COST),
    region=st.none() | TEXTS,
    status=st.sampled_from(TaskStatus),
    enqueued_at=TIMES,
    started_at=st.none() | TIMES,
    completed_at=st.none() | TIMES,
    worker_id=st.none() | st.uuids(),
    algorithm_used=st.none() | TEXTS,
    metadata=st.dictionaries(TEXTS, JSON, max_size=4),
    attempt=st.integers(0, 2**31 - 1),
    slots=st.integers(1, MAX_SLOTS),
    resource_type=st.none() | TEXTS,
    deadline=st.none() | TIMES,
    region_required=st.booleans(),
)


@given(TASKS)
def test_every_field_survives(task: Task) -> None:
    assert decode(encode(task)) == task
    assert decode(encode(task).decode()) == task


def test_every_field_is_told_when_it_is_not_the_default() -> None:
    task = Task(
        UUID(ID), "t", 1, 2.0, "r", TaskStatus.PROCESSING, 1.0, 2.0, 3.0, UUID(ID), "a",
        {"k": "ü"}, 4, 5, "gpu", 6.0, 7.0, True,
    )  # fmt: skip
    assert list(orjson.loads(encode(task))) == [field.name for field in fields(Task)]


def test_a_message_from_before_a_field_was_added_is_a_task_with_its_default() -> None:
    assert decode(orjson.dumps(BARE | {"region": "eu"})).region_required is False


def test_a_plain_task_is_short() -> None:
    assert encode(Task(id=UUID(ID), type="infer")) == orjson.dumps(BARE)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (b"", "JSON"),
        (b"\xff\xfe", "JSON"),
        (b"[]", "object"),
        (b'{"id": "019ab5c4', "JSON"),
        (orjson.dumps({"id": ID}), "type: Field required"),
        (orjson.dumps({"type": "t"}), "id: Field required"),
        (orjson.dumps(BARE | {"id": "7"}), "id: "),
        (orjson.dumps(BARE | {"colour": "red"}), "colour: "),
    ],
)
def test_poison_says_what_is_wrong(message: bytes, said: str) -> None:
    with pytest.raises(PoisonError, match="TRX-A310") as caught:
        decode(message)
    assert said in caught.value.detail


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", ""),
        ("priority", 0),
        ("priority", 11),
        ("priority", "5"),
        ("cost", -1),
        ("cost", None),
        ("status", "lost"),
        ("slots", 0),
        ("attempt", -1),
        ("attempt", 1.5),
        ("metadata", []),
        ("deadline", "tomorrow"),
        ("worker_id", "east"),
    ],
)
def test_poison_names_the_field_and_the_task(field: str, value: Any) -> None:
    with pytest.raises(PoisonError) as caught:
        decode(orjson.dumps(BARE | {field: value}))
    assert caught.value.detail.startswith(f"{field}: ")
    assert caught.value.task_id == UUID(ID)
