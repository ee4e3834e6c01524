"""The row that names a sheet's columns: found below titles, in either language, in any order, long or wide."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from supplyhub.domain.catalogue import Item
from supplyhub.domain.refusals import Fault, InvalidInput, words
from supplyhub.schemas.cells import CellFault, clean
from supplyhub.schemas.uploads.goods import Goods, must_count_in
from supplyhub.schemas.uploads.kinds import HEADINGS, Kind
from supplyhub.schemas.uploads.tables import Table, letter_of

LOOKED_AT = 20
"""Rows in which the columns are looked for; titles, dates and notes may stand above."""
KNOWN_AT_LEAST = 2
"""A title may happen to be the name of one column, but hardly of two."""
SHOWN_MAX = 40
NO_GOODS = Goods(())


@dataclass(frozen=True)
class Header:
    """Where columns stand: `fields` by name, `items` by place in a wide sheet, `headings` as they are written."""

    row: int
    headings: Sequence[str]
    fields: dict[str, int]
    items: dict[int, Item]

    def shown(self, column: int) -> str:
        """A column as people see it: its letter and its heading."""
        return f"{letter_of(column)} {self.headings[column][:SHOWN_MAX]}"

    def lines_of_a_row(self, cells: Sequence[str]) -> Iterator[Mapping[str, int]]:
        """Which cells make each line of a row: one line, or one for each item of which a wide row has any."""
        if not self.items:
            yield self.fields
        for column in self.items:
            if column < len(cells) and clean(cells[column]) not in ("", "0", "-", "–", "/"):
                yield {**self.fields, "quantity": column}


def find_header(kind: Kind, tables: Iterable[Table], goods: Goods) -> tuple[Header, Table]:
    """The header of the first sheet that has one; InvalidInput where none has, or where it cannot be understood."""
    names = []
    for table in tables:
        names.append(table.name)
        for row, cells in table.rows[:LOOKED_AT]:
            headings = [" ".join(clean(cell).split()) for cell in cells]
            known = [heading for heading in headings if heading and _means(kind, heading, goods)]
            if len(known) >= KNOWN_AT_LEAST:
                below = {place for number, later in table.rows if number > row for place, _ in _filled(later)}
                return _understood(kind, table.name, row, headings, below, goods), table
    message = words("no row names the columns, such as {example}; known columns are: {allowed}")
    facts = {"example": ", ".join(_called(kind)[:4]), "allowed": ", ".join(_called(kind))}
    raise InvalidInput(faults=[Fault(", ".join(names)[:200] or "file", message, facts)])


def _means(kind: Kind, heading: str, goods: Goods) -> bool:
    return bool(kind.field_of(heading)) or (kind.wide and _item_of(heading, goods) is not None)


def _filled(cells: Sequence[str]) -> Iterator[tuple[int, str]]:
    return ((place, cell) for place, cell in enumerate(cells) if clean(cell))


def _called(kind: Kind) -> list[str]:
    return [_heading(column) for column in kind.columns]


def _understood(
    kind: Kind, table: str, row: int, headings: Sequence[str], below: Collection[int], goods: Goods
) -> Header:
    """The header, unless a column stands twice, is not known, or a needed one is missing; all of that is said."""
    width = max([len(headings), *(place + 1 for place in below)])
    header = Header(row, [*headings, *[""] * (width - len(headings))], {}, {})
    long = any(kind.field_of(heading) in ("item", "name") for heading in headings)
    faults = []
    for column, heading in enumerate(header.headings):
        try:
            _place(kind, header, column, heading, goods if kind.wide and not long else NO_GOODS)
            if not heading and column in below:
                raise CellFault(words("this column has no name"))
        except CellFault as wrong:
            faults.append(Fault(f"{table}:{row}:{header.shown(column)}", wrong.message, wrong.facts))
    message = words("a column is missing; it is required: {name}")
    faults += [Fault(f"{table}:{row}", message, {"name": name}) for name in _missing(kind, header.fields, header.items)]
    if faults:
        raise InvalidInput(faults=faults)
    return header


def _place(kind: Kind, header: Header, column: int, heading: str, goods: Goods) -> None:
    """Put a column where it belongs: a field, an item, or aside; CellFault where it belongs nowhere."""
    name = kind.field_of(heading) if heading else ""
    item = _wide_item(heading, goods) if name is None else None
    if name is None and item is None:
        message = words("no column of this name is known; allowed are: {allowed}")
        raise CellFault(message, allowed=", ".join(_called(kind)))
    if name in header.fields or (item is not None and item in header.items.values()):
        raise CellFault(words("this column stands twice; each may stand once"))
    if item is not None:
        header.items[column] = item
    elif name:
        header.fields[name] = column


def _missing(kind: Kind, fields: Mapping[str, int], items: Mapping[int, Item]) -> list[str]:
    """Columns without which no line can be understood, as they may be called."""
    either = [("item", "name"), ("quantity", "packs")] if kind.wide else [("lot_id", "lot"), ("seen",), ("counted",)]
    if items and not {"quantity", "packs"} & fields.keys():
        return []  # each column of an item holds its quantities
    return [" / ".join(map(_heading, names)) for names in either if not any(name in fields for name in names)]


def _heading(name: str) -> str:
    return " ".join(dict.fromkeys(HEADINGS[name][:2]))


def _item_of(heading: str, goods: Goods) -> Item | None:
    try:
        return _wide_item(heading, goods)
    except CellFault:
        return None


def _wide_item(heading: str, goods: Goods) -> Item | None:
    """The item that a column of a wide sheet is named after, such as 棉被（床）; its unit must be the item's."""
    item = goods.find_item(heading)
    parts = re.fullmatch(r"(.+?)\s*[(（]([^()（）]+)[)）]", heading)
    if item is None and parts:
        item = goods.find_item(parts[1].strip())
        if item is not None:
            must_count_in(item, parts[2])
    return item
