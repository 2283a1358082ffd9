"""Tasks that may run in their region alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database forward; a constant default rewrites no row (PostgreSQL 11 and later)."""
    op.add_column(
        "task",
        sa.Column(
            "region_required",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="it may run in its region alone",
        ),
    )


def downgrade() -> None:
    """Take the database back."""
    op.drop_column("task", "region_required")
