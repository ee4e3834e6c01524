"""Categories and items."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from supplyhub.persistence.rows.base import Row, primary_key


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
