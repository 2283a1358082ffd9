"""Tasks: submitted, looked up, listed, cancelled."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter
from starlette.responses import Response

from trx_core.admission import Wish
from trx_core.errors import AdapterError
from trx_core.models import PRIORITIES, Task, TaskRequest, TaskStatus
from trx_core.models.task import Name
from trx_server.api.auth import Permission
from trx_server.api.bodies import ONE, SEVERAL, json_body
from trx_server.api.cursors import cursor_after, cursor_id
from trx_server.api.dependencies import NO_QUERY, PREFIX, Connected, May, answer, services_of
from trx_server.api.problems import INVALID, NO_TASK, NOT_PENDING, Refusal
from trx_server.api.services import Services
from trx_server.api.views import Accepted, AcceptedBatch, Page, TaskView
from trx_server.store import (
    NothingWrittenError,
    TaskFilter,
    cancel_task,
    get_task,
    list_tasks,
)

__all__ = ["router"]

T = TypeVar("T")

WISHES: Final = {"region": str, "resource_type": str, "slots": int, "region_required": bool}

LIST: Final = [Depends(May(Permission.TASKS_READ))]
READ: Final = [*LIST, NO_QUERY]
SUBMIT: Final = [Depends(May(Permission.TASKS_SUBMIT)), NO_QUERY]
CANCEL: Final = [Depends(May(Permission.TASKS_CANCEL)), NO_QUERY]

router = APIRouter(prefix=f"{PREFIX}/tasks", tags=["tasks"])


class TaskQuery(BaseModel):
    """Filters of a list of tasks; those not given let everything through."""

    model_config = ConfigDict(extra="forbid")

    status: TaskStatus | None = None
    type: Name | None = None
    region: Name | None = None
    priority: int | None = Field(default=None, ge=PRIORITIES[0], le=PRIORITIES[-1])
    worker_id: UUID | None = None
    algorithm_used: Name | None = None
    since: AwareDatetime | None = Field(default=None, description="Accepted at or after.")
    until: AwareDatetime | None = Field(default=None, description="Accepted before.")
    cursor: str | None = Field(default=None, description="`next_cursor` of the page before.")
    limit: int = Field(default=100, ge=1, le=1000)

    def wanted(self) -> TaskFilter:
        """As the store takes it."""
        return TaskFilter(
            status=self.status,
            type=self.type,
            region=self.region,
            priority=self.priority,
            worker_id=self.worker_id,
            algorithm_used=self.algorithm_used,
            since=self.since.timestamp() if self.since else None,
            until=self.until.timestamp() if self.until else None,
        )


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "",
    status_code=202,
    response_model=Accepted,
    dependencies=SUBMIT,
    openapi_extra=_json(TaskRequest.model_json_schema()),
)
async def submit(request: Request) -> Response:
    """Submit a task. It is stored when this answers, and will be carried out."""
    services = await services_of(request)
    wanted = await _requests(request, ONE, services, batch=False)
    [task] = await _accept(services, [wanted])
    return answer(Accepted(id=task.id), 202, {"Location": f"{router.prefix}/{task.id}"})


@router.post(
    "/batch",
    status_code=202,
    response_model=AcceptedBatch,
    dependencies=SUBMIT,
    openapi_extra=_json({"type": "array", "minItems": 1, "items": TaskRequest.model_json_schema()}),
)
async def submit_batch(request: Request, services: Connected) -> Response:
    """Submit several tasks: a JSON array. Either all are accepted, or none."""
    wanted = await _requests(request, SEVERAL, services, batch=True)
    tasks = await _accept(services, wanted)
    return answer(AcceptedBatch(ids=[task.id for task in tasks], count=len(tasks)), 202)


@router.get("", response_model=Page[TaskView], dependencies=LIST)
async def listed(query: Annotated[TaskQuery, Query()], services: Connected) -> Response:
    """List tasks, the newest first."""
    after = cursor_id(query.cursor)
    tasks = await list_tasks(services.pool, query.wanted(), after, query.limit)
    following = cursor_after(tasks[-1].id) if len(tasks) == query.limit else None
    views = [TaskView.model_validate(task) for task in tasks]
    return answer(Page[TaskView](items=views, next_cursor=following))


@router.get("/{task_id}", response_model=TaskView, dependencies=READ)
async def looked_up(task_id: UUID, services: Connected) -> Response:
    """One task."""
    task = await get_task(services.pool, task_id)
    if task is None:
        raise _unknown(task_id)
    return answer(TaskView.model_validate(task))


@router.delete("/{task_id}", response_model=TaskView, dependencies=CANCEL)
async def cancel(task_id: UUID, services: Connected) -> Response:
    """Cancel a task that is pending; 409 when it runs or has ended."""
    outcome = await cancel_task(services.pool, task_id, services.ids, services.clock.now())
    if outcome.status is None:
        raise _unknown(task_id)
    if not outcome.cancelled:
        raise Refusal(
            NOT_PENDING,
            f"Task {task_id} is {outcome.status}.",
            hint="Only a queued task can be cancelled.",
        )
    try:
        return await looked_up(task_id, services)
    except NothingWrittenError as error:
        raise AdapterError(f"task {task_id} is cancelled. {error}", code="TRX-A302") from error


async def _accept(services: Services, wanted: Sequence[TaskRequest]) -> Sequence[Task]:
    now = services.clock.now()
    ids = services.ids.many(len(wanted), now)
    tasks = [one.to_task(task_id, now) for one, task_id in zip(wanted, ids, strict=True)]
    await services.acceptor.submit(tasks)
    return tasks


async def _requests(
    request: Request, shape: TypeAdapter[T], services: Services, *, batch: bool
) -> T:
    """The body's tasks, every one of which some pool could take.

    Raises:
        Refusal: they are not; it names every field and row, whatever kind of fault each has.
    """
    try:
        wanted = await json_body(request, shape, services.settings.max_batch if batch else None)
    except Refusal as refusal:
        if refusal.problem is not INVALID or not refusal.errors:
            raise
        wishes = _wishes(json.loads(await request.body()), batch=batch)
        more = await _fleet_errors(services, wishes, batch=batch)
        raise _invalid([*refusal.errors, *more]) from None
    errors = await _fleet_errors(services, _wishes(wanted, batch=batch), batch=batch)
    if errors:
        raise _invalid(errors)
    return wanted


def _wishes(body: Any, *, batch: bool) -> list[Wish]:
    """What each task asks of the fleet; a field that is no such thing at all asks nothing."""
    rows = body if batch and isinstance(body, list) else [body]
    return list(map(_wish, rows))


def _wish(row: Any) -> Wish:
    if isinstance(row, TaskRequest):
        return Wish.of(row)
    given = row if isinstance(row, dict) else {}
    usable = {name: given[name] for name, kind in WISHES.items() if type(given.get(name)) is kind}
    return Wish(**usable)


async def _fleet_errors(
    services: Services, wishes: Sequence[Wish], *, batch: bool
) -> list[Mapping[str, Any]]:
    faults = await services.fleet.faults(set(wishes))
    return [
        {**({"row": row} if batch else {}), **fault._asdict()}
        for row, wish in enumerate(wishes)
        for fault in faults.get(wish, ())
    ]


def _invalid(errors: Sequence[Mapping[str, Any]]) -> Refusal:
    ordered = sorted(errors, key=lambda error: error.get("row", 0))
    return Refusal(INVALID, "The body is not valid.", errors=ordered)


def _unknown(task_id: UUID) -> Refusal:
    return Refusal(NO_TASK, f"There is no task {task_id}.")
