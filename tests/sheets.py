"""Sheets as people make them: one table written as CSV, in one of its dialects, or as a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import xlsxwriter

Rows = Sequence[Sequence[Any]]


def as_csv(rows: Rows, *, encoding: str = "utf-8-sig", delimiter: str = ",", newline: str = "\r\n") -> bytes:
    """The table as text, as spreadsheets save it."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=newline).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(
    rows: Rows, sheets: Mapping[str, Rows] | None = None, *, first: str = "Sheet1", merged: Sequence[str] = ()
) -> bytes:
    """The table as a workbook, with further sheets after it, and blocks of cells merged in the first."""
    content = io.BytesIO()
    settings = {"in_memory": True, "default_date_format": "yyyy-mm-dd", "strings_to_formulas": False}
    with xlsxwriter.Workbook(content, settings) as book:
        for name, table in {first: rows, **(sheets or {})}.items():
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(table):
                for column, value in enumerate(cells):
                    if isinstance(value, date):
                        sheet.write_datetime(row, column, value)
                    elif value not in (None, ""):
                        sheet.write(row, column, value)
        for block in merged:
            top = rows[int(block[1]) - 1]["ABCDEFGH".index(block[0])]
            book.worksheets()[0].merge_range(block, top)
    return content.getvalue()
