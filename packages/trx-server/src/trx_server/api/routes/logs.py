"""The schedule log."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from trx_core.models import EventType
from trx_server.api.auth import Permission
from trx_server.api.cursors import cursor_after, cursor_id
from trx_server.api.dependencies import PREFIX, Connected, May, answer
from trx_server.api.views import LogView, Page
from trx_server.store import LogFilter, list_logs

__all__ = ["router"]

router = APIRouter(prefix=f"{PREFIX}/logs", tags=["logs"])


class LogQuery(BaseModel):
    """Filters of a part of the log; those not given let everything through."""

    model_config = ConfigDict(extra="forbid")

    task_id: UUID | None = None
    event_type: EventType | None = None
    since: AwareDatetime | None = Field(default=None, description="Happened at or after.")
    until: AwareDatetime | None = Field(default=None, description="Happened before.")
    cursor: str | None = Field(default=None, description="`next_cursor` of the page before.")
    limit: int = Field(default=100, ge=1, le=5000)


@router.get("", response_model=Page[LogView], dependencies=[Depends(May(Permission.LOGS_READ))])
async def listed(query: Annotated[LogQuery, Query()], services: Connected) -> Response:
    """Read the log, the oldest first.

    A full page has a `next_cursor`, also when nothing follows yet.
    """
    wanted = LogFilter(
        task_id=query.task_id,
        event_type=query.event_type,
        since=query.since.timestamp() if query.since else None,
        until=query.until.timestamp() if query.until else None,
    )
    rows = await list_logs(services.pool, wanted, cursor_id(query.cursor), query.limit)
    following = cursor_after(rows[-1].id) if len(rows) == query.limit else None
    views = [LogView.model_validate(row) for row in rows]
    return answer(Page[LogView](items=views, next_cursor=following))
