"""Sums of stock over every division's subtree, kept after the fact from the feed, for pages that show much at once."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables; nothing is rolled up yet, the worker begins with the first entry of the feed."""
    op.create_table(
        "stock_rollup",
        sa.Column("division_id", Id, nullable=False),
        sa.Column("item_id", Id, nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("in_transit", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name="fk_stock_rollup_division_id"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_stock_rollup_item_id"),
        sa.PrimaryKeyConstraint("division_id", "item_id", name="pk_stock_rollup"),
    )
    rolled_up = op.create_table(
        "rolled_up",
        sa.Column("id", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_rolled_up_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_rolled_up"),
    )
    op.bulk_insert(rolled_up, [{"id": 1, "seq": 0}])
    if op.get_bind().dialect.name == "postgresql":
        # As in 0011: the sums of a district are shown to it; how far they have come, to the installation alone.
        lo, hi = (f"(SELECT nullif(current_setting('supplyhub.{end}', true), '')::bigint)" for end in ("lo", "hi"))
        everywhere = "(SELECT current_setting('supplyhub.hi', true) = '9223372036854775807')"
        here = f"EXISTS (SELECT FROM division WHERE division.id = division_id AND lo >= {lo} AND lo < {hi})"
        for table, seen in (("stock_rollup", here), ("rolled_up", "false")):
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(
                f"CREATE POLICY {table}_district ON {table} "
                f"FOR ALL USING ({everywhere} OR {seen}) WITH CHECK ({everywhere})"
            )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("rolled_up")
    op.drop_table("stock_rollup")
