"""Some rows of a table, or the rows of two tables after one another, whatever the table's columns are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
import polars as pl

from solver.problem.tables import Demand, Depots, Divisions, Int64, Items, Links, Stock

Table = TypeVar("Table", Divisions, Depots, Items, Stock, Demand, Links)


def taken(table: Table, rows: Int64, *, leave_out: Sequence[str] = ()) -> Table:
    """These rows of a table, in this order. Columns left out are None."""
    columns: dict[str, Any] = {name: _some(column, rows) for name, column in _columns(table) if name not in leave_out}
    columns |= dict.fromkeys(leave_out)
    return type(table)(**columns)


def stacked(table: Table, other: Table) -> Table:
    """All rows of one table, then all of another; what stands once for a table is the first one's."""
    others = dict(_columns(other))
    columns: dict[str, Any] = {name: _both(column, others[name]) for name, column in _columns(table)}
    return type(table)(**columns)


def _columns(table: Table) -> list[tuple[str, Any]]:
    return [(part.name, getattr(table, part.name)) for part in fields(table)]


def _some(column: Any, rows: Int64) -> Any:
    if isinstance(column, np.ndarray):
        return column[rows]
    if isinstance(column, pl.Series):
        return column.gather(rows)
    return [column[row] for row in rows.tolist()] if isinstance(column, list) else column


def _both(column: Any, other: Any) -> Any:
    if isinstance(column, np.ndarray):
        return np.concatenate([column, other])
    return [*column, *other] if isinstance(column, list | pl.Series) else column
