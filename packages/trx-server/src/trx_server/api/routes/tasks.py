"""Tasks: submitted, looked up, listed, cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from trx_core.models import PRIORITIES, Task, TaskRequest, TaskStatus
from trx_core.models.task import Name
from trx_server.api.auth import Permission
from trx_server.api.bodies import ONE, SEVERAL, json_body
from trx_server.api.cursors import cursor_after, cursor_id
from trx_server.api.dependencies import PREFIX, Connected, May, answer, services_of
from trx_server.api.problems import INVALID, NO_TASK, NOT_PENDING, Refusal
from trx_server.api.services import Services
from trx_server.api.views import Accepted, AcceptedBatch, Page, TaskView
from trx_server.store import TaskFilter, cancel_task, get_task, list_tasks

__all__ = ["router"]

READ: Final = [Depends(May(Permission.TASKS_READ))]
SUBMIT: Final = [Depends(May(Permission.TASKS_SUBMIT))]
CANCEL: Final = [Depends(May(Permission.TASKS_CANCEL))]

router = APIRouter(prefix=f"{PREFIX}/tasks", tags=["tasks"])


class TaskQuery(BaseModel):
    """Filters of a list of tasks; those not given let everything through."""

    model_config = ConfigDict(extra="forbid")

    status: TaskStatus | None = None
    type: Name | None = None
    region: Name | None = None
    priority: int | None = Field(default=None, ge=PRIORITIES.start, lt=PRIORITIES.stop)
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
    wanted = await json_body(request, ONE)
    [task] = await _accept(services, [wanted], batch=False)
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
    wanted = await json_body(request, SEVERAL)
    most = services.settings.max_batch
    if not 1 <= len(wanted) <= most:
        raise Refusal(INVALID, f"A batch holds 1 to {most} tasks; this one has {len(wanted)}.")
    tasks = await _accept(services, wanted, batch=True)
    return answer(AcceptedBatch(ids=[task.id for task in tasks], count=len(tasks)), 202)


@router.get("", response_model=Page[TaskView], dependencies=READ)
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
    return await looked_up(task_id, services)


async def _accept(
    services: Services, wanted: Sequence[TaskRequest], *, batch: bool
) -> Sequence[Task]:
    await _check_regions(services, wanted, batch=batch)
    now = services.clock.now()
    ids = services.ids.many(len(wanted), now)
    tasks = [one.to_task(task_id, now) for one, task_id in zip(wanted, ids, strict=True)]
    await services.acceptor.submit(tasks)
    return tasks


async def _check_regions(services: Services, wanted: Sequence[TaskRequest], *, batch: bool) -> None:
    regions = {one.region for one in wanted if one.region is not None}
    if not regions or not (unknown := await services.regions.unknown(regions)):
        return
    known = ", ".join(sorted(services.regions.known)) or "none"
    errors = [
        {
            **({"row": row} if batch else {}),
            "field": "region",
            "message": f"no pool stands in {one.region!r}; known regions: {known}",
        }
        for row, one in enumerate(wanted)
        if one.region in unknown
    ]
    raise Refusal(INVALID, "The body is not valid.", errors=errors)


def _unknown(task_id: UUID) -> Refusal:
    return Refusal(NO_TASK, f"There is no task {task_id}.")
