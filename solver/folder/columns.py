"""Arrays as the columns of text that a CSV file holds, written slice by slice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from solver.folder.packed import opened_to_write
from solver.problem import NO_EXPIRY, Bool, Int32, Int64, Problem, Texts

_QUOTED = [",", '"', "\n", "\r"]
SLICE_ROWS = 2**19
"""Rows turned into text at a time: more is hardly faster, and a nation's shipments as text would fill the memory."""

Columns = Mapping[str, Texts | npt.NDArray[Any]]
Rows = slice | Int64
"""Rows of a table that stand together, or one by one."""


def write_table(path: Path, rows: int, columns: Callable[[slice], Columns], *, quoted: bool = True) -> None:
    """UTF-8 CSV with a header row; nothing stands where a text is empty. `columns` gives the columns of some rows.

    `quoted`: whether a text may need quotes; to look at each takes a third of the time.
    """
    quotes: Literal["necessary", "never"] = "necessary" if quoted else "never"
    with opened_to_write(path) as file:
        for start in range(0, max(rows, 1), SLICE_ROWS):
            frame = pl.DataFrame(columns(slice(start, start + SLICE_ROWS)))
            blank = frame.with_columns(pl.col(pl.String).replace("", None))
            blank.write_csv(file, include_header=start == 0, quote_style=quotes)


def needs_quotes(problem: Problem) -> bool:
    """Whether an id, a lot or a code of the problem cannot stand in a CSV file without quotes."""
    texts = (
        problem.demand.ids,
        problem.stock.lot,
        problem.divisions.codes,
        problem.depots.codes,
        problem.items.codes,
    )
    return any(pl.Series(text, dtype=pl.String).str.contains_any(_QUOTED).any() for text in texts)


def ending(compressed: bool) -> str:
    """How the name of a table's file ends."""
    return ".csv.gz" if compressed else ".csv"


def node_codes(problem: Problem) -> pl.Series:
    """Code of each node, divisions first."""
    both = problem.divisions.codes, problem.depots.codes
    return pl.concat([pl.Series("code", codes, dtype=pl.String) for codes in both]).rechunk()


def named(codes: Texts | tuple[str, ...], rows: npt.NDArray[np.integer[Any]]) -> pl.Series:
    """The code of each row, blank for -1."""
    places = pl.Series(rows)
    if len(rows) and rows.min() < 0:
        places = places.set(places < 0, None)
    return pl.Series(codes, dtype=pl.String).gather(places)


def with_decimals(numbers: Int64, places: int) -> pl.Series:
    """Whole numbers of 10**-places as decimals, written with all their places."""
    unit = pl.Series([Decimal(1).scaleb(-places)], dtype=pl.Decimal(38, places))
    return pl.Series(numbers).cast(pl.Decimal(38, 0)) * unit


def blank_where(numbers: npt.NDArray[np.integer[Any]], blank: Bool) -> pl.Series:
    """Numbers, some of them left blank."""
    return pl.Series(numbers).set(pl.Series(blank), None)


def dates(days: Int32) -> pl.Series:
    """Days since 1970-01-01 as dates, blank for NO_EXPIRY."""
    return blank_where(days, days == NO_EXPIRY).cast(pl.Date)


def mapped(numbers: Int64, text: Callable[[int], str]) -> pl.Series:
    """The text of each number; few of them are distinct."""
    rows = pl.Series(numbers)
    distinct = rows.unique()
    texts = pl.Series([text(number) for number in distinct.to_list()], dtype=pl.String)
    return rows.replace_strict(distinct, texts, return_dtype=pl.String)
