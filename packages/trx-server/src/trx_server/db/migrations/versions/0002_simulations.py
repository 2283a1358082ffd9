"""Simulated traffic, and what it does to the pools."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database forward."""
    op.create_table(
        "simulation",
        sa.Column("id", sa.Uuid(), nullable=False),
        _json("request", nullable=False, comment="scenario, parameters, seed, speed and limits"),
        sa.Column("started_by", sa.Text(), nullable=False),
        _time("started_at", nullable=False),
        sa.Column("state", sa.Text(), server_default="running", nullable=False),
        sa.Column("stopping", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("submitted", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("refused", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("detail", sa.Text()),
        _time("seen_at", nullable=False, comment="a sign of life of the process that runs it"),
        _time("ended_at"),
        sa.PrimaryKeyConstraint("id", name="simulation_pkey"),
        sa.CheckConstraint(
            "state IN ('running', 'finished', 'stopped', 'failed', 'interrupted')",
            name=op.f("simulation_state_check"),
        ),
    )
    op.create_table(
        "disruption",
        sa.Column("source", sa.Uuid(), nullable=False, comment="the simulation"),
        sa.Column("number", sa.Integer(), nullable=False),
        _time("ends_at", nullable=False),
        _json("change", nullable=False),
        sa.PrimaryKeyConstraint("source", "number", name="disruption_pkey"),
    )


def downgrade() -> None:
    """Take the database back."""
    for table in ("disruption", "simulation"):
        op.drop_table(table)


def _time(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, postgresql.TIMESTAMP(timezone=True), **options)


def _json(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, postgresql.JSONB(), **options)
