"""Divisions, institutions, depots and ways."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "division",
        sa.Column("id", Id, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("parent_id", Id, nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("population", sa.BigInteger(), nullable=True),
        sa.Column("population_source", sa.String(length=60), nullable=False),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("metres_to_parent", sa.BigInteger(), nullable=False),
        sa.Column("risk_class", sa.String(length=16), nullable=False),
        sa.Column("weight_thousandths", sa.BigInteger(), nullable=False),
        sa.Column("lo", sa.BigInteger(), nullable=False),
        sa.Column("hi", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("lo < hi", name="ck_division_interval"),
        sa.CheckConstraint("population IS NULL OR population >= 0", name="ck_division_population"),
        sa.CheckConstraint("weight_thousandths > 0", name="ck_division_weight"),
        sa.ForeignKeyConstraint(["parent_id"], ["division.id"], name="fk_division_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_division"),
        sa.UniqueConstraint("code", "valid_from", name="uq_division_code_valid_from"),
    )
    op.create_index("ix_division_lo", "division", ["lo"])
    op.create_index("ix_division_parent_id", "division", ["parent_id"])
    op.create_table(
        "institution",
        sa.Column("id", Id, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("division_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name="fk_institution_division_id"),
        sa.PrimaryKeyConstraint("id", name="pk_institution"),
        sa.UniqueConstraint("code", name="uq_institution_code"),
    )
    op.create_index("ix_institution_division_id", "institution", ["division_id"])
    op.create_table(
        "depot",
        sa.Column("id", Id, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("division_id", Id, nullable=False),
        sa.Column("custodian_id", Id, nullable=False),
        sa.Column("metres_to_division", sa.BigInteger(), nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["custodian_id"], ["division.id"], name="fk_depot_custodian_id"),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name="fk_depot_division_id"),
        sa.PrimaryKeyConstraint("id", name="pk_depot"),
        sa.UniqueConstraint("code", name="uq_depot_code"),
    )
    op.create_index("ix_depot_custodian_id", "depot", ["custodian_id"])
    op.create_index("ix_depot_division_id", "depot", ["division_id"])
    op.create_index("ix_depot_pos", "depot", ["pos"])
    op.create_table(
        "way",
        sa.Column("id", Id, nullable=False),
        sa.Column("from_code", sa.String(length=64), nullable=False),
        sa.Column("to_code", sa.String(length=64), nullable=False),
        sa.Column("item_key", sa.String(length=64), nullable=False),
        sa.Column("metres", sa.BigInteger(), nullable=False),
        sa.Column("penalty_metres", sa.BigInteger(), nullable=False),
        sa.Column("capacity_units", sa.BigInteger(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("hours_thousandths", sa.BigInteger(), nullable=True),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("capacity_units IS NULL OR capacity_units >= 0", name="ck_way_capacity"),
        sa.PrimaryKeyConstraint("id", name="pk_way"),
    )
    op.create_index("uq_way_ends_item", "way", ["from_code", "to_code", "item_key"], unique=True)


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("way")
    op.drop_table("depot")
    op.drop_table("institution")
    op.drop_table("division")
