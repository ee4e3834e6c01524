"""Categories, items, reserve floors and lots."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "category",
        sa.Column("code", sa.String(length=7), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_category"),
    )
    op.create_table(
        "item",
        sa.Column("id", Id, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("unit_zh", sa.String(length=20), nullable=False),
        sa.Column("unit_en", sa.String(length=20), nullable=False),
        sa.Column("pack_size", sa.BigInteger(), nullable=False),
        sa.Column("weight_g", sa.BigInteger(), nullable=False),
        sa.Column("volume_cm3", sa.BigInteger(), nullable=False),
        sa.Column("shelf_life_days", sa.BigInteger(), nullable=True),
        sa.Column("durable", sa.Boolean(), nullable=False),
        sa.Column("recoverable", sa.Boolean(), nullable=False),
        sa.Column("product_standard", sa.String(length=120), nullable=False),
        sa.Column("category_code", sa.String(length=7), nullable=False),
        sa.Column("norm_per_1000", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("pack_size > 0", name="ck_item_pack_size"),
        sa.CheckConstraint("weight_g >= 0 AND volume_cm3 >= 0", name="ck_item_measures"),
        sa.ForeignKeyConstraint(["category_code"], ["category.code"], name="fk_item_category_code"),
        sa.PrimaryKeyConstraint("id", name="pk_item"),
        sa.UniqueConstraint("code", name="uq_item_code"),
    )
    op.create_table(
        "reserve_floor",
        sa.Column("depot_id", Id, nullable=False),
        sa.Column("item_id", Id, nullable=False),
        sa.Column("quantity_units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity_units >= 0", name="ck_reserve_floor_positive"),
        sa.ForeignKeyConstraint(["depot_id"], ["depot.id"], name="fk_reserve_floor_depot_id"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_reserve_floor_item_id"),
        sa.PrimaryKeyConstraint("depot_id", "item_id", name="pk_reserve_floor"),
    )
    op.create_table(
        "lot",
        sa.Column("id", Id, nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("item_id", Id, nullable=False),
        sa.Column("owner_id", Id, nullable=False),
        sa.Column("earmark_id", Id, nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("produced_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("origin", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["earmark_id"], ["division.id"], name="fk_lot_earmark_id"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_lot_item_id"),
        sa.ForeignKeyConstraint(["owner_id"], ["division.id"], name="fk_lot_owner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lot"),
        sa.UniqueConstraint("identity", name="uq_lot_identity"),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("lot")
    op.drop_table("reserve_floor")
    op.drop_table("item")
    op.drop_table("category")
