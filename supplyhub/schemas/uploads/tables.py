"""A file as rows of texts that know where they stand, whichever kind of file it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from supplyhub.domain.refusals import Fault, InvalidInput, words
from supplyhub.schemas.files import SheetFile, delimiter_of, read_records
from supplyhub.schemas.uploads.workbooks import read_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CONTENT_TYPES = ("text/csv", XLSX)
"""What an upload may call itself; which of the two it is shows in its first bytes."""

ROWS_MAX = 20_000
"""Rows of one sheet, empty ones too; five thousand lines may stand far apart."""
COLUMNS_MAX = 256
CELLS_MAX = 600_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Table:
    """One sheet: what it is called, and its rows that hold anything, by the number people see beside them."""

    name: str
    rows: list[tuple[int, list[str]]]


def read_tables(file: SheetFile, sheet: str = "") -> Iterator[Table]:
    """The sheets of a file, one after another: all that are shown, or the one named `sheet`.

    Raises InvalidInput in words for whatever is no table, or too large a one.
    """
    content = file.content
    if content.startswith(OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in content
        message = (
            words("has a password; save it without one") if locked else words("is an old workbook; save it as .xlsx")
        )
        raise InvalidInput(faults=[Fault(file.name, message)])
    if content.startswith(b"PK"):
        for name, several, rows in read_workbook(file, sheet, rows_max=ROWS_MAX, cells_max=CELLS_MAX):
            yield _bounded(Table(f"{file.name}[{name}]" if several else file.name, rows))
    else:
        yield _bounded(Table(file.name, read_records(file, delimiter_of)))


def _bounded(table: Table) -> Table:
    """The table, if it is no larger than what a document can need."""
    last = table.rows[-1][0] if table.rows else 0
    widest = max((len(cells) for _, cells in table.rows), default=0)
    if last > ROWS_MAX or widest > COLUMNS_MAX:
        message = words("has {rows} rows and {columns} columns; at most {rows_max} and {columns_max} are read")
        facts = {"rows": last, "columns": widest, "rows_max": ROWS_MAX, "columns_max": COLUMNS_MAX}
        raise InvalidInput(faults=[Fault(table.name, message, facts)])
    return table


def letter_of(column: int) -> str:
    """What spreadsheets call the column with this index: A, B, ... Z, AA."""
    name, rest = "", column + 1
    while rest:
        rest, place = divmod(rest - 1, 26)
        name = chr(ord("A") + place) + name
    return name
