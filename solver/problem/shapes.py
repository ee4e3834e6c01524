"""Whether the columns of every table are arrays, lists or text of its length: what must hold before values matter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal

import numpy as np
import polars as pl

from solver.problem.tables import Demand, Depots, Divisions, Fault, Items, Links, Stock, Tables, Texts

Table = Divisions | Depots | Items | Stock | Demand | Links

_DTYPES: dict[str, dict[str, type[np.generic]]] = {
    "divisions": {"parent": np.int64, "level": np.int8, "metres_to_parent": np.int64, "population": np.int64},
    "depots": {"division": np.int64, "metres_to_division": np.int64},
    "items": {"pack_size": np.int64},
    "stock": {
        "depot": np.int64,
        "item": np.int64,
        "quantity": np.int64,
        "expires_on": np.int32,
        "reserve_floor": np.int64,
    },
    "demand": {
        "division": np.int64,
        "item": np.int64,
        "quantity": np.int64,
        "priority": np.int8,
        "weight_numerator": np.int64,
        "needed_within_hours_millionths": np.int64,
    },
    "links": {
        "from_node": np.int64,
        "to_node": np.int64,
        "item": np.int64,
        "metres": np.int64,
        "road_metres": np.int64,
        "capacity": np.int64,
        "open": np.bool_,
    },
}
_OPTIONAL = ("needed_within_hours_millionths",)
_TEXTS = {
    "divisions": ("codes", "names"),
    "depots": ("codes", "names", "kind"),
    "items": ("codes", "names", "unit", "category"),
    "stock": ("lot",),
    "demand": ("ids",),
}
_DECIMALS = (("items", "weight_kg"), ("links", "hours"))

TextColumns = dict[tuple[str, str], pl.Series]
"""Text columns by table and name."""


def find_shapes(tables: Tables) -> tuple[TextColumns, list[Fault]]:
    """Every text column as a Series of strings, and what is wrong with any column's length or type."""
    texts: TextColumns = {}
    faults = [*_array_faults(tables), *_list_faults(tables)]
    for table, columns in _TEXTS.items():
        for column in columns:
            found = _as_text(table, column, getattr(tables, table))
            if isinstance(found, pl.Series):
                texts[table, column] = found
            else:
                faults += found
    return texts, faults


def _rows(table: Table) -> int:
    """Rows of a table that may be malformed: the length of its first column that has one."""
    columns = (getattr(table, column.name) for column in fields(table))
    return next((len(column) for column in columns if isinstance(column, list | pl.Series) or np.ndim(column)), 0)


def _array_faults(tables: Tables) -> Iterator[Fault]:
    for table, dtypes in _DTYPES.items():
        columns = getattr(tables, table)
        rows = _rows(columns)
        for column, dtype in dtypes.items():
            array = getattr(columns, column)
            if array is None and column in _OPTIONAL:
                continue
            if not isinstance(array, np.ndarray) or array.dtype != dtype or array.shape != (rows,):
                found = f"{getattr(array, 'dtype', type(array).__name__)}{getattr(array, 'shape', '')}"
                yield _must_be(table, column, f"{np.dtype(dtype)}({rows},)", found)


def _must_be(table: str, column: str, allowed: str, found: str) -> Fault:
    return Fault(table, column, -1, f"应为 {allowed} 数组,实为 {found}", f"must be an array {allowed}, is {found}")


def _list_faults(tables: Tables) -> Iterator[Fault]:
    """Lists of decimals that are too long or too short, or hold something else."""
    for table, column in _DECIMALS:
        rows = _rows(getattr(tables, table))
        values = getattr(getattr(tables, table), column)
        if not isinstance(values, list) or len(values) != rows:
            yield _wrong_length(table, column, rows, values)
            continue
        for row, value in enumerate(values):
            if not isinstance(value, Decimal) and (value is not None or column != "hours"):
                yield Fault(table, column, row, f"{value!r} 不是 Decimal", f"{value!r} is no Decimal")


def _wrong_length(table: str, column: str, rows: int, values: object) -> Fault:
    found = str(len(values)) if isinstance(values, list | pl.Series) else type(values).__name__
    return Fault(table, column, -1, f"应有 {rows} 个值,实为 {found}", f"must have {rows} values, is {found}")


def _as_text(table: str, column: str, columns: Table) -> pl.Series | list[Fault]:
    """The column as a Series of strings, or why it is none."""
    values, rows = getattr(columns, column), _rows(columns)
    if not isinstance(values, list | pl.Series) or len(values) != rows:
        return [_wrong_length(table, column, rows, values)]
    if isinstance(values, pl.Series) and values.dtype != pl.String:
        return [_must_be(table, column, f"String({rows},)", f"{values.dtype}({rows},)")]
    try:
        texts = pl.Series(values, dtype=pl.String)
    except (TypeError, UnicodeEncodeError):
        return _no_texts(table, column, values)
    return _no_texts(table, column, texts) if texts.null_count() else texts


def _no_texts(table: str, column: str, values: Texts) -> list[Fault]:
    """Each value that is no text, or holds half of a surrogate pair, which no file could."""
    return [
        Fault(table, column, row, f"{value!r} 不是文本", f"{value!r} is no text")
        for row, value in enumerate(values)
        if not isinstance(value, str) or any("\ud800" <= mark <= "\udfff" for mark in value)
    ]
