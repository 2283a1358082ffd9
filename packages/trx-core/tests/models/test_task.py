"""The bounds of what a caller may say of a task."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from trx_core.models import MAX_COST, MAX_METADATA_BYTES, MAX_SLOTS, Task, TaskRequest, TaskStatus

ID = UUID(int=1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", "a"),
        ("type", "x" * 64),
        ("type", "Vision/resnet-50:v1.2_b"),
        ("priority", 1),
        ("priority", 10),
        ("cost", 0.0),
        ("cost", MAX_COST),
        ("cost", 3),
        ("region", None),
        ("region", "eu-west"),
        ("slots", 1),
        ("slots", MAX_SLOTS),
        ("resource_type", None),
        ("resource_type", "gpu"),
        ("deadline_seconds", 5e-324),
        ("deadline_seconds", MAX_COST),
        ("expected_duration", 5e-324),
        ("expected_duration", MAX_COST),
        ("region_required", False),
    ],
)
def test_the_ends_of_each_range_are_taken(field: str, value: Any) -> None:
    assert getattr(TaskRequest(**{"type": "job", field: value}), field) == value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", ""),
        ("type", "x" * 65),
        ("type", "-a"),
        ("type", "a b"),
        ("type", "a\n"),
        ("type", "ünïcode"),
        ("type", "a\0"),
        ("type", None),
        ("type", 7),
        ("priority", 0),
        ("priority", 11),
        ("priority", 5.0),
        ("priority", "5"),
        ("priority", True),
        ("cost", -1e-9),
        ("cost", MAX_COST * 1.001),
        ("cost", float("nan")),
        ("cost", float("inf")),
        ("cost", "1"),
        ("region", ""),
        ("region", "eu west"),
        ("slots", 0),
        ("slots", MAX_SLOTS + 1),
        ("slots", 1.0),
        ("resource_type", ""),
        ("deadline_seconds", 0.0),
        ("deadline_seconds", float("inf")),
        ("expected_duration", 0.0),
        ("expected_duration", MAX_COST * 1.001),
        ("region_required", True),
        ("region_required", "true"),
        ("region_required", None),
        ("metadata", None),
        ("metadata", []),
        ("status", "completed"),
        ("id", str(ID)),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        TaskRequest(**{"type": "job", field: value})
    assert {error["loc"][0] for error in refused.value.errors()} == {field}


def test_the_range_of_priorities_is_told_as_people_count() -> None:
    with pytest.raises(ValidationError, match="Input should be less than or equal to 10"):
        TaskRequest(type="job", priority=11)
    schema = TaskRequest.model_json_schema()["properties"]["priority"]
    assert (schema["minimum"], schema["maximum"]) == (1, 10)


def test_a_type_is_required() -> None:
    with pytest.raises(ValidationError, match="type\n  Field required"):
        TaskRequest.model_validate({})


def test_every_field_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(ValidationError) as refused:
        TaskRequest(type="", priority=11, cost=-1, slots=0)
    assert {e["loc"][0] for e in refused.value.errors()} == {"type", "priority", "cost", "slots"}


@pytest.mark.parametrize(("letter", "size"), [("x", 1), ("ü", 2), ("😀", 4)])
def test_metadata_is_measured_in_bytes_as_it_is_written(letter: str, size: int) -> None:
    frame = len('{"k": ""}')
    most = (MAX_METADATA_BYTES - frame) // size
    metadata = {"k": letter * most + "." * (MAX_METADATA_BYTES - frame - most * size)}
    assert TaskRequest(type="job", metadata=metadata).metadata == metadata
    with pytest.raises(ValidationError, match=f"{MAX_METADATA_BYTES + 1} bytes"):
        TaskRequest(type="job", metadata={"k": metadata["k"] + "."})


@pytest.mark.parametrize(
    "metadata", [{"\0": 1}, {"a\0": 1}, {"a": ["\0"]}, {"a": {"b": "\\\0"}}, {"a": "\\\\\0"}]
)
def test_the_character_nul_is_found_wherever_it_hides(metadata: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"U\+0000"):
        TaskRequest(type="job", metadata=metadata)


@pytest.mark.parametrize("text", ["\\u0000", "\\\\u0000", "\\\\\\u0000"])
def test_backslashes_before_what_looks_like_nul_are_text(text: str) -> None:
    assert TaskRequest(type="job", metadata={text: text}).metadata == {text: text}


def test_a_lone_surrogate_is_no_text_that_could_be_stored() -> None:
    with pytest.raises(ValidationError, match="metadata must be a JSON object"):
        TaskRequest(type="job", metadata={"a": "\ud800"})


def test_an_accepted_request_becomes_a_task_that_waits() -> None:
    request = TaskRequest(
        type="job",
        priority=9,
        cost=2.5,
        region="eu",
        metadata={"k": 1},
        slots=2,
        resource_type="gpu",
        deadline_seconds=30.0,
        expected_duration=4.0,
        region_required=True,
    )
    assert request.to_task(ID, 100.0) == Task(
        id=ID,
        type="job",
        priority=9,
        cost=2.5,
        region="eu",
        status=TaskStatus.QUEUED,
        enqueued_at=100.0,
        metadata={"k": 1},
        slots=2,
        resource_type="gpu",
        deadline=130.0,
        expected_duration=4.0,
        region_required=True,
    )


def test_a_task_can_be_bound_to_no_region_but_one_that_it_names() -> None:
    assert TaskRequest(type="job", region="eu", region_required=True).region_required
    with pytest.raises(ValidationError, match="must name one"):
        TaskRequest(type="job", region_required=True)
    with pytest.raises(ValidationError) as refused:
        TaskRequest(type="job", region="no such name", region_required=True)
    assert [error["loc"][0] for error in refused.value.errors()] == ["region"]
    assert Task(ID, "job", region="eu", region_required=True).bound_to == "eu"
    assert Task(ID, "job", region="eu").bound_to is None
    assert Task(ID, "job", region_required=True).bound_to is None


def test_a_request_without_a_deadline_becomes_a_task_without_one() -> None:
    assert TaskRequest(type="job").to_task(ID, 100.0).deadline is None


def test_a_task_cannot_be_changed_not_even_its_default_metadata() -> None:
    task = Task(ID, "job")
    for each in fields(Task):
        with pytest.raises(FrozenInstanceError):
            setattr(task, each.name, None)
    with pytest.raises(TypeError):
        task.metadata["a"] = 1  # type: ignore[index]


def test_some_states_are_an_end() -> None:
    ended = {status for status in TaskStatus if status.ended}
    assert ended == {TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED}
