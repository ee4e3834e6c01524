"""How Alembic reaches the database: it is handed a connection by the application, never a URL of its own."""

from __future__ import annotations

from alembic import context

from supplyhub.persistence.rows import Row

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Row.metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
