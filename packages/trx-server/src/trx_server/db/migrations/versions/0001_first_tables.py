"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = ("setting", "runner", "app_user", "dead_letter", "worker_pool", "schedule_log", "task")


def upgrade() -> None:
    """Bring the database forward."""
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("cost", sa.Double(), nullable=False),
        sa.Column("region", sa.Text()),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        _time("enqueued_at", nullable=False),
        _time("started_at"),
        _time("completed_at"),
        sa.Column("worker_id", sa.Uuid()),
        sa.Column("algorithm_used", sa.Text()),
        _json("metadata", server_default=sa.text("'{}'"), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("slots", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("resource_type", sa.Text()),
        _time("deadline"),
        sa.Column(
            "expected_duration",
            sa.Double(),
            comment="seconds of service, as its caller expects",
        ),
        _time("due_at", comment="a task that is tried again must not start before"),
        _now("queued_at", comment="since when it has been waiting, this time"),
        _time("published_at", comment="when it entered the stream; null: it has not"),
        sa.Column("published_epoch", sa.Text(), comment="which life of the stream it entered"),
        sa.Column("runner_id", sa.Uuid(), comment="who makes, or made, the latest attempt"),
        sa.Column("error", sa.Text(), comment="what went wrong in the latest attempt"),
        sa.PrimaryKeyConstraint("id", name="task_pkey"),
        sa.CheckConstraint("priority BETWEEN 1 AND 10", name=op.f("task_priority_check")),
        sa.CheckConstraint("cost >= 0", name=op.f("task_cost_check")),
        sa.CheckConstraint("attempt >= 0", name=op.f("task_attempt_check")),
        sa.CheckConstraint("slots >= 1", name=op.f("task_slots_check")),
        sa.CheckConstraint(
            "status IN ('queued', 'processing', 'completed', 'failed', 'cancelled')",
            name=op.f("task_status_check"),
        ),
    )
    op.create_index("task_status_id_idx", "task", ["status", "id"])
    op.create_index(
        "task_outbox_idx",
        "task",
        ["published_epoch", "queued_at", "id"],
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(
        "task_due_idx",
        "task",
        ["due_at"],
        postgresql_where=sa.text("status = 'queued' AND due_at IS NOT NULL"),
    )
    op.create_index(
        "task_runner_idx",
        "task",
        ["runner_id"],
        postgresql_where=sa.text("status = 'processing'"),
    )
    op.create_table(
        "schedule_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        _time("timestamp", nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        _json("details", server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="schedule_log_pkey"),
    )
    op.create_index("schedule_log_task_id_id_idx", "schedule_log", ["task_id", "id"])
    op.create_index(
        "schedule_log_timestamp_idx",
        "schedule_log",
        ["timestamp"],
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on", "pages_per_range": 32},
    )
    op.create_table(
        "worker_pool",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("resource_type", sa.Text(), nullable=False),
        sa.Column("cost_per_unit", sa.Double(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("current_load", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("expected_latency", sa.Double(), nullable=False),
        sa.Column("expected_success", sa.Double(), nullable=False),
        _json("worker", nullable=False),
        sa.PrimaryKeyConstraint("id", name="worker_pool_pkey"),
        sa.UniqueConstraint("name", name="worker_pool_name_key"),
    )
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), comment="null: a message that names no task"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("detail", sa.Text()),
        sa.Column("attempt", sa.Integer(), nullable=False),
        _time("dead_at", nullable=False),
        _json("raw", comment="the message, where it could not be read"),
        sa.PrimaryKeyConstraint("id", name="dead_letter_pkey"),
    )
    op.create_index("dead_letter_task_id_idx", "dead_letter", ["task_id"])
    op.create_table(
        "app_user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        _now("created_at"),
        sa.PrimaryKeyConstraint("id", name="app_user_pkey"),
        sa.UniqueConstraint("name", name="app_user_name_key"),
        sa.CheckConstraint(
            "role IN ('admin', 'operator', 'submitter', 'viewer')", name=op.f("app_user_role_check")
        ),
    )
    op.create_table(
        "runner",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        _now("started_at"),
        _time("lease_until", nullable=False, comment="by the clock of this server"),
        sa.PrimaryKeyConstraint("id", name="runner_pkey"),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.Text(), nullable=False),
        _json("value", nullable=False),
        _now("updated_at"),
        sa.PrimaryKeyConstraint("key", name="setting_pkey"),
    )


def downgrade() -> None:
    """Take the database back."""
    for table in TABLES:
        op.drop_table(table)


def _time(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, postgresql.TIMESTAMP(timezone=True), **options)


def _now(name: str, **options: Any) -> sa.Column[Any]:
    return _time(name, server_default=sa.text("now()"), nullable=False, **options)


def _json(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, postgresql.JSONB(), **options)
