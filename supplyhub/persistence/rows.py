"""Every table, once: the same on SQLite and PostgreSQL but for types."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from supplyhub.domain.moments import from_micros, to_micros

Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in an INTEGER primary key."""


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored as UTC microseconds on both engines: what is hashed is what is stored."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else from_micros(int(value))


class Row(DeclarativeBase):
    """A table row; names of constraints follow one rule so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this class attribute as it is
        int: BigInteger,
        datetime: Moment,
        date: Date,
        bytes: LargeBinary,
        bool: Boolean,
        float: Float,
        str: String,
    }


def primary_key() -> Mapped[int]:
    """A row number given by the database."""
    return mapped_column(Id, primary_key=True)


# --- places ---------------------------------------------------------------------------------------------------


class DivisionRow(Row):
    __tablename__ = "division"
    __table_args__ = (
        UniqueConstraint("code", "valid_from"),
        CheckConstraint("lo < hi", name="interval"),
        CheckConstraint("population IS NULL OR population >= 0", name="population"),
        CheckConstraint("weight_thousandths > 0", name="weight"),
        Index(None, "parent_id"),
        Index(None, "lo"),
    )
    id: Mapped[int] = primary_key()
    code: Mapped[str] = mapped_column(String(32))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"))
    name: Mapped[str] = mapped_column(String(120))
    level: Mapped[str] = mapped_column(String(16))
    population: Mapped[int | None]
    population_source: Mapped[str] = mapped_column(String(60))
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    metres_to_parent: Mapped[int]
    risk_class: Mapped[str] = mapped_column(String(16))
    weight_thousandths: Mapped[int]
    lo: Mapped[int]
    hi: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class InstitutionRow(Row):
    __tablename__ = "institution"
    id: Mapped[int] = primary_key()
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)


class DepotRow(Row):
    __tablename__ = "depot"
    id: Mapped[int] = primary_key()
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(16))
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    custodian_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    metres_to_division: Mapped[int]
    pos: Mapped[int] = mapped_column(index=True)


# --- people ---------------------------------------------------------------------------------------------------


class UserRow(Row):
    __tablename__ = "user_account"
    id: Mapped[int] = primary_key()
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    active: Mapped[bool]
    demo: Mapped[bool]
    created_at: Mapped[datetime]


class TokenRow(Row):
    __tablename__ = "token"
    id: Mapped[int] = primary_key()
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class FailedSignInRow(Row):
    __tablename__ = "failed_sign_in"
    __table_args__ = (Index(None, "username", "at"),)
    id: Mapped[int] = primary_key()
    username: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


# --- catalogue ------------------------------------------------------------------------------------------------


class CategoryRow(Row):
    __tablename__ = "category"
    code: Mapped[str] = mapped_column(String(7), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(String(60))


class ItemRow(Row):
    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint("pack_size > 0", name="pack_size"),
        CheckConstraint("weight_g >= 0 AND volume_cm3 >= 0", name="measures"),
    )
    id: Mapped[int] = primary_key()
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name_zh: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    unit_zh: Mapped[str] = mapped_column(String(20))
    unit_en: Mapped[str] = mapped_column(String(20))
    pack_size: Mapped[int]
    weight_g: Mapped[int]
    volume_cm3: Mapped[int]
    shelf_life_days: Mapped[int | None]
    durable: Mapped[bool]
    recoverable: Mapped[bool]
    product_standard: Mapped[str] = mapped_column(String(120))
    category_code: Mapped[str] = mapped_column(ForeignKey("category.code"))
    norm_per_1000: Mapped[int | None]


# --- stock: the ledger ----------------------------------------------------------------------------------------


class AccountRow(Row):
    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("floored = (kind IN ('on_hand', 'transit'))", name="floored"),
        Index(None, "depot_id"),
        Index(None, "order_id"),
    )
    id: Mapped[int] = primary_key()
    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    depot_id: Mapped[int | None] = mapped_column(ForeignKey("depot.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("transfer_order.id"))
    condition: Mapped[str | None] = mapped_column(String(16))
    pos: Mapped[int]
    floored: Mapped[bool]


class LotRow(Row):
    __tablename__ = "lot"
    id: Mapped[int] = primary_key()
    identity: Mapped[str] = mapped_column(String(64), unique=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    earmark_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"))
    code: Mapped[str] = mapped_column(String(64))
    produced_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    origin: Mapped[str] = mapped_column(String(120))


class BalanceRow(Row):
    __tablename__ = "balance"
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="floor"),
        CheckConstraint("reserved BETWEEN 0 AND on_hand", name="reserved"),
        # No INCLUDE of columns that change: an update must stay heap-only on PostgreSQL.
        Index(None, "item_id", "pos"),
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    pos: Mapped[int]
    on_hand: Mapped[int]
    reserved: Mapped[int]
    version: Mapped[int]
    hash: Mapped[bytes]


class PostingRow(Row):
    __tablename__ = "posting"
    __table_args__ = (UniqueConstraint("tenant_id", "idem_key"), Index(None, "pos", "id"))
    id: Mapped[int] = primary_key()
    tenant_id: Mapped[int]
    idem_key: Mapped[str] = mapped_column(String(200))
    body_sha256: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[int]
    verb: Mapped[str] = mapped_column(String(32))
    pos: Mapped[int]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("posting.id"), unique=True)


class PostingNoteRow(Row):
    """Free text about a posting: erasable, and outside the chain."""

    __tablename__ = "posting_note"
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"), primary_key=True)
    note: Mapped[str] = mapped_column(Text)


class AnswerRow(Row):
    __tablename__ = "answer"
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"), primary_key=True)
    status: Mapped[int] = mapped_column(SmallInteger)
    location: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)


class MovementRow(Row):
    __tablename__ = "movement"
    __table_args__ = (
        UniqueConstraint("posting_id", "line"),
        CheckConstraint("quantity_units > 0", name="positive"),
        CheckConstraint("from_account_id <> to_account_id", name="two_accounts"),
        CheckConstraint("from_after >= 0 AND to_after >= 0", name="floors"),
        Index(None, "from_account_id", "lot_id", "from_version"),
        Index(None, "to_account_id", "lot_id", "to_version"),
    )
    id: Mapped[int] = primary_key()
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    line: Mapped[int]
    from_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    to_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    quantity_units: Mapped[int]
    reason: Mapped[str] = mapped_column(String(16))
    from_version: Mapped[int | None]
    from_after: Mapped[int | None]
    from_hash: Mapped[bytes | None]
    to_version: Mapped[int | None]
    to_after: Mapped[int | None]
    to_hash: Mapped[bytes | None]


class ReservationRow(Row):
    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("quantity_units > 0", name="positive"),
        CheckConstraint("state IN ('held', 'consumed', 'released')", name="state"),
        Index(None, "account_id", "lot_id"),
    )
    id: Mapped[int] = primary_key()
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    quantity_units: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id"), unique=True)


# --- reserves -------------------------------------------------------------------------------------------------


class ReserveFloorRow(Row):
    """How much of an item a depot holds back (保底)."""

    __tablename__ = "reserve_floor"
    __table_args__ = (CheckConstraint("quantity_units >= 0", name="positive"),)
    depot_id: Mapped[int] = mapped_column(ForeignKey("depot.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    quantity_units: Mapped[int]


class WayRow(Row):
    """A way of its own between two nodes: a direct link, a road cut, or a limit on what stands between them."""

    __tablename__ = "way"
    __table_args__ = (
        CheckConstraint("capacity_units IS NULL OR capacity_units >= 0", name="capacity"),
        Index("uq_way_ends_item", "from_code", "to_code", "item_key", unique=True),
    )
    id: Mapped[int] = primary_key()
    from_code: Mapped[str] = mapped_column(String(64))
    to_code: Mapped[str] = mapped_column(String(64))
    item_key: Mapped[str] = mapped_column(String(64))
    metres: Mapped[int]
    penalty_metres: Mapped[int]
    capacity_units: Mapped[int | None]
    open: Mapped[bool]
    hours_thousandths: Mapped[int | None]
    pos: Mapped[int]


# --- requests -------------------------------------------------------------------------------------------------


class RequestRow(Row):
    __tablename__ = "request"
    id: Mapped[int] = primary_key()
    township_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    pos: Mapped[int] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(400))
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime]
    version: Mapped[int]


class RequestLineRow(Row):
    __tablename__ = "request_line"
    __table_args__ = (
        UniqueConstraint("request_id", "line"),
        CheckConstraint("quantity_units IS NULL OR quantity_units >= 0", name="quantity"),
        CheckConstraint("priority BETWEEN 1 AND 4", name="priority"),
        CheckConstraint("ordered_units BETWEEN 0 AND ceiling_units", name="ordered"),
        Index(None, "pos"),
        Index(None, "item_id", "state"),
    )
    id: Mapped[int] = primary_key()
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"))
    line: Mapped[int]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    pos: Mapped[int]
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("institution.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    quantity_units: Mapped[int | None]
    ceiling_units: Mapped[int]
    ordered_units: Mapped[int]
    priority: Mapped[int] = mapped_column(SmallInteger)
    needed_by: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(400))
    override_reason: Mapped[str] = mapped_column(String(400))
    state: Mapped[str] = mapped_column(String(16))


# --- planning -------------------------------------------------------------------------------------------------


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


# --- transfers ------------------------------------------------------------------------------------------------


class OrderRow(Row):
    """A transfer order (调拨单): from one depot to one township office or depot."""

    __tablename__ = "transfer_order"
    __table_args__ = (Index(None, "plan_id"), Index(None, "from_depot_id", "status"), Index(None, "pos"))
    id: Mapped[int] = primary_key()
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"))
    from_depot_id: Mapped[int] = mapped_column(ForeignKey("depot.id"))
    from_pos: Mapped[int] = mapped_column(index=True)
    to_division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    to_depot_id: Mapped[int | None] = mapped_column(ForeignKey("depot.id"))
    pos: Mapped[int]
    status: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(400))
    made_by: Mapped[int]
    made_at: Mapped[datetime]
    version: Mapped[int]


class OrderLineRow(Row):
    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "line"),
        CheckConstraint("quantity_units > 0", name="positive"),
        CheckConstraint("received_units + lost_units <= quantity_units", name="arrival"),
        Index(None, "request_line_id"),
    )
    id: Mapped[int] = primary_key()
    order_id: Mapped[int] = mapped_column(ForeignKey("transfer_order.id"))
    line: Mapped[int]
    request_line_id: Mapped[int | None] = mapped_column(ForeignKey("request_line.id"))
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    quantity_units: Mapped[int]
    received_units: Mapped[int]
    lost_units: Mapped[int]
    loss_reason: Mapped[str] = mapped_column(String(16))
