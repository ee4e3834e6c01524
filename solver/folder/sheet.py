"""One CSV file as columns of text, turned into arrays; what cannot be turned is a fault with its line."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl

from solver.folder.lines import diagnose, record_lines, stray_return
from solver.folder.packed import NotGzip, contents, standing
from solver.problem import NO_EXPIRY, Bool, Fault, Int32, Int64

_KM = r"^[0-9]{1,12}(\.[0-9]{1,3})?$"
_DECIMAL = r"^[0-9]{1,9}(\.[0-9]{1,9})?$"


class Sheet:
    """The rows of one file. Conversions never raise: they note faults in `faults` and put a harmless value."""

    def __init__(
        self,
        folder: Path,
        file: str,
        required: Sequence[str],
        *,
        numbers: Sequence[str] = (),
        optional_file: bool = False,
    ) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self._path = folder / file
        self._frame = pl.DataFrame()
        self._rows = 0
        self._records: Int64 | None = None
        self._bad: set[tuple[str, int]] = set()
        self._unjudged: set[str] = set()
        self._lines: list[int] | None = None
        self._asked: set[str] = set()
        self._named: list[str] = []
        found = standing(folder, file)
        if len(found) == 1:
            self._path, self.file = found[0], found[0].name
            self._load(required, numbers)
        elif found:
            self.refuse_file(f"{file} 与 {file}.gz 并存,应只留其一", f"{file} and {file}.gz both stand; keep one")
        elif not optional_file:
            self.refuse_file("文件缺失", "the file is missing")

    def __len__(self) -> int:
        return self._rows

    def close(self) -> None:
        """Let go of the rows; faults, and lines for more of them, can still be asked for."""
        self._frame, self._rows = pl.DataFrame(), 0

    def has(self, column: str) -> bool:
        self._asked.add(column)
        return column in self._frame.columns

    def unread(self) -> list[str]:
        """Columns that nobody has asked for."""
        return [name for name in self._named if name not in self._asked]

    def codes(self, column: str = "code") -> pl.Series | None:
        """The codes that other files may name; None where this file or its column of codes is missing."""
        return self.text(column) if self.has(column) else None

    def refuse_file(self, zh: str, en: str, line: int = -1) -> None:
        """Note what is wrong with the file as a whole, or with the shape of one line."""
        self.faults.append(Fault(self.file, "", line, zh, en))

    def refuse(self, column: str, rows: Sequence[int], zh: str, en: str, *, show: bool = True) -> None:
        """Note the same fault for several rows of a column, each with the text that stands there."""
        values = self.text(column)
        for row in rows:
            if self.is_bad(column, row):
                continue
            self._bad.add((column, row))
            found = f"{values[row]!r}: " if show and self.has(column) else ""
            self.faults.append(Fault(self.file, column, self.line(row), found + zh, found + en))

    def is_bad(self, column: str, row: int) -> bool:
        """Whether a fault was already noted for this cell, or nothing can be said of its column."""
        return (column, row) in self._bad or column in self._unjudged

    def line(self, row: int) -> int:
        """Line of the file on which a row starts, from 1; quoted line breaks and blank lines counted."""
        if self._lines is None:
            self._lines = record_lines(contents(self._path))
        record = row if self._records is None else int(self._records[row])
        return self._lines[record] if record < len(self._lines) else record + 2

    def text(self, column: str, default: str = "") -> pl.Series:
        """The column as written, the default where the column is missing or blank."""
        if not self.has(column):
            return pl.Series(column, [default], dtype=pl.String).new_from_index(0, len(self))
        series = self._frame[column].cast(pl.String).fill_null("")
        if default:
            series = pl.select(pl.when(series == "").then(pl.lit(default)).otherwise(series)).to_series()
        return series

    def required_text(self, column: str) -> pl.Series:
        """A column in which nothing may be blank."""
        series = self.text(column)
        self._refuse_where(column, series == "", "不得为空", "must not be blank")
        return series

    def integers(self, column: str, default: str = "") -> Int64:
        """Whole numbers within int64; signs are read, so that the rule on ranges can name them."""
        numbers = self._numbers(column, default)
        if numbers.null_count():
            blank = self.text(column, default) == ""
            self._refuse_where(column, numbers.is_null() & blank, "不得为空", "must not be blank")
            self._refuse_where(
                column, numbers.is_null() & ~blank, "应为整数", "must be a whole number that can be counted"
            )
        read: Int64 = numbers.fill_null(1).to_numpy().copy()
        return read

    def _numbers(self, column: str, default: str) -> pl.Series:
        """The column as numbers, null where it is none."""
        if self.has(column) and self._frame[column].dtype == pl.Int64:
            numbers = self._frame[column]
            return numbers.fill_null(int(default)) if default else numbers
        series = self.text(column, default)
        # polars reads a plus sign where the model has none.
        return series.cast(pl.Int64, strict=False).set(series.str.starts_with("+"), None)

    def metres(self, column: str, default: str = "0") -> Int64:
        """Kilometres with at most three decimals, as whole metres."""
        series = self.text(column, default)
        wrong = ~series.str.contains(_KM)
        self._refuse_where(
            column,
            wrong,
            "应为非负公里数,至多三位小数",
            "must be a number of km, 0 or more, with at most three decimals",
        )
        return as_scaled(series, wrong, 3)

    def scaled(self, column: str, places: int, default: str) -> Int64:
        """Exact decimals of 0 or more, at most nine digits before and `places` after the point, times 10**places."""
        series = self.text(column, default)
        distinct = series.unique()
        # Zeros beyond the last place say nothing.
        wrong = ~distinct.str.contains(rf"^[0-9]{{1,9}}(\.[0-9]{{1,{places}}}0{{0,{9 - places}}})?$")
        place = lookup(series, distinct)
        self._refuse_where(
            column,
            wrong.gather(place),
            f"应为非负小数,小数点前至多九位,后至多{places}位",
            f"must be a decimal of 0 or more with at most nine digits before and {places} after the point",
        )
        numbers: Int64 = as_scaled(distinct, wrong, places)[place.to_numpy()]
        return numbers

    def decimals(self, column: str, default: str) -> list[Decimal]:
        """Exact decimals of 0 or more, at most nine digits before and nine after the point."""
        series = self.text(column, default)
        wrong = ~series.str.contains(_DECIMAL)
        self._refuse_where(
            column,
            wrong,
            "应为非负小数,小数点前后各至多九位",
            "must be a decimal of 0 or more with at most nine digits before and nine after the point",
        )
        series = pl.select(pl.when(wrong).then(pl.lit("1")).otherwise(series)).to_series()
        known = {value: Decimal(value) for value in series.unique().to_list()}
        return [known[value] for value in series.to_list()]

    def optional_decimals(self, column: str) -> list[Decimal | None]:
        """Exact decimals, None where blank."""
        named = (self.text(column) != "").to_list()
        values = self.decimals(column, "0")
        return [value if is_named else None for value, is_named in zip(values, named, strict=True)]

    def references(
        self, column: str, codes: Sequence[str] | pl.Series | None, what: tuple[str, str], *, blank: bool
    ) -> Int64:
        """Rows of the codes named; -1 for a blank one where that is allowed.

        `codes` is None where the file they stand in cannot be read: then no code here can be called unknown.
        """
        stand_in = -1 if blank else 0
        if codes is None:
            self._unjudged.add(column)
            return np.full(len(self), stand_in, dtype=np.int64)
        series = self.text(column)
        rows = lookup(series, codes)
        if rows.null_count():
            # A file of codes may hold a blank one, which is refused there.
            unknown = rows.is_null() & (series != "") if blank else rows.is_null()
            self._refuse_where(column, unknown, f"不是已知的{what[0]}代码", f"is not the code of a known {what[1]}")
        return rows.fill_null(stand_in).to_numpy().copy()

    def days(self, column: str) -> Int32:
        """ISO dates as days since 1970-01-01, NO_EXPIRY where blank."""
        series = self.text(column)
        dates = series.str.to_date("%Y-%m-%d", strict=False)
        wrong = (series != "") & (dates.is_null() | ~series.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))
        self._refuse_where(column, wrong, "应为 YYYY-MM-DD 的日期", "must be a date written YYYY-MM-DD")
        return dates.cast(pl.Int32).fill_null(NO_EXPIRY).to_numpy().copy()

    def booleans(self, column: str, default: str) -> Bool:
        """1, true, yes or 0, false, no, in any case of letters."""
        series = self.text(column, default).str.to_lowercase()
        true = series.is_in(["1", "true", "yes"])
        self._refuse_where(
            column,
            ~true & ~series.is_in(["0", "false", "no"]),
            "应为 1/true/yes 或 0/false/no",
            "must be 1, true, yes, 0, false or no",
        )
        return true.to_numpy().copy()

    def choices(self, column: str, allowed: Sequence[str], default: str = "") -> Int64:
        """Position of each value in `allowed`."""
        rows = lookup(self.text(column, default), allowed)
        self._refuse_where(
            column,
            rows.is_null(),
            f"不在 {' '.join(allowed)} 之中",
            f"must be one of {' '.join(allowed)}",
        )
        return rows.fill_null(0).to_numpy().copy()

    def _refuse_where(self, column: str, wrong: pl.Series, zh: str, en: str) -> None:
        if wrong.any():
            self.refuse(column, np.flatnonzero(wrong.to_numpy()).tolist(), zh, en)

    def _load(self, required: Sequence[str], numbers: Sequence[str]) -> None:
        try:
            raw = contents(self._path)
            if stray_return(raw):  # polars takes a file of such lines for one long header
                self.faults.extend(diagnose(self.file, raw))
                return
            frame = _read_csv(raw, numbers)
        except NotGzip as error:
            self.refuse_file(f"不是完整的 gzip 文件({error})", f"is no whole gzip file ({error})")
            return
        except (pl.exceptions.PolarsError, UnicodeDecodeError):
            self.faults.extend(diagnose(self.file, contents(self._path)))
            return
        if repeated := [name for name in frame.columns if "_duplicated_" in name]:
            self.refuse_file("表头有重复的列", f"the header names a column twice ({', '.join(repeated)})", 1)
        for column in required:
            if column not in frame.columns:
                self._unjudged.add(column)
                self.faults.append(Fault(self.file, column, 1, "缺少此列", "the column is missing"))
        frame = frame.with_columns(pl.col(pl.String).fill_null(""))
        if not any(_is_full(column) for column in frame):
            blank = frame.select(pl.all_horizontal(pl.col(pl.String) == "", pl.col(pl.Int64).is_null())).to_series()
            self._records = np.flatnonzero(~blank.to_numpy())
            frame = frame.filter(~blank)
        self._frame, self._rows, self._named = frame, frame.height, frame.columns


def _is_full(column: pl.Series) -> bool:
    """Whether no cell is blank; where one column is full, no line is."""
    return not (column.null_count() or (column.dtype == pl.String and (column == "").any()))


def _read_csv(raw: bytes, numbers: Sequence[str]) -> pl.DataFrame:
    """Columns of text, those of `numbers` as Int64 where each of their cells is one, or blank."""
    # polars reads numbers that stand after blanks or a plus sign, or before a carriage return; the model does not.
    if numbers and not any(mark in raw for mark in (b" ", b"+", b"\t", b"\r")):
        with suppress(pl.exceptions.ComputeError):
            return pl.read_csv(raw, infer_schema=False, schema_overrides=dict.fromkeys(numbers, pl.Int64))
    return pl.read_csv(raw, infer_schema=False)


def lookup(values: pl.Series, codes: Sequence[str] | pl.Series) -> pl.Series:
    """Position of each value among the codes (the first, where one stands twice), null where it is unknown."""
    known = pl.Series(codes, dtype=values.dtype)
    if known.dtype == pl.String and len(known) <= len(values) and known.n_unique() == len(known):
        return values.cast(pl.Enum(known), strict=False).to_physical().cast(pl.Int64)
    table = pl.DataFrame({"code": known}).with_row_index("row").unique("code", keep="first")
    asked = pl.DataFrame({"code": values})
    return asked.join(table, on="code", how="left", maintain_order="left")["row"].cast(pl.Int64)


def as_scaled(decimals: pl.Series, wrong: pl.Series, places: int) -> Int64:
    """Decimals times 10**places, 0 for those that are wrong."""
    numbers = decimals.cast(pl.Decimal(38, places), strict=False).to_physical().cast(pl.Int64, strict=False)
    return numbers.set(wrong, 0).to_numpy().copy()
