"""The tables of the ledger of record, as SQLAlchemy Core metadata.

Two tables that every statement of the hot path writes, ``task`` and ``schedule_log``, have neither
foreign keys nor an index that no statement needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from trx_core.models import PRIORITIES, TaskStatus
from trx_server.store.simulations import SimulationState
from trx_server.store.users import Role

__all__ = ["METADATA"]


METADATA: Final = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)


def _time(name: str, **options: Any) -> Column[Any]:
    return Column(name, TIMESTAMP(timezone=True), **options)


def _now(name: str, **options: Any) -> Column[Any]:
    return _time(name, nullable=False, server_default=text("now()"), **options)


def _one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


Table(
    "task",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("cost", Double, nullable=False),
    Column("region", Text),
    Column("status", Text, nullable=False, server_default=TaskStatus.QUEUED.value),
    _time("enqueued_at", nullable=False),
    _time("started_at"),
    _time("completed_at"),
    Column("worker_id", Uuid),
    Column("algorithm_used", Text),
    Column("metadata", JSONB, nullable=False, server_default=text("'{}'")),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Column("slots", Integer, nullable=False, server_default=text("1")),
    Column("resource_type", Text),
    _time("deadline"),
    Column("expected_duration", Double, comment="seconds of service, as its caller expects"),
    Column(
        "region_required",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="it may run in its region alone",
    ),
    _time("due_at", comment="a task that is tried again must not start before"),
    _now("queued_at", comment="since when it has been waiting, this time"),
    _time("published_at", comment="when it entered the stream; null: it has not"),
    Column("published_epoch", Text, comment="which life of the stream it entered"),
    Column("runner_id", Uuid, comment="who makes, or made, the latest attempt"),
    Column("error", Text, comment="what went wrong in the latest attempt"),
    CheckConstraint(
        f"priority BETWEEN {PRIORITIES.start} AND {PRIORITIES.stop - 1}", name="priority"
    ),
    CheckConstraint("cost >= 0", name="cost"),
    CheckConstraint("attempt >= 0", name="attempt"),
    CheckConstraint("slots >= 1", name="slots"),
    _one_of("status", TaskStatus),
    Index("task_status_id_idx", "status", "id"),
    Index(
        "task_outbox_idx",
        "published_epoch",
        "queued_at",
        "id",
        postgresql_where=text("status = 'queued'"),
    ),
    Index(
        "task_due_idx",
        "due_at",
        postgresql_where=text("status = 'queued' AND due_at IS NOT NULL"),
    ),
    Index("task_runner_idx", "runner_id", postgresql_where=text("status = 'processing'")),
)

Table(
    "schedule_log",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("task_id", Uuid, nullable=False),
    _time("timestamp", nullable=False),
    Column("event_type", Text, nullable=False),
    Column("details", JSONB, nullable=False, server_default=text("'{}'")),
    Index("schedule_log_task_id_id_idx", "task_id", "id"),
    Index(
        "schedule_log_timestamp_idx",
        "timestamp",
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on", "pages_per_range": 32},
    ),
)

Table(
    "worker_pool",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("region", Text, nullable=False),
    Column("resource_type", Text, nullable=False),
    Column("cost_per_unit", Double, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("current_load", Integer, nullable=False, server_default=text("0")),
    Column("expected_latency", Double, nullable=False),
    Column("expected_success", Double, nullable=False),
    Column("worker", JSONB, nullable=False),
)

Table(
    "dead_letter",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("task_id", Uuid, comment="null: a message that names no task"),
    Column("reason", Text, nullable=False),
    Column("error", Text),
    Column("detail", Text),
    Column("attempt", Integer, nullable=False),
    _time("dead_at", nullable=False),
    Column("raw", JSONB, comment="the message, where it could not be read"),
    Index("dead_letter_task_id_idx", "task_id"),
)

Table(
    "app_user",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    _now("created_at"),
    _one_of("role", Role),
)

Table(
    "runner",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    _now("started_at"),
    _time("lease_until", nullable=False, comment="by the clock of this server"),
)

Table(
    "setting",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("value", JSONB, nullable=False),
    _now("updated_at"),
)

Table(
    "simulation",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column(
        "request", JSONB, nullable=False, comment="scenario, parameters, seed, speed and limits"
    ),
    Column("started_by", Text, nullable=False),
    _time("started_at", nullable=False),
    Column("state", Text, nullable=False, server_default="running"),
    Column("stopping", Boolean, nullable=False, server_default=text("false")),
    Column("submitted", Integer, nullable=False, server_default=text("0")),
    Column("refused", Integer, nullable=False, server_default=text("0")),
    Column("detail", Text),
    _time("seen_at", nullable=False, comment="a sign of life of the process that runs it"),
    _time("ended_at"),
    _one_of("state", SimulationState),
)

Table(
    "disruption",
    METADATA,
    Column("source", Uuid, primary_key=True, comment="the simulation"),
    Column("number", Integer, primary_key=True),
    _time("ends_at", nullable=False),
    Column("change", JSONB, nullable=False),
)
