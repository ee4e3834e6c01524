"""Transfer orders and their lines."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from supplyhub.persistence.rows.base import Row, primary_key

HOLDING = text("status = 'approved'")


class OrderRow(Row):
    """A transfer order (调拨单): from one depot to one township office or depot."""

    __tablename__ = "transfer_order"
    __table_args__ = (
        Index(None, "plan_id"),
        Index(None, "from_depot_id", "status"),
        Index(None, "pos"),
        Index(None, "made_at", postgresql_where=HOLDING, sqlite_where=HOLDING),
    )
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
