"""Requests and their lines."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "request",
        sa.Column("id", Id, nullable=False),
        sa.Column("township_id", Id, nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("made_by", Id, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name="fk_request_made_by"),
        sa.ForeignKeyConstraint(["township_id"], ["division.id"], name="fk_request_township_id"),
        sa.PrimaryKeyConstraint("id", name="pk_request"),
    )
    op.create_index("ix_request_pos", "request", ["pos"])
    op.create_table(
        "request_line",
        sa.Column("id", Id, nullable=False),
        sa.Column("request_id", Id, nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("division_id", Id, nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", Id, nullable=True),
        sa.Column("item_id", Id, nullable=False),
        sa.Column("quantity_units", sa.BigInteger(), nullable=True),
        sa.Column("ceiling_units", sa.BigInteger(), nullable=False),
        sa.Column("ordered_units", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("needed_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("override_reason", sa.String(length=400), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.CheckConstraint("ordered_units BETWEEN 0 AND ceiling_units", name="ck_request_line_ordered"),
        sa.CheckConstraint("priority BETWEEN 1 AND 4", name="ck_request_line_priority"),
        sa.CheckConstraint("quantity_units IS NULL OR quantity_units >= 0", name="ck_request_line_quantity"),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name="fk_request_line_division_id"),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_request_line_institution_id"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_request_line_item_id"),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name="fk_request_line_request_id"),
        sa.PrimaryKeyConstraint("id", name="pk_request_line"),
        sa.UniqueConstraint("request_id", "line", name="uq_request_line_request_id_line"),
    )
    op.create_index("ix_request_line_item_id_state", "request_line", ["item_id", "state"])
    op.create_index("ix_request_line_pos", "request_line", ["pos"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("request_line")
    op.drop_table("request")
