"""XLSX files as rows of texts, inflated and measured here before anything makes room for their cells."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from supplyhub.domain.refusals import Fault, InvalidInput, words
from supplyhub.schemas.cells import clean
from supplyhub.schemas.files import SheetFile

INFLATED_MAX = 32 * 1024 * 1024
"""Five thousand lines of twenty columns are ten of these mebibytes as XML."""
PARTS_MAX = 500
EXACT_BELOW = 10**15
"""Spreadsheets keep fifteen digits of a number; what is longer has lost some."""

MERGED = "\ufffcmerged"
"""What a cell says that is part of a block which begins in a row above."""

UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
"""How the standard library says that an archive is none, is cut off, or is locked."""

PLACE = re.compile(rb"(?<![\w:.-])r\s*=\s*[\"']([A-Za-z]*)(\d{0,9})")
"""Where rows and cells say they stand, and whatever else looks like it: no way of writing it hides one."""
ROW = re.compile(rb"<(?:[\w.-]+:)?row(?=[\s/>])")
PLACED_ROW = re.compile(rb"\s+r=\"\d")
UNPLACED_CELL = re.compile(rb"<(?:[\w.-]+:)?c(?=[\s/>])(?!\s+r=\"[A-Z]{1,3}\d)")
"""Cells that may not say where they stand, and so stand after the one before."""
FROM_1904 = re.compile(rb"date1904\s*=\s*[\"'](?:1|true)[\"']")
OTHER_DAYS = words("counts its days from 1904; switch that off, look at every day in it, and save it anew")
ERROR_CELL = re.compile(rb"(<(?:[\w.-]+:)?c\s[^<>]{0,200}?\st=\")e(\")")


def read_workbook(
    file: SheetFile, sheet: str, *, rows_max: int, cells_max: int
) -> Iterator[tuple[str, bool, list[tuple[int, list[str]]]]]:
    """(name, whether there are several, rows that hold anything) of each sheet that is shown, or of the one named.

    Raises InvalidInput for what is no workbook, or would fill more memory than a document can need.
    """
    packed = _repack(file, rows_max, cells_max)
    book: CalamineWorkbook = _guarded(file, lambda: CalamineWorkbook.from_filelike(io.BytesIO(packed)))
    shown = [
        found.name
        for found in book.sheets_metadata
        if found.typ is SheetTypeEnum.WorkSheet and (sheet or found.visible is SheetVisibleEnum.Visible)
    ]
    if sheet and sheet not in shown:
        message = words("has no sheet {sheet}; it has: {sheets}")
        facts = {"sheet": sheet[:40], "sheets": ", ".join(shown)[:400]}
        raise InvalidInput(faults=[Fault(file.name, message, facts)])
    for name in [sheet] if sheet else shown:
        yield name, len(shown) > 1, _rows(file, book, name, cells_max)


def _repack(file: SheetFile, rows_max: int, cells_max: int) -> bytes:
    """The workbook's XML as an archive that is what it says it is: inflated within bounds, every sheet measured."""
    packed, left, cells_left = io.BytesIO(), INFLATED_MAX, cells_max
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as sent, zipfile.ZipFile(packed, "w") as kept:
            parts = [part for part in sent.infolist() if part.filename.lower().endswith((".xml", ".rels"))]
            _must_be(file, len(parts) <= PARTS_MAX)
            for part in parts:
                if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise ValueError(part.compress_type)
                with sent.open(part) as stream:
                    xml = stream.read(left + 1)
                if part.filename.lower().endswith("workbook.xml") and FROM_1904.search(xml):
                    raise InvalidInput(faults=[Fault(file.name, OTHER_DAYS)])
                rows, columns = _extent(xml, rows_max, cells_max)
                left -= len(xml)
                cells_left -= rows * columns
                _must_be(file, left >= 0 and cells_left >= 0 and rows <= rows_max)
                kept.writestr(zipfile.ZipInfo(part.filename), ERROR_CELL.sub(rb"\1str\2", xml))
    except UNREADABLE:
        raise InvalidInput(faults=[Fault(file.name, words("is no sound .xlsx workbook; save it anew"))]) from None
    return packed.getvalue()


def _must_be(file: SheetFile, small: bool) -> None:
    if not small:
        message = words("is too large a workbook; keep one sheet of lines and delete what is empty below and beside it")
        raise InvalidInput(faults=[Fault(file.name, message)])


def _extent(xml: bytes, rows_max: int, cells_max: int) -> tuple[int, int]:
    """Rows and columns up to the last cell of a sheet, which the reader makes room for; or more, never less.

    What says where it stands is believed; what does not may stand behind everything that does.
    """
    if b"sheetData" not in xml:
        return 0, 0
    if b"\0" in xml[:4096]:
        raise ValueError("UTF-16, in which no cell could be found")
    rows = ROW.split(xml, rows_max)
    places = list(itertools.islice(PLACE.finditer(xml), rows_max + cells_max))
    if len(rows) > rows_max or len(places) == rows_max + cells_max:
        return rows_max + 1, 1
    last_row = max((int(place[2] or 0) for place in places), default=0)
    last_column = max((_column(place[1][:4].upper()) for place in places), default=0)
    unplaced_rows = sum(1 for row in rows[1:] if not PLACED_ROW.match(row))
    unplaced_cells = max((_count(UNPLACED_CELL, row, cells_max) for row in rows[1:]), default=0)
    return last_row + unplaced_rows, last_column + unplaced_cells


def _count(pattern: re.Pattern[bytes], xml: bytes, most: int) -> int:
    return sum(1 for _ in itertools.islice(pattern.finditer(xml), most + 1))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _rows(file: SheetFile, book: CalamineWorkbook, name: str, cells_max: int) -> list[tuple[int, list[str]]]:
    sheet = _guarded(file, lambda: book.get_sheet_by_name(name))
    grid = _guarded(file, lambda: sheet.to_python(skip_empty_area=False))
    rows = [[text_of(value) for value in cells] for cells in grid]
    filled = [any(map(clean, cells)) for cells in rows]
    _mark_merged(file, rows, _guarded(file, lambda: sheet.merged_cell_ranges) or [], cells_max)
    return [(number, cells) for number, cells in enumerate(rows, start=1) if filled[number - 1]]


def _mark_merged(file: SheetFile, rows: list[list[str]], ranges: list[Any], cells_max: int) -> None:
    """Say of the cells below the first of a merged block that they are part of it: to the reader they are empty."""
    for (top, left), (bottom, right) in ranges:
        below = rows[top + 1 : bottom + 1]
        cells_max -= 1 + len(below) * (right - left + 1)
        _must_be(file, cells_max >= 0)
        for cells in below:
            cells[left : right + 1] = [MERGED] * len(cells[left : right + 1])


def _guarded(file: SheetFile, read: Any) -> Any:
    """What the reader reads, or a refusal in words; a panic of its native code is no `Exception`."""
    try:
        return read()
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise InvalidInput(faults=[Fault(file.name, words("is no sound .xlsx workbook; save it anew"))]) from None


def text_of(value: Any) -> str:
    """A cell's value as people would type it: 5 rather than 5.0, 2027-01-02 rather than a moment at midnight."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value)) if abs(value) < EXACT_BELOW else f"{value:.5E}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)
