"""Sheets for people to fill in: empty ones for receipts and issues, and the count sheet of a depot (盘点表)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import xlsxwriter

from supplyhub.domain.catalogue import Item
from supplyhub.domain.stock import Shelf
from supplyhub.schemas.uploads.kinds import COUNT, HEADINGS, ISSUE, RECEIPT, Kind
from supplyhub.schemas.uploads.readers import CONDITIONS

Rows = Sequence[Sequence[Any]]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    RECEIPT.name: ("name", "quantity", "packs", "lot", "expires_on", "produced_on", "origin", "condition", "owner"),
    ISSUE.name: ("name", "quantity", "packs", "lot", "condition"),
    COUNT.name: ("item", "name", "unit", "lot_id", "lot", "expires_on", "condition", "seen", "counted"),
}
"""The columns of our own sheets, in the order in which people fill them in."""
WIDTHS = {"name": 30, "lot": 18, "origin": 18, "owner": 16, "expires_on": 13, "produced_on": 13}
ITEMS_SHEET = ("物资清单", "items")
ITEMS_COLUMNS = (("物资名称", "name"), ("物资编码", "item"), ("单位", "unit"), ("每箱/包", "units a pack"))
NUMBERS = frozenset({"quantity", "packs", "lot_id", "seen", "counted"})
DAYS = frozenset({"expires_on", "produced_on"})
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""What a cell of a CSV begins with when a spreadsheet would run it as a formula."""


def count_rows(shelves: Sequence[Shelf], items: Mapping[int, Item], language: str) -> list[list[Any]]:
    """The rows of a count sheet: every shelf with what the book says; what was counted is left to fill in."""
    return [
        [
            items[shelf.item_id].code, items[shelf.item_id].name(language), items[shelf.item_id].unit(language),
            shelf.lot_id, shelf.lot_code, shelf.expires_on, _condition(shelf.condition, language), shelf.on_hand, None,
        ]
        for shelf in shelves
    ]  # fmt: skip


def headings_of(kind: Kind, language: str) -> list[str]:
    """What the columns of our own sheet are called."""
    return [HEADINGS[column][_place(language)] for column in COLUMNS[kind.name]]


def write_csv(rows: Rows) -> bytes:
    """Rows as CSV that spreadsheets open in the right encoding, and of which they run nothing."""
    text = io.StringIO()
    csv.writer(text).writerows([[_harmless(cell) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell


def write_workbook(kind: Kind, language: str, title: str, rows: Rows, items: Sequence[Item]) -> bytes:
    """A workbook to fill in: a title, the columns of the kind, `rows`, and the catalogue on a sheet of its own."""
    content = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, settings) as book:
        formats = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "bg_color": "#E6EFED", "bottom": 1, "text_wrap": True}),
            "text": book.add_format({"num_format": "@"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "number": book.add_format({"num_format": "0"}),
        }
        _write_lines(book.add_worksheet(title[:31].translate(NO_SHEET_NAME)), kind, language, title, rows, formats)
        _write_items(book.add_worksheet(ITEMS_SHEET[_place(language)]), language, items, formats)
        if kind is not COUNT and items:
            _offer_items(book.worksheets()[0], language, len(items))
    return content.getvalue()


NO_SHEET_NAME = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
FIRST_ROW = 2
"""Below the title and the row that names the columns, counted from 0."""
ROWS_OFFERED = 5000


def _write_lines(sheet: Any, kind: Kind, language: str, title: str, rows: Rows, formats: Mapping[str, Any]) -> None:
    sheet.write_string(0, 0, title, formats["title"])
    sheet.freeze_panes(FIRST_ROW, 0)
    for place, column in enumerate(COLUMNS[kind.name]):
        form = formats["number" if column in NUMBERS else "day" if column in DAYS else "text"]
        sheet.set_column(place, place, WIDTHS.get(column, 11), form)
        sheet.write_string(FIRST_ROW - 1, place, HEADINGS[column][_place(language)], formats["head"])
        if column == "condition":
            allowed = [_condition(code, language) for code in dict.fromkeys(CONDITIONS.values())]
            sheet.data_validation(
                FIRST_ROW, place, FIRST_ROW + ROWS_OFFERED, place, {"validate": "list", "source": allowed}
            )
    _write_rows(sheet, FIRST_ROW, rows, formats)


def _write_rows(sheet: Any, first: int, rows: Rows, formats: Mapping[str, Any]) -> None:
    write: dict[type, tuple[Callable[..., Any], str]] = {
        int: (sheet.write_number, "number"), date: (sheet.write_datetime, "day"), str: (sheet.write_string, "text"),
    }  # fmt: skip
    for row, cells in enumerate(rows, start=first):
        for column, cell in enumerate(cells):
            if cell not in (None, ""):
                put, form = write[type(cell)]
                put(row, column, cell, formats[form])


def _write_items(sheet: Any, language: str, items: Sequence[Item], formats: Mapping[str, Any]) -> None:
    place = _place(language)
    sheet.write_row(0, 0, [names[place] for names in ITEMS_COLUMNS], formats["head"])
    sheet.set_column(0, 0, WIDTHS["name"])
    rows = [[item.name(language), item.code, item.unit(language), item.pack_size] for item in items]
    _write_rows(sheet, 1, rows, formats)


def _offer_items(sheet: Any, language: str, count: int) -> None:
    """The names of the catalogue to choose from; whatever else is typed is refused when the file is read."""
    source = f"='{ITEMS_SHEET[_place(language)]}'!$A$2:$A${count + 1}"
    rule = {"validate": "list", "source": source, "error_type": "warning"}
    sheet.data_validation(FIRST_ROW, 0, FIRST_ROW + ROWS_OFFERED, 0, rule)


def _condition(code: str, language: str) -> str:
    return str(code) if language == "en" else next(name for name, means in CONDITIONS.items() if means == code)


def _place(language: str) -> int:
    return 1 if language == "en" else 0
