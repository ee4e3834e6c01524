"""Requests and their lines."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from supplyhub.persistence.rows.base import Row, primary_key


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
