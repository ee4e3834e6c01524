"""Proofs of the ledger as workers make them: how far each is, what it found."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
ALL = "(SELECT current_setting('supplyhub.hi', true) = '9223372036854775807')"
"""The installation itself: districts read what a proof found through it, with what lies elsewhere left out."""
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "verification",
        sa.Column("id", Id, nullable=False),
        sa.Column("night", sa.Date(), nullable=True),
        sa.Column("made_by", Id, nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("phase", sa.String(length=32), nullable=False),
        sa.Column("done_steps", sa.BigInteger(), nullable=False),
        sa.Column("total_steps", sa.BigInteger(), nullable=False),
        sa.Column("upto_seq", sa.BigInteger(), nullable=False),
        sa.Column("movements", sa.BigInteger(), nullable=False),
        sa.Column("balances", sa.BigInteger(), nullable=False),
        sa.Column("fault_count", sa.BigInteger(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name="fk_verification_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_verification"),
        sa.UniqueConstraint("night", name="uq_verification_night"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE verification ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY verification_district ON verification FOR ALL USING ({ALL}) WITH CHECK ({ALL})")


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("verification")
