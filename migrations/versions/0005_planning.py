"""Runs, their jobs, plans and approvals."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "planning_run",
        sa.Column("id", Id, nullable=False),
        sa.Column("division_id", Id, nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("made_by", Id, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("phase", sa.String(length=32), nullable=False),
        sa.Column("done_steps", sa.BigInteger(), nullable=False),
        sa.Column("total_steps", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("error_facts", sa.JSON(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name="fk_planning_run_division_id"),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name="fk_planning_run_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_planning_run"),
    )
    op.create_index("ix_planning_run_pos", "planning_run", ["pos"])
    op.create_table(
        "job",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("worker", sa.String(length=64), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    op.create_index("ix_job_state_id", "job", ["state", "id"])
    op.create_table(
        "plan",
        sa.Column("id", Id, nullable=False),
        sa.Column("run_id", Id, nullable=False),
        sa.Column("division_id", Id, nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("solver_version", sa.String(length=32), nullable=False),
        sa.Column("proved", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("overview", sa.JSON(), nullable=False),
        sa.Column("seconds", sa.JSON(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decision_note", sa.String(length=400), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name="fk_plan_division_id"),
        sa.ForeignKeyConstraint(["run_id"], ["planning_run.id"], name="fk_plan_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan"),
        sa.UniqueConstraint("run_id", name="uq_plan_run_id"),
    )
    op.create_index("ix_plan_pos", "plan", ["pos"])
    op.create_table(
        "approval",
        sa.Column("id", Id, nullable=False),
        sa.Column("plan_id", Id, nullable=False),
        sa.Column("item_id", Id, nullable=True),
        sa.Column("division_id", Id, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("ordered_count", sa.BigInteger(), nullable=False),
        sa.Column("refused_count", sa.BigInteger(), nullable=False),
        sa.Column("total_count", sa.BigInteger(), nullable=False),
        sa.Column("next_depot_id", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name="fk_approval_division_id"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_approval_item_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_approval_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_approval"),
    )
    op.create_index("ix_approval_plan_id", "approval", ["plan_id"])
    op.create_table(
        "plan_line",
        sa.Column("plan_id", Id, nullable=False),
        sa.Column("request_line_id", Id, nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("division_id", sa.BigInteger(), nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("requested_units", sa.BigInteger(), nullable=False),
        sa.Column("granted_units", sa.BigInteger(), nullable=False),
        sa.Column("fill_millionths", sa.BigInteger(), nullable=False),
        sa.Column("weight_thousandths", sa.BigInteger(), nullable=False),
        sa.Column("limited_by", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_plan_line_plan_id"),
        sa.ForeignKeyConstraint(["request_line_id"], ["request_line.id"], name="fk_plan_line_request_line_id"),
        sa.PrimaryKeyConstraint("plan_id", "request_line_id", name="pk_plan_line"),
    )
    op.create_index("ix_plan_line_plan_id_pos", "plan_line", ["plan_id", "pos"])
    op.create_index("ix_plan_line_request_line_id", "plan_line", ["request_line_id"])
    op.create_table(
        "plan_shipment",
        sa.Column("id", Id, nullable=False),
        sa.Column("plan_id", Id, nullable=False),
        sa.Column("request_line_id", sa.BigInteger(), nullable=False),
        sa.Column("depot_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("division_id", sa.BigInteger(), nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("quantity_units", sa.BigInteger(), nullable=False),
        sa.Column("metres", sa.BigInteger(), nullable=False),
        sa.Column("hours", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("refusal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("state IN ('open', 'ordered', 'refused', 'left')", name="ck_plan_shipment_state"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_plan_shipment_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_shipment"),
    )
    op.create_index("ix_plan_shipment_plan_id_request_line_id", "plan_shipment", ["plan_id", "request_line_id"])
    op.create_index("ix_plan_shipment_plan_id_state_depot_id", "plan_shipment", ["plan_id", "state", "depot_id"])
    op.create_table(
        "plan_flow",
        sa.Column("plan_id", Id, nullable=False),
        sa.Column("from_code", sa.String(length=64), nullable=False),
        sa.Column("to_code", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity_units", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_plan_flow_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", "from_code", "to_code", "item_id", name="pk_plan_flow"),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("plan_flow")
    op.drop_table("plan_shipment")
    op.drop_table("plan_line")
    op.drop_table("approval")
    op.drop_table("plan")
    op.drop_table("job")
    op.drop_table("planning_run")
