"""Tasks: what a caller asks for, and what becomes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from trx_core.models.readonly import NOTHING, plain, read_only_object

__all__ = [
    "MAX_COST",
    "MAX_METADATA_BYTES",
    "MAX_SLOTS",
    "PRIORITIES",
    "Task",
    "TaskRequest",
    "TaskStatus",
]

PRIORITIES: Final = range(1, 11)
MAX_COST: Final = 1e9
MAX_SLOTS: Final = 10_000
MAX_METADATA_BYTES: Final = 16_384
_INTEGERS: Final = range(-(2**63), 2**64)
_DEEPEST: Final = 100
_NUL: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class TaskStatus(StrEnum):
    """The state of a task as the ledger of record keeps it."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to the task by itself."""
        return self in _ENDED


_ENDED: Final = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the kernel, the algorithms and the workers see it.

    Times are seconds: since the Unix epoch in the live engine, of virtual time in the lab.

    Attributes:
        id: UUID of version 7.
        type: kind of work; estimates of latency and success are kept by it.
        priority: 1 (least) to 10 (most urgent).
        cost: size in work units, 0 to ``MAX_COST``; a pool charges ``cost * cost_per_unit``.
        region: where the caller would like it to run; ``None`` is anywhere.
        status: see :class:`TaskStatus`.
        enqueued_at: when it was accepted.
        started_at: start of its first attempt.
        completed_at: when it ended, in whatever way.
        worker_id: pool of its latest attempt.
        algorithm_used: algorithm that placed its latest attempt.
        metadata: the caller's own JSON object, read-only whatever it is given as: its objects are
            mappings, its arrays tuples; see :func:`~trx_core.models.plain`.
        attempt: attempts made so far; also the fencing token of the one that runs.
        slots: slots of a pool that it occupies, 1 to ``MAX_SLOTS``.
        resource_type: the only resource type it can run on; ``None`` is any.
        deadline: when its result is no longer worth having.
        expected_duration: the caller's own estimate of its service, seconds.
        region_required: whether it may run in its region alone; says nothing where it names none.
    """

    id: UUID
    type: str
    priority: int = 5
    cost: float = 1.0
    region: str | None = None
    status: TaskStatus = TaskStatus.QUEUED
    enqueued_at: float = 0.0
    started_at: float | None = None
    completed_at: float | None = None
    worker_id: UUID | None = None
    algorithm_used: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    attempt: int = 0
    slots: int = 1
    resource_type: str | None = None
    deadline: float | None = None
    expected_duration: float | None = None
    region_required: bool = False

    @property
    def bound_to(self) -> str | None:
        """The only region that it may run in; ``None`` is any."""
        return self.region if self.region_required else None

    def __post_init__(self) -> None:
        if self.metadata is not NOTHING:
            object.__setattr__(self, "metadata", read_only_object(self.metadata))

    def __reduce__(self) -> tuple[Any, ...]:
        """For copies and pickles."""
        return Task, tuple(plain(getattr(self, one.name)) for one in fields(self))


def _storable(metadata: dict[str, Any]) -> dict[str, Any]:
    if not metadata:
        return metadata
    try:
        text = json.dumps(metadata, allow_nan=False, ensure_ascii=False)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"metadata must be a JSON object: {error}") from None
    if size > MAX_METADATA_BYTES:
        raise ValueError(f"metadata takes {size} bytes; at most {MAX_METADATA_BYTES} are kept")
    if _NUL.search(text):
        raise ValueError("metadata must not hold the character U+0000")
    _check_interchange(metadata, 1)
    return metadata


def _check_interchange(value: Any, depth: int) -> None:
    """Refuse what JSON can express and its readers do not agree on (RFC 8259, sections 6, 9)."""
    if depth > _DEEPEST:
        raise ValueError(f"metadata must not be nested deeper than {_DEEPEST}")
    if isinstance(value, int) and value not in _INTEGERS:
        raise ValueError("metadata must not hold an integer of more than 64 bits")
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("metadata must have strings for keys")
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for item in value:
        _check_interchange(item, depth + 1)


Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/-]*$")]


class TaskRequest(BaseModel):
    """What a caller may say of a task; the one set of bounds for the API and for traces.

    ``region`` is a wish, which distance has its price in; with ``region_required`` it is a bound
    (where data must stay): no pool of another region is given the task.

    Raises:
        pydantic.ValidationError: a field is missing, unknown, of the wrong type or out of range.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    type: Name
    priority: int = Field(default=5, ge=PRIORITIES[0], le=PRIORITIES[-1])
    cost: float = Field(default=1.0, ge=0, le=MAX_COST)
    region: Name | None = None
    metadata: Annotated[dict[str, Any], AfterValidator(_storable)] = Field(default_factory=dict)
    slots: int = Field(default=1, ge=1, le=MAX_SLOTS)
    resource_type: Name | None = None
    deadline_seconds: float | None = Field(default=None, gt=0, le=MAX_COST)
    expected_duration: float | None = Field(default=None, gt=0, le=MAX_COST)
    region_required: bool = False

    @field_validator("region_required")
    @classmethod
    def _names_a_region(cls, required: bool, info: ValidationInfo) -> bool:
        if required and "region" in info.data and info.data["region"] is None:
            raise ValueError("a task that is bound to its region must name one")
        return required

    def to_task(self, task_id: UUID, now: float) -> Task:
        """The task that this request becomes when it is accepted at ``now`` (seconds)."""
        return Task(
            id=task_id,
            type=self.type,
            priority=self.priority,
            cost=self.cost,
            region=self.region,
            enqueued_at=now,
            metadata=self.metadata,
            slots=self.slots,
            resource_type=self.resource_type,
            deadline=None if self.deadline_seconds is None else now + self.deadline_seconds,
            expected_duration=self.expected_duration,
            region_required=self.region_required,
        )
