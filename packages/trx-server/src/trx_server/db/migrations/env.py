"""Run by Alembic: carries revisions out on the connection that ``migrate`` hands over."""

from __future__ import annotations

from alembic import context

from trx_server.db.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
