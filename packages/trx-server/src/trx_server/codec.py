"""Tasks as messages of the stream: compact JSON, what has its default value left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Annotated, Any, Final, Required
from uuid import UUID

import orjson
from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from pydantic import Field as Bounds
from typing_extensions import TypedDict

from trx_core.errors import AdapterError
from trx_core.models import MAX_COST, MAX_SLOTS, PRIORITIES, Task, TaskStatus

__all__ = ["PoisonError", "decode", "encode"]


class PoisonError(AdapterError):
    """A message that is no task.

    Attributes:
        task_id: the task that it names, if that much can be read.
        detail: what is wrong with it.
    """

    def __init__(self, detail: str, task_id: UUID | None) -> None:
        super().__init__(
            f"a message of the stream is no task: {detail}.",
            code="TRX-A310",
            hint="Something else writes to the stream, or another version of this service does.",
        )
        self.detail = detail
        self.task_id = task_id


@with_config(ConfigDict(extra="forbid", strict=True, allow_inf_nan=False))
class _Message(TypedDict, total=False):
    id: Required[UUID]
    type: Required[Annotated[str, Bounds(min_length=1)]]
    priority: Annotated[int, Bounds(ge=PRIORITIES[0], le=PRIORITIES[-1])]
    cost: Annotated[float, Bounds(ge=0, le=MAX_COST)]
    region: str | None
    status: TaskStatus
    enqueued_at: float
    started_at: float | None
    completed_at: float | None
    worker_id: UUID | None
    algorithm_used: str | None
    metadata: dict[str, Any]
    attempt: Annotated[int, Bounds(ge=0)]
    slots: Annotated[int, Bounds(ge=1, le=MAX_SLOTS)]
    resource_type: str | None
    deadline: float | None
    expected_duration: float | None
    region_required: bool


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


DEFAULTS: Final[Mapping[str, Any]] = {field.name: _default(field) for field in fields(Task)}
MESSAGE: Final = TypeAdapter(_Message)


def encode(task: Task) -> bytes:
    """The message of a task; :func:`decode` gives back an equal one."""
    message = {
        name: value
        for name, default in DEFAULTS.items()
        if (value := getattr(task, name)) != default
    }
    return orjson.dumps(message, default=dict)


def decode(message: bytes | str) -> Task:
    """The task of a message.

    Raises:
        PoisonError: ``TRX-A310``, it is none; every field is checked for its type and range.
    """
    try:
        return Task(**MESSAGE.validate_json(message))
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'message'}: {item['msg']}"
            for item in error.errors(include_url=False, include_input=False)
        )
        raise PoisonError(wrong, _task_named(message)) from None


def _task_named(message: bytes | str) -> UUID | None:
    try:
        return UUID(orjson.loads(message)["id"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
