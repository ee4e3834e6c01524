"""Reserve floors."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
)
from sqlalchemy.orm import Mapped, mapped_column

from supplyhub.persistence.rows.base import Row


class ReserveFloorRow(Row):
    """How much of an item a depot holds back (保底)."""

    __tablename__ = "reserve_floor"
    __table_args__ = (CheckConstraint("quantity_units >= 0", name="positive"),)
    depot_id: Mapped[int] = mapped_column(ForeignKey("depot.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    quantity_units: Mapped[int]
