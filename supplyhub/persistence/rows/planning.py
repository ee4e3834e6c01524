"""Runs, the queue, plans and approvals."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from supplyhub.persistence.rows.base import Row, primary_key


class RunRow(Row):
    __tablename__ = "planning_run"
    id: Mapped[int] = primary_key()
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    pos: Mapped[int] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(String(16))
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    phase: Mapped[str] = mapped_column(String(32))
    done_steps: Mapped[int]
    total_steps: Mapped[int]
    error: Mapped[str] = mapped_column(Text)
    error_facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int]


class JobRow(Row):
    """The queue: written in the transaction of what it is about, claimed with a lease, swept when that ran out."""

    __tablename__ = "job"
    __table_args__ = (Index(None, "state", "id"),)
    id: Mapped[int] = primary_key()
    kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int]
    lease_until: Mapped[datetime | None]
    worker: Mapped[str] = mapped_column(String(64))
    cancel_requested: Mapped[bool]


class PlanRow(Row):
    __tablename__ = "plan"
    id: Mapped[int] = primary_key()
    run_id: Mapped[int] = mapped_column(ForeignKey("planning_run.id"), unique=True)
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    pos: Mapped[int] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64))
    solver_version: Mapped[str] = mapped_column(String(32))
    proved: Mapped[bool]
    summary: Mapped[dict[str, Any]] = mapped_column(JSON)
    overview: Mapped[dict[str, Any]] = mapped_column(JSON)
    seconds: Mapped[dict[str, Any]] = mapped_column(JSON)
    snapshot: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(String(400))
    version: Mapped[int]


class PlanLineRow(Row):
    __tablename__ = "plan_line"
    __table_args__ = (Index(None, "plan_id", "pos"), Index(None, "request_line_id"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    request_line_id: Mapped[int] = mapped_column(ForeignKey("request_line.id"), primary_key=True)
    item_id: Mapped[int]
    division_id: Mapped[int]
    pos: Mapped[int]
    priority: Mapped[int] = mapped_column(SmallInteger)
    requested_units: Mapped[int]
    granted_units: Mapped[int]
    fill_millionths: Mapped[int]
    weight_thousandths: Mapped[int]
    limited_by: Mapped[str] = mapped_column(String(16))
    set_number: Mapped[int]


class PlanSetRow(Row):
    __tablename__ = "plan_set"
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int]
    first_line_id: Mapped[int]
    requests: Mapped[int]
    packs_missing: Mapped[int]
    limited_by: Mapped[str] = mapped_column(String(16))
    higher_class: Mapped[bool]
    remedies: Mapped[str] = mapped_column(Text)
    reason_zh: Mapped[str] = mapped_column(Text)
    reason_en: Mapped[str] = mapped_column(Text)


class PlanShipmentRow(Row):
    __tablename__ = "plan_shipment"
    __table_args__ = (
        Index(None, "plan_id", "state", "depot_id"),
        Index(None, "plan_id", "request_line_id"),
        CheckConstraint("state IN ('open', 'ordered', 'refused', 'left')", name="state"),
    )
    id: Mapped[int] = primary_key()
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    request_line_id: Mapped[int]
    depot_id: Mapped[int]
    lot_id: Mapped[int]
    item_id: Mapped[int]
    division_id: Mapped[int]
    pos: Mapped[int]
    quantity_units: Mapped[int]
    metres: Mapped[int]
    hours: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    refusal: Mapped[str] = mapped_column(String(64))


class ApprovalRow(Row):
    """Somebody's yes to a plan or a part of it, and how far turning it into orders has come."""

    __tablename__ = "approval"
    id: Mapped[int] = primary_key()
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    status: Mapped[str] = mapped_column(String(16))
    ordered_count: Mapped[int]
    refused_count: Mapped[int]
    total_count: Mapped[int]
    next_depot_id: Mapped[int]
    made_by: Mapped[int]
    made_at: Mapped[datetime]
    version: Mapped[int]


class PlanFlowRow(Row):
    __tablename__ = "plan_flow"
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    from_code: Mapped[str] = mapped_column(String(64), primary_key=True)
    to_code: Mapped[str] = mapped_column(String(64), primary_key=True)
    item_id: Mapped[int] = mapped_column(primary_key=True)
    quantity_units: Mapped[int]
