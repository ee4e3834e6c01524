"""Columns as the database holds them: a value that is no date or no moment is read too, so that it can be named."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, type_coerce
from sqlalchemy.types import NullType

from supplyhub.persistence.rows import Row


def raw(row: type[Row]) -> list[ColumnElement[Any]]:
    """All columns of a table, untranslated, under their own names."""
    return [type_coerce(column, NullType()).label(column.name) for column in row.__table__.c]
