"""Sets of a plan's lines that the same would help, with why they got less; each line's set."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table; lines of older plans have no set."""
    op.create_table(
        "plan_set",
        sa.Column("plan_id", Id, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("first_line_id", sa.BigInteger(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("packs_missing", sa.BigInteger(), nullable=False),
        sa.Column("limited_by", sa.String(length=16), nullable=False),
        sa.Column("higher_class", sa.Boolean(), nullable=False),
        sa.Column("remedies", sa.Text(), nullable=False),
        sa.Column("reason_zh", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_plan_set_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", "number", name="pk_plan_set"),
    )
    op.add_column("plan_line", sa.Column("set_number", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop them again."""
    op.drop_column("plan_line", "set_number")
    op.drop_table("plan_set")
