"""Whose accounts a statement's movements name is asked once an account: PostgreSQL had asked once a movement."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"

LO = "(SELECT nullif(current_setting('supplyhub.lo', true), '')::bigint)"
HI = "(SELECT nullif(current_setting('supplyhub.hi', true), '')::bigint)"
ALL = "(SELECT current_setting('supplyhub.hi', true) = '9223372036854775807')"


def upgrade() -> None:
    """An OFFSET keeps the planner from asking below the UNION, where each account stands as often as it is moved."""
    _replace("OFFSET 0")


def downgrade() -> None:
    """As it was."""
    _replace("")


def _replace(fence: str) -> None:
    """SQLite has no such barrier."""
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_others_accounts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608 - ours
        "IF EXISTS (SELECT FROM "
        f"(SELECT from_account_id AS id FROM moved UNION SELECT to_account_id FROM moved {fence}) AS ends "
        f"WHERE NOT ({ALL} OR (account_pos(id) >= {LO} AND account_pos(id) < {HI}) OR shows_account(id))) "
        "THEN RAISE insufficient_privilege USING MESSAGE = 'row-level security: an account of somebody else'; END IF; "
        "RETURN NULL; END $$"
    )
