"""Accounts, balances, postings, movements, reservations; history is only appended."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


APPENDED = ("posting", "answer", "movement")
"""Tables of history: no row of theirs is ever changed or deleted, whoever asks."""


def upgrade() -> None:
    """Make the tables, and forbid rewriting history in the database itself."""
    op.create_table(
        "account",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("division_id", Id, nullable=False),
        sa.Column("depot_id", Id, nullable=True),
        sa.Column("order_id", Id, nullable=True),
        sa.Column("condition", sa.String(length=16), nullable=True),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("floored", sa.Boolean(), nullable=False),
        sa.CheckConstraint("floored = (kind IN ('on_hand', 'transit'))", name="ck_account_floored"),
        sa.ForeignKeyConstraint(["depot_id"], ["depot.id"], name="fk_account_depot_id"),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name="fk_account_division_id"),
        sa.ForeignKeyConstraint(["order_id"], ["transfer_order.id"], name="fk_account_order_id"),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("key", name="uq_account_key"),
    )
    op.create_index("ix_account_depot_id", "account", ["depot_id"])
    op.create_index("ix_account_order_id", "account", ["order_id"])
    op.create_table(
        "balance",
        sa.Column("account_id", Id, nullable=False),
        sa.Column("lot_id", Id, nullable=False),
        sa.Column("item_id", Id, nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("on_hand >= 0", name="ck_balance_floor"),
        sa.CheckConstraint("reserved BETWEEN 0 AND on_hand", name="ck_balance_reserved"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_balance_account_id"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_balance_item_id"),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name="fk_balance_lot_id"),
        sa.PrimaryKeyConstraint("account_id", "lot_id", name="pk_balance"),
    )
    op.create_index("ix_balance_item_id_pos", "balance", ["item_id", "pos"])
    op.create_table(
        "posting",
        sa.Column("id", Id, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("idem_key", sa.String(length=200), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.String(length=32), nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("reverses_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["reverses_id"], ["posting.id"], name="fk_posting_reverses_id"),
        sa.PrimaryKeyConstraint("id", name="pk_posting"),
        sa.UniqueConstraint("reverses_id", name="uq_posting_reverses_id"),
        sa.UniqueConstraint("tenant_id", "idem_key", name="uq_posting_tenant_id_idem_key"),
    )
    op.create_index("ix_posting_pos_id", "posting", ["pos", "id"])
    op.create_table(
        "posting_note",
        sa.Column("posting_id", Id, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name="fk_posting_note_posting_id"),
        sa.PrimaryKeyConstraint("posting_id", name="pk_posting_note"),
    )
    op.create_table(
        "answer",
        sa.Column("posting_id", Id, nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name="fk_answer_posting_id"),
        sa.PrimaryKeyConstraint("posting_id", name="pk_answer"),
    )
    op.create_table(
        "movement",
        sa.Column("id", Id, nullable=False),
        sa.Column("posting_id", Id, nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("from_account_id", Id, nullable=False),
        sa.Column("to_account_id", Id, nullable=False),
        sa.Column("item_id", Id, nullable=False),
        sa.Column("lot_id", Id, nullable=False),
        sa.Column("quantity_units", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("from_version", sa.BigInteger(), nullable=True),
        sa.Column("from_after", sa.BigInteger(), nullable=True),
        sa.Column("from_hash", sa.LargeBinary(), nullable=True),
        sa.Column("to_version", sa.BigInteger(), nullable=True),
        sa.Column("to_after", sa.BigInteger(), nullable=True),
        sa.Column("to_hash", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("from_account_id <> to_account_id", name="ck_movement_two_accounts"),
        sa.CheckConstraint("from_after >= 0 AND to_after >= 0", name="ck_movement_floors"),
        sa.CheckConstraint("quantity_units > 0", name="ck_movement_positive"),
        sa.ForeignKeyConstraint(["from_account_id"], ["account.id"], name="fk_movement_from_account_id"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_movement_item_id"),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name="fk_movement_lot_id"),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name="fk_movement_posting_id"),
        sa.ForeignKeyConstraint(["to_account_id"], ["account.id"], name="fk_movement_to_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_movement"),
        sa.UniqueConstraint("posting_id", "line", name="uq_movement_posting_id_line"),
    )
    op.create_index(
        "ix_movement_from_account_id_lot_id_from_version", "movement", ["from_account_id", "lot_id", "from_version"]
    )
    op.create_index(
        "ix_movement_to_account_id_lot_id_to_version", "movement", ["to_account_id", "lot_id", "to_version"]
    )
    op.create_table(
        "reservation",
        sa.Column("id", Id, nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("lot_id", Id, nullable=False),
        sa.Column("quantity_units", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("order_line_id", Id, nullable=False),
        sa.CheckConstraint("state IN ('held', 'consumed', 'released')", name="ck_reservation_state"),
        sa.CheckConstraint("quantity_units > 0", name="ck_reservation_positive"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_reservation_account_id"),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name="fk_reservation_lot_id"),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_line.id"], name="fk_reservation_order_line_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reservation"),
        sa.UniqueConstraint("order_line_id", name="uq_reservation_order_line_id"),
    )
    op.create_index("ix_reservation_account_id_lot_id", "reservation", ["account_id", "lot_id"])
    if op.get_bind().dialect.name == "sqlite":
        for table in APPENDED:
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'history is only appended'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'history is only appended'; END $$"
    )
    for table in APPENDED:
        op.execute(
            f"CREATE TRIGGER {table}_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
        )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("reservation")
    op.drop_table("movement")
    op.drop_table("answer")
    op.drop_table("posting_note")
    op.drop_table("posting")
    op.drop_table("balance")
    op.drop_table("account")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_rewriting()")
