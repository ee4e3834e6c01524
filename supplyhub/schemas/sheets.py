"""CSV sheets become column facts; every fault of every file is collected, with file, line and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from supplyhub.domain.columns import (
    CategoryColumns,
    Columns,
    DepotColumns,
    FloorColumns,
    InstitutionColumns,
    ItemColumns,
    PlaceColumns,
    StockColumns,
    WayColumns,
)
from supplyhub.domain.places import DepotKind, Level, RiskClass
from supplyhub.domain.refusals import Fault, InvalidInput, words
from supplyhub.domain.stock import Condition
from supplyhub.schemas.cells import (
    CellFault,
    Read,
    clean,
    day,
    degrees,
    division_code,
    one_of,
    scaled,
    short_code,
    units,
    whole,
    words_of,
    yes_or_no,
)
from supplyhub.schemas.files import SheetFile, read_records

Kind = TypeVar("Kind", bound=Columns)

NAME_SHOWN = 40
"""So much of an unknown column's name is repeated: a file that is no sheet has names as long as it likes."""
KM_MAX = 10**6
"""Longest way that is believed: a slip of the pen, not a road, beyond it."""


@dataclass(frozen=True)
class Required:
    """A cell that may not be empty; `neutral` stands in for one that is, or that cannot be read."""

    read: Read
    neutral: Any = ""


@dataclass(frozen=True)
class Optional:
    """A cell that may be empty, or its whole column missing: then it means `default`."""

    read: Read
    default: Any = ""


@dataclass(frozen=True)
class Sheet(Generic[Kind]):
    """A kind of sheet: what it becomes, its columns (field -> cell), their names where these differ, and extras.

    `left_aside` are columns that published tables carry and nothing here needs.
    """

    becomes: type[Kind]
    cells: Mapping[str, Required | Optional]
    headings: Mapping[str, str]
    left_aside: tuple[str, ...] = ()

    def heading(self, field: str) -> str:
        """What the column of a field is called in the file."""
        return self.headings.get(field, field)


NAME, NOTE = words_of(120), words_of(60)
METRES = scaled(3, KM_MAX)

PLACES = Sheet(
    PlaceColumns,
    {
        "code": Required(division_code),
        "name": Required(NAME),
        "parent_code": Optional(division_code),
        "level": Required(one_of(Level), Level.PROVINCE),
        "population": Optional(whole(0, 2 * 10**9), None),
        "population_source": Optional(NOTE),
        "lon": Optional(degrees(180), None),
        "lat": Optional(degrees(90), None),
        "metres_to_parent": Optional(METRES, None),
        "risk_class": Optional(one_of(RiskClass), RiskClass.MEDIUM),
        "weight_thousandths": Optional(scaled(3, 1000, least="0.001"), 1000),
    },
    {"metres_to_parent": "km_to_parent", "weight_thousandths": "weight"},
    left_aside=("coordinate_source", "km_source"),
)

DEPOTS = Sheet(
    DepotColumns,
    {
        "code": Required(short_code),
        "name": Required(NAME),
        "division_code": Required(division_code),
        "custodian_code": Optional(division_code),
        "kind": Optional(one_of(DepotKind), DepotKind.GOVERNMENT),
        "metres_to_division": Optional(METRES, 0),
    },
    {"metres_to_division": "km_to_division"},
)

INSTITUTIONS = Sheet(
    InstitutionColumns,
    {"code": Required(short_code), "name": Required(NAME), "division_code": Required(division_code)},
    {},
)

CATEGORIES = Sheet(
    CategoryColumns,
    {
        "code": Required(words_of(7)),
        "name_zh": Required(NAME),
        "name_en": Optional(NAME),
        "source": Optional(NOTE, "local"),
    },
    {},
)

ITEMS = Sheet(
    ItemColumns,
    {
        "code": Required(short_code),
        "name_zh": Required(NAME),
        "name_en": Optional(NAME),
        "unit_zh": Required(words_of(20)),
        "unit_en": Optional(words_of(20)),
        "pack_size": Optional(whole(1, 10**9), 1),
        "weight_g": Optional(scaled(3, 10**6), 0),
        "volume_cm3": Optional(scaled(6, 10**6), 0),
        "shelf_life_days": Optional(whole(1, 36500), None),
        "durable": Optional(yes_or_no, False),
        "recoverable": Optional(yes_or_no, False),
        "product_standard": Optional(NAME),
        "category_code": Required(words_of(7)),
        "norm_per_1000": Optional(whole(0, 10**9), None),
    },
    {"weight_g": "weight_kg", "volume_cm3": "volume_m3"},
)

STOCK = Sheet(
    StockColumns,
    {
        "depot_code": Required(short_code),
        "item_code": Required(short_code),
        "quantity_units": Required(units, 0),
        "lot": Optional(words_of(64)),
        "owner_code": Optional(division_code),
        "produced_on": Optional(day, None),
        "expires_on": Optional(day, None),
        "origin": Optional(NAME),
        "earmark_code": Optional(division_code),
        "condition": Optional(one_of(Condition), Condition.GOOD),
    },
    {"quantity_units": "quantity"},
)

FLOORS = Sheet(
    FloorColumns,
    {
        "depot_code": Required(short_code),
        "item_code": Required(short_code),
        "quantity_units": Required(units, 0),
    },
    {"quantity_units": "quantity"},
)

WAYS = Sheet(
    WayColumns,
    {
        "from_code": Required(short_code),
        "to_code": Required(short_code),
        "item_code": Optional(short_code),
        "metres": Optional(METRES, None),
        "penalty_metres": Optional(METRES, 0),
        "capacity_units": Optional(units, None),
        "open": Optional(yes_or_no, True),
        "hours_thousandths": Optional(scaled(3, 10**5), None),
    },
    {
        "metres": "km",
        "penalty_metres": "penalty_km",
        "capacity_units": "capacity",
        "hours_thousandths": "hours",
    },
)


def read_sheets(sheet: Sheet[Kind], files: Sequence[SheetFile]) -> Kind:
    """The columns of one or several files of a kind; unreadable files and headers raise InvalidInput at once.

    Faults of single cells travel on in `faults`, so that the verb can add what it finds and refuse everything together.
    """
    tables = _open_tables(sheet, files)
    where, texts, faults = _gather(sheet, tables)
    if not where and not faults:
        raise InvalidInput(faults=[Fault(file.name, words("holds no rows below its header")) for file in files])
    values = {
        field: _read_column(sheet.heading(field), cell, where, texts[field], faults)
        for field, cell in sheet.cells.items()
    }
    return sheet.becomes(where=where, faults=faults, **values)


@dataclass(frozen=True)
class _Table:
    file: str
    names: list[str]
    records: list[tuple[int, list[str]]]


def _open_tables(sheet: Sheet[Any], files: Sequence[SheetFile]) -> list[_Table]:
    """Every file with a header that can be read; without one, its cells mean nothing and nothing is read."""
    tables, faults = [], []
    for file in files:
        try:
            (line, header), *records = read_records(file) or [(1, [])]
        except InvalidInput as refusal:
            faults.extend(refusal.faults)
            continue
        names = [" ".join(name.split()) for name in map(clean, header)]
        faults.extend(_header_faults(sheet, f"{file.name}:{line}", names))
        tables.append(_Table(file.name, names, records))
    if faults:
        raise InvalidInput(faults=faults)
    return tables


def _gather(sheet: Sheet[Any], tables: Sequence[_Table]) -> tuple[list[str], dict[str, list[str]], list[Fault]]:
    """Where each row stands, the texts of every field, and the rows of the wrong length."""
    where: list[str] = []
    texts: dict[str, list[str]] = {field: [] for field in sheet.cells}
    faults = []
    for table in tables:
        length = len(table.names)
        places = {name: place for place, name in enumerate(table.names)}
        fields = [(texts[field], places.get(sheet.heading(field))) for field in sheet.cells]
        for line, cells in table.records:
            if len(cells) != length:
                message = words("{cells} cells in this row, {names} in the header; they must be as many")
                faults.append(Fault(f"{table.file}:{line}", message, {"cells": len(cells), "names": length}))
                continue
            where.append(f"{table.file}:{line}")
            for column, place in fields:
                column.append("" if place is None else cells[place])
    return where, texts, faults


def _header_faults(sheet: Sheet[Any], where: str, names: Sequence[str]) -> list[Fault]:
    known = [sheet.heading(field) for field in sheet.cells]
    facts = {"allowed": ", ".join(known)}
    if not names:
        return [Fault(where, words("is empty; its first row names the columns, out of: {allowed}"), facts)]
    faults = []
    for place, name in enumerate(names):
        if name in names[:place]:
            faults.append(Fault(f"{where}:{name[:NAME_SHOWN]}", words("this column stands twice; each may stand once")))
        elif name not in known and name not in sheet.left_aside:
            message = words("no column of this name is known; allowed are: {allowed}")
            faults.append(Fault(f"{where}:{name[:NAME_SHOWN]}", message, facts))
    for field, cell in sheet.cells.items():
        if isinstance(cell, Required) and sheet.heading(field) not in names:
            faults.append(Fault(f"{where}:{sheet.heading(field)}", words("this column is missing; it is required")))
    return faults


def _read_column(
    heading: str, cell: Required | Optional, where: Sequence[str], texts: Sequence[str], faults: list[Fault]
) -> list[Any]:
    """The values of a column; equal texts are read once, for most columns hold few."""
    neutral = cell.neutral if isinstance(cell, Required) else cell.default
    known = {text: _read_cell(cell, clean(text)) for text in dict.fromkeys(texts)}
    values = []
    for row, text in enumerate(texts):
        value = known[text]
        if isinstance(value, CellFault):
            faults.append(Fault(f"{where[row]}:{heading}", value.message, value.facts))
            value = neutral
        values.append(value)
    return values


def _read_cell(cell: Required | Optional, text: str) -> Any:
    if not text:
        return cell.default if isinstance(cell, Optional) else CellFault(words("this cell is empty; it is required"))
    try:
        return cell.read(text)
    except CellFault as fault:
        return fault
