"""Orders that hold stock are found by their age: those that nobody dispatches lapse."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

INDEX, HOLDING = "ix_transfer_order_made_at", "status = 'approved'"


def upgrade() -> None:
    """The few that hold, however many have ended."""
    where = {f"{op.get_bind().dialect.name}_where": sa.text(HOLDING)}
    op.create_index(INDEX, "transfer_order", ["made_at"], **where)  # type: ignore[arg-type]  # a dialect's own keyword


def downgrade() -> None:
    """Without."""
    op.drop_index(INDEX, "transfer_order")
