"""Transfer orders and their lines."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "transfer_order",
        sa.Column("id", Id, nullable=False),
        sa.Column("plan_id", Id, nullable=True),
        sa.Column("from_depot_id", Id, nullable=False),
        sa.Column("from_pos", sa.BigInteger(), nullable=False),
        sa.Column("to_division_id", Id, nullable=False),
        sa.Column("to_depot_id", Id, nullable=True),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["from_depot_id"], ["depot.id"], name="fk_transfer_order_from_depot_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_transfer_order_plan_id"),
        sa.ForeignKeyConstraint(["to_depot_id"], ["depot.id"], name="fk_transfer_order_to_depot_id"),
        sa.ForeignKeyConstraint(["to_division_id"], ["division.id"], name="fk_transfer_order_to_division_id"),
        sa.PrimaryKeyConstraint("id", name="pk_transfer_order"),
    )
    op.create_index("ix_transfer_order_from_depot_id_status", "transfer_order", ["from_depot_id", "status"])
    op.create_index("ix_transfer_order_from_pos", "transfer_order", ["from_pos"])
    op.create_index("ix_transfer_order_plan_id", "transfer_order", ["plan_id"])
    op.create_index("ix_transfer_order_pos", "transfer_order", ["pos"])
    op.create_table(
        "order_line",
        sa.Column("id", Id, nullable=False),
        sa.Column("order_id", Id, nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("request_line_id", Id, nullable=True),
        sa.Column("division_id", Id, nullable=False),
        sa.Column("item_id", Id, nullable=False),
        sa.Column("lot_id", Id, nullable=False),
        sa.Column("quantity_units", sa.BigInteger(), nullable=False),
        sa.Column("received_units", sa.BigInteger(), nullable=False),
        sa.Column("lost_units", sa.BigInteger(), nullable=False),
        sa.Column("loss_reason", sa.String(length=16), nullable=False),
        sa.CheckConstraint("quantity_units > 0", name="ck_order_line_positive"),
        sa.CheckConstraint("received_units + lost_units <= quantity_units", name="ck_order_line_arrival"),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name="fk_order_line_division_id"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_order_line_item_id"),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name="fk_order_line_lot_id"),
        sa.ForeignKeyConstraint(["order_id"], ["transfer_order.id"], name="fk_order_line_order_id"),
        sa.ForeignKeyConstraint(["request_line_id"], ["request_line.id"], name="fk_order_line_request_line_id"),
        sa.PrimaryKeyConstraint("id", name="pk_order_line"),
        sa.UniqueConstraint("order_id", "line", name="uq_order_line_order_id_line"),
    )
    op.create_index("ix_order_line_request_line_id", "order_line", ["request_line_id"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("order_line")
    op.drop_table("transfer_order")
