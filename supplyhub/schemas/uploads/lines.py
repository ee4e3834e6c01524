"""Rows of a sheet become lines of a document; every fault says the file, the row and the column it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from supplyhub.domain.catalogue import Item
from supplyhub.domain.refusals import Fault, moved, words
from supplyhub.schemas.cells import CellFault, Read, clean
from supplyhub.schemas.uploads import readers
from supplyhub.schemas.uploads.goods import Goods, is_called, must_count_in
from supplyhub.schemas.uploads.headers import Header, find_header
from supplyhub.schemas.uploads.kinds import Kind
from supplyhub.schemas.uploads.tables import Table

LINE_PATH = re.compile(r"lines\[(\d+)\](?:\.(\w+))?")
LEAST = {"quantity": 1, "packs": 1, "seen": 0, "counted": 0}
"""What is counted in units or packs, and the least there may be of it."""
MARKED = ("'=", "'+", "'-", "'@")
DAYS = frozenset({"produced_on", "expires_on"})


@dataclass
class SheetLines:
    """The lines of a sheet that can be read, as JSON would have them, where each stands, and what cannot be read."""

    table: str
    lines: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rows: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)

    def place(self, where: str) -> str:
        """`lines[3].quantity` as people see it: file, row, column and heading."""
        match = LINE_PATH.match(where)
        if match is None or int(match[1]) >= len(self.rows):
            return f"{self.table}" if where == "lines" else where
        row, columns = self.rows[int(match[1])]
        column = columns.get(match[2] or "")
        return f"{self.table}:{row}:{column}" if column else f"{self.table}:{row}"

    def in_order(self, faults: Iterable[Fault]) -> list[Fault]:
        """Faults as people see them: those of the document first, then down the rows."""
        return sorted(moved(faults, self.place), key=lambda fault: self._row_of(fault.where))

    def _row_of(self, where: str) -> int:
        row = where.removeprefix(f"{self.table}:").partition(":")[0]
        return int(row) if where.startswith(f"{self.table}:") and row.isdecimal() else 0


def read_lines(kind: Kind, tables: Iterable[Table], goods: Goods) -> SheetLines:
    """The lines of the first sheet that has a row naming its columns.

    Raises InvalidInput where no sheet has one, or where it names what is not known.
    """
    header, table = find_header(kind, tables, goods)
    found = SheetLines(table.name)
    for row, cells in table.rows:
        if row > header.row:
            for columns in header.lines_of_a_row(cells):
                _read_line(kind, row, cells, columns, header, goods, found)
    return found


def _read_line(
    kind: Kind,
    row: int,
    cells: Sequence[str],
    columns: Mapping[str, int],
    header: Header,
    goods: Goods,
    found: SheetLines,
) -> None:
    said = {name: text for name, column in columns.items() if column < len(cells) and (text := _said(cells[column]))}
    if not any(name in said for name in kind.filled_by):
        return
    shown = {name: header.shown(column) for name, column in columns.items()}
    shown.setdefault("item", shown.get("name") or shown.get("quantity", ""))
    line, faults = _Line(kind, said, goods, header.items.get(columns.get("quantity", -1))).read()
    if faults:
        found.faults.extend(
            Fault(f"{found.table}:{row}:{shown.get(name, name)}", fault.message, fault.facts) for name, fault in faults
        )
        return
    found.lines.append(line)
    found.rows.append((row, shown))


def _said(cell: str) -> str:
    """What a cell says, without the mark that keeps spreadsheets from running it."""
    text = clean(cell)
    return text[1:] if text.startswith(MARKED) else text


class _Line:
    """One line on its way: what its cells say, what that means, and what is wrong with it."""

    def __init__(self, kind: Kind, said: Mapping[str, str], goods: Goods, item: Item | None) -> None:
        self.kind, self.said, self.goods, self.item = kind, said, goods, item
        self.faults: list[tuple[str, CellFault]] = []

    def read(self) -> tuple[dict[str, Any], list[tuple[str, CellFault]]]:
        """The line as JSON would have it, and (column, fault) for what is wrong."""
        for name in ("item", "name"):
            if name in self.said:
                self._try(name, self._same_item)
        item = self.item or self.goods.find_item_of(self.said.get("lot_id", ""))
        if item is not None and "unit" in self.said:
            self._try("unit", lambda said: must_count_in(item, said))
        line: dict[str, Any] = {"item": self.item.code} if self.item and "item" in self.kind.sent else {}
        for name in self.said:
            if name in self.kind.sent and name != "item":
                line[name] = self._try(name, self._reader(name))
        if self.kind.names_lots and self.item is not None:
            self._find_lot(self.item, line)
        return line, self.faults

    def _try(self, name: str, read: Read) -> Any:
        try:
            readers.must_be_meant(self.said[name])
            return read(self.said[name])
        except CellFault as fault:
            self.faults.append((name, fault))
            return None

    def _same_item(self, said: str) -> None:
        if self.item is None:
            self.item = self.goods.get_item(said)
        elif not is_called(self.item, said):
            raise CellFault(words("{text!r} is not the item {item} of this row"), text=said[:40], item=self.item.code)

    def _reader(self, name: str) -> Read:
        if name in LEAST:
            return lambda said: readers.whole_number(said, self.item, least=LEAST[name])
        if name == "lot_id":
            return readers.row_number
        if name in DAYS:
            return readers.day_of
        return readers.condition if name == "condition" else readers.text

    def _find_lot(self, item: Item, line: dict[str, Any]) -> None:
        if line.get("lot_id") is not None:
            self._try("lot_id", lambda _: self.goods.must_be_of(item, line["lot_id"]))
            if "lot" in self.said:
                self._try("lot", lambda said: self.goods.must_be_lot(line["lot_id"], said))
        elif "lot" in self.said and "lot_id" not in self.said:
            line["lot_id"] = self._try("lot", lambda said: self.goods.get_lot(item, said))
