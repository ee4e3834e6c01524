"""What every table is made of: row numbers, moments, and one rule for the names of constraints."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Dialect,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
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
