"""What the API answers with, as the documentation shows it and as it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict

from trx_core.models import EventType, TaskStatus, WorkerSpec
from trx_server.store import Role, SimulationState

__all__ = [
    "Accepted",
    "AcceptedBatch",
    "AlgorithmChoice",
    "AlgorithmSwitch",
    "Dependency",
    "ErrorView",
    "Fleet",
    "Health",
    "LogView",
    "Me",
    "Page",
    "PoolDetails",
    "PoolView",
    "ProblemView",
    "QueueView",
    "ScenarioView",
    "Scenarios",
    "SimulationList",
    "SimulationView",
    "Stats",
    "TaskView",
    "Token",
]

T = TypeVar("T")


def _from_epoch(value: Any) -> Any:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, float | int) else value


Instant = Annotated[datetime, BeforeValidator(_from_epoch)]
"""Seconds since the epoch within, RFC 3339 outside."""


class View(BaseModel):
    """Base: made from the attributes of a value."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Token(View):
    """RFC 6749, section 5.1."""

    access_token: str
    token_type: str = "bearer"
    expires_in: int
    role: Role


class Me(View):
    """Whom a token stands for."""

    name: str
    role: Role
    permissions: Sequence[str]
    expires: Instant


class Accepted(View):
    """A task that is stored and will be carried out."""

    id: UUID
    status: TaskStatus = TaskStatus.QUEUED


class AcceptedBatch(View):
    """The tasks of a batch, in its order."""

    ids: Sequence[UUID]
    count: int


class TaskView(View):
    """A task; its fields are those of :class:`trx_core.models.Task`."""

    id: UUID
    type: str
    priority: int
    cost: float
    region: str | None
    status: TaskStatus
    enqueued_at: Instant
    started_at: Instant | None
    completed_at: Instant | None
    worker_id: UUID | None
    algorithm_used: str | None
    metadata: Mapping[str, Any]
    attempt: int
    slots: int
    resource_type: str | None
    deadline: Instant | None
    expected_duration: float | None
    region_required: bool


class LogView(View):
    """A row of the schedule log."""

    id: UUID
    task_id: UUID
    timestamp: Instant
    event_type: EventType
    details: Mapping[str, Any]


class PoolView(View):
    """A worker pool."""

    id: UUID
    name: str
    region: str
    resource_type: str
    cost_per_unit: float
    capacity: int
    current_load: int
    expected_latency: float
    expected_success: float


class PoolDetails(PoolView):
    """A worker pool, and who carries out its tasks."""

    worker: WorkerSpec


class Page(View, Generic[T]):
    """A part of a list; ``next_cursor`` asks for the following one, ``null`` at the end."""

    items: Sequence[T]
    next_cursor: str | None


class AlgorithmChoice(View):
    """An algorithm and its parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    name: str
    params: Mapping[str, Any] = {}


class AlgorithmSwitch(View):
    """What decided before, and what decides from now on."""

    old: AlgorithmChoice
    new: AlgorithmChoice


class Fleet(View):
    """The pools, by name."""

    items: Sequence[PoolView]


class QueueView(View):
    """Entries of the queue: never delivered, delivered but not settled, not yet due; and all.

    Entries, not tasks: after a restart of Redis every queued task is published once more, and has
    two entries until one of them is met. `tasks` counts tasks.
    """

    lag: int
    pending: int
    delayed: int
    total: int


class Stats(View):
    """The service in numbers.

    `last_minute` counts log rows by event type; `queue` is `null` while Redis is away; `waiting`
    counts tasks that wait to be stored by this process.
    """

    version: str
    uptime_seconds: float
    algorithm: AlgorithmChoice
    tasks: Mapping[TaskStatus, int]
    last_minute: Mapping[EventType, int]
    unpublished: int
    delayed: int
    oldest_queued: float | None
    runners: int
    dead_letters: int
    queue: QueueView | None
    waiting: int


class ErrorView(View):
    """A field at fault; in a batch with the index of its row, from 0."""

    row: int | None = None
    field: str
    message: str


class ProblemView(View):
    """Why a request was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str | None
    errors: Sequence[ErrorView] = ()
    error_count: int = 0


class Dependency(View):
    """A server that the service needs."""

    status: str
    latency_ms: float | None = None
    detail: str | None = None


class Health(View):
    """``ok``; ``degraded``: tasks are accepted but not dispatched; ``down``: not even accepted."""

    status: str
    version: str
    dependencies: Mapping[str, Dependency]


class ScenarioParameter(View):
    """A parameter of a traffic pattern."""

    name: str
    type: str
    default: str | None
    unit: str = ""
    range: str = ""
    description: str = ""


class ScenarioView(View):
    """A traffic pattern."""

    name: str
    summary: str
    parameters: Sequence[ScenarioParameter] | None
    note: str | None = None


class Scenarios(View):
    """The traffic patterns that are installed, by name."""

    items: Sequence[ScenarioView]


class SimulationView(View):
    """Simulated traffic."""

    id: UUID
    scenario: str
    params: Mapping[str, Any]
    seed: int
    speed: float
    max_tasks: int
    max_seconds: float
    started_by: str
    started_at: Instant
    state: SimulationState
    stopping: bool
    submitted: int
    refused: int
    detail: str | None
    ended_at: Instant | None


class SimulationList(View):
    """The newest simulations, the newest first."""

    items: Sequence[SimulationView]
