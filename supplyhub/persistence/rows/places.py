"""Divisions, institutions, depots, and ways of their own between two nodes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from supplyhub.persistence.rows.base import Row, primary_key


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
