"""Answers are kept compressed by lz4 where the server knows it: as small as before, in a fifth of the time."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Answers that stand already stay as they are."""
    _compress("lz4")


def downgrade() -> None:
    """As PostgreSQL does it by itself."""
    _compress("pglz")


def _compress(how: str) -> None:
    """SQLite compresses nothing."""
    if op.get_bind().dialect.name == "postgresql":
        known = "SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'"
        if how in op.get_bind().exec_driver_sql(known).scalar_one():
            op.execute(f"ALTER TABLE answer ALTER COLUMN body SET COMPRESSION {how}")
