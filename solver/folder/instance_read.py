"""The instance folder read: CSV files and settings.json into a Problem, or every fault by file, line and column."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from solver.folder.columns import named
from solver.folder.settings import read_settings
from solver.folder.sheet import Sheet
from solver.problem import (
    CLASSES,
    HOURS_DECIMALS,
    KINDS,
    LEVELS,
    Demand,
    Depots,
    Divisions,
    Fault,
    Int64,
    Items,
    Links,
    MalformedProblem,
    Problem,
    Stock,
)

EARTH_RADIUS_KM = 6371.0
CIRCUITY = 1.36
"""Road km over great-circle km: the median measured (docs/allocation-model.md, section 6)."""
_WEIGHT_DECIMALS = 9

_REQUIRED = {
    "divisions": ("code", "name", "parent_code", "level", "km_to_parent"),
    "depots": ("code", "name", "division_code"),
    "items": ("code", "name"),
    "stock": ("depot_code", "item_code", "quantity"),
    "demand": ("division_code", "item_code", "quantity"),
    "links": ("from_code", "to_code"),
}
_NUMBERS = {"stock": ("quantity", "reserve_floor"), "demand": ("quantity",)}
_WRITTEN_AS = {
    "codes": "code",
    "names": "name",
    "parent": "parent_code",
    "metres_to_parent": "km_to_parent",
    "metres_to_division": "km_to_division",
    "division": "division_code",
    "depot": "depot_code",
    "item": "item_code",
    "ids": "id",
    "needed_within_hours_millionths": "needed_within_hours",
    "weight_numerator": "weight",
    "from_node": "from_code",
    "to_node": "to_code",
    "metres": "penalty_km",
    "road_metres": "km",
    "mutual_aid_penalty_metres": "mutual_aid_penalty_km",
}

_SOMETIMES = ("lon", "lat", "volume_m3")
"""Columns of the model that are read where they are needed only, or by others."""

Codes = dict[str, pl.Series | None]
"""Codes of the tables read so far; None where they cannot be told."""
_DIVISION, _DEPOT, _ITEM = ("区划", "division"), ("储备库", "depot"), ("物资", "item")

_KEYS = {
    ("stock", "lot"): ("depot_code", "item_code", "lot"),
    ("links", "to_code"): ("from_code", "to_code", "item_code"),
}


def read_instance(folder: Path, unread: list[str] | None = None) -> Problem:
    """The question an instance folder asks. Raises MalformedProblem with every fault: file, line, column, reason.

    Names of columns and settings that mean nothing are added to `unread`, as `demand.csv: prio`.
    """
    settings, faults, strange = read_settings(folder)
    sheets: dict[str, Sheet] = {}
    codes: Codes = {}
    parts: dict[str, Any] = {}
    for table, read in _READERS.items():
        numbers, optional = _NUMBERS.get(table, ()), table == "links"
        sheet = Sheet(folder, f"{table}.csv", _REQUIRED[table], numbers=numbers, optional_file=optional)
        codes[table] = sheet.codes()
        parts[table] = read(sheet, codes)
        strange += [f"{sheet.file}: {name}" for name in sheet.unread() if name not in _SOMETIMES]
        sheet.close()
        sheets[table] = sheet
        faults.extend(sheet.faults)
    try:
        problem = Problem(**parts, settings=settings)
    except MalformedProblem as error:
        faults.extend(_as_written(fault, sheets) for fault in error.faults if not _is_noted(fault, sheets))
    if faults:
        raise MalformedProblem(sorted(faults, key=_reading_order))
    if unread is not None:
        unread += strange
    return problem


def _reading_order(fault: Fault) -> tuple[int, int]:
    """Faults stand as the files are read: file by file, line by line."""
    table = fault.table.partition(".")[0]
    return list(_REQUIRED).index(table) if table in _REQUIRED else len(_REQUIRED), fault.row


def _is_noted(fault: Fault, sheets: Mapping[str, Sheet]) -> bool:
    """Whether the cell was refused as text, so that what the rules say of its stand-in value means nothing."""
    sheet = sheets.get(fault.table)
    column = _WRITTEN_AS.get(fault.column, fault.column)
    cells = _KEYS.get((fault.table, column), (column,))
    return sheet is not None and fault.row >= 0 and any(sheet.is_bad(cell, fault.row) for cell in cells)


def _as_written(fault: Fault, sheets: Mapping[str, Sheet]) -> Fault:
    """A fault of the arrays, said of the file they came from."""
    column = _WRITTEN_AS.get(fault.column, fault.column)
    if fault.table not in sheets:
        return replace(fault, table="settings.json", column=column)
    sheet = sheets[fault.table]
    line = sheet.line(fault.row) if fault.row >= 0 else -1
    return replace(fault, table=sheet.file, column=column, row=line)


def _divisions(sheet: Sheet, known: Codes) -> Divisions:
    parent = sheet.references("parent_code", sheet.text("code"), _DIVISION, blank=True)
    return Divisions(
        codes=sheet.required_text("code").rechunk(),
        names=sheet.text("name").rechunk(),
        parent=parent,
        level=sheet.choices("level", LEVELS).astype(np.int8),
        metres_to_parent=_metres_to_parent(sheet, parent),
        population=_natural(sheet, "population"),
    )


def _metres_to_parent(sheet: Sheet, parent: Int64) -> Int64:
    """Metres as written; where blank, from the coordinates of both ends; 0 for a root."""
    metres = sheet.metres("km_to_parent")
    blank = (sheet.text("km_to_parent") == "").to_numpy() & (parent >= 0)
    metres[parent < 0] = 0
    if not blank.any():
        return metres
    lon, lat = (sheet.text(axis).cast(pl.Float64, strict=False).to_numpy() for axis in ("lon", "lat"))
    known = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    apart = blank & ~(known & known[parent])
    sheet.refuse(
        "km_to_parent",
        np.flatnonzero(apart).tolist(),
        "为空时,本级与上级都须有经纬度 lon/lat",
        "may be blank only where lon and lat of both this division and its parent are given",
    )
    rows = np.flatnonzero(blank & ~apart)
    above = parent[rows]
    ends = zip(lon[rows].tolist(), lat[rows].tolist(), lon[above].tolist(), lat[above].tolist(), strict=True)
    metres[rows] = [round(_great_circle_km(*places) * CIRCUITY * 1000) for places in ends]
    return metres


def _great_circle_km(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Haversine distance of two points in degrees; not by numpy, whose sines differ from one processor to another."""
    a, b = math.radians(lat_a), math.radians(lat_b)
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))


def _depots(sheet: Sheet, known: Codes) -> Depots:
    kinds = sheet.choices("kind", KINDS, "government")
    return Depots(
        codes=sheet.required_text("code").rechunk(),
        names=sheet.text("name").rechunk(),
        division=sheet.references("division_code", known["divisions"], _DIVISION, blank=True),
        metres_to_division=sheet.metres("km_to_division"),
        kind=named(KINDS, kinds),
    )


def _items(sheet: Sheet, known: Codes) -> Items:
    return Items(
        codes=sheet.required_text("code").to_list(),
        names=sheet.text("name").to_list(),
        pack_size=sheet.integers("pack_size", "1"),
        weight_kg=sheet.decimals("weight_kg", "0"),
        unit=sheet.text("unit").to_list(),
        category=sheet.text("category").to_list(),
    )


def _stock(sheet: Sheet, known: Codes) -> Stock:
    return Stock(
        depot=sheet.references("depot_code", known["depots"], _DEPOT, blank=False),
        item=sheet.references("item_code", known["items"], _ITEM, blank=False),
        quantity=sheet.integers("quantity"),
        lot=sheet.text("lot").rechunk(),
        expires_on=sheet.days("expires_on"),
        reserve_floor=sheet.integers("reserve_floor", "0"),
    )


def _demand(sheet: Sheet, known: Codes) -> Demand:
    weights, denominator = _shortest(sheet.scaled("weight", _WEIGHT_DECIMALS, "1"))
    return Demand(
        ids=_ids(sheet),
        division=sheet.references("division_code", known["divisions"], _DIVISION, blank=False),
        item=sheet.references("item_code", known["items"], _ITEM, blank=False),
        quantity=sheet.integers("quantity"),
        priority=(sheet.choices("priority", [str(rank) for rank in CLASSES], "4") + 1).astype(np.int8),
        weight_numerator=weights,
        weight_denominator=denominator,
        needed_within_hours_millionths=_needed_within(sheet),
    )


def _ids(sheet: Sheet) -> pl.Series:
    """Ids as named, the number of the row where none is."""
    ids = sheet.text("id")
    blank = ids == ""
    if blank.any():
        numbered = pl.int_range(1, len(sheet) + 1, eager=True).cast(pl.String)
        ids = numbered.zip_with(blank, ids)
    return ids.rechunk()


def _shortest(weights: Int64) -> tuple[Int64, int]:
    """Numerators of weights named in 10**-_WEIGHT_DECIMALS, over the least denominator that holds all of them."""
    distinct, shorter = pl.Series(weights).unique().to_numpy(), 1
    while shorter < 10**_WEIGHT_DECIMALS and not (distinct % (shorter * 10)).any():
        shorter *= 10
    return weights // shorter, 10**_WEIGHT_DECIMALS // shorter


def _needed_within(sheet: Sheet) -> Int64 | None:
    """Millionths of hours, -1 where a request names none; None where none does."""
    blank = sheet.text("needed_within_hours") == ""
    if blank.all():
        return None
    hours = sheet.scaled("needed_within_hours", HOURS_DECIMALS, "0")
    hours[blank.to_numpy()] = -1
    return hours


def _links(sheet: Sheet, known: Codes) -> Links:
    end = ("区划或储备库", "division or depot")
    ends = known["divisions"], known["depots"]
    nodes = None if ends[0] is None or ends[1] is None else pl.concat([ends[0].alias("code"), ends[1].alias("code")])
    road_metres = sheet.metres("km")
    return Links(
        from_node=sheet.references("from_code", nodes, end, blank=False),
        to_node=sheet.references("to_code", nodes, end, blank=False),
        item=sheet.references("item_code", known["items"], _ITEM, blank=True),
        metres=road_metres + sheet.metres("penalty_km"),
        road_metres=road_metres,
        capacity=_natural(sheet, "capacity"),
        open=sheet.booleans("open", "1"),
        hours=sheet.optional_decimals("hours"),
    )


def _natural(sheet: Sheet, column: str) -> Int64:
    """Integers of a column, -1 where it is blank; a written -1 is refused."""
    numbers = sheet.integers(column, "0")
    sheet.refuse(column, np.flatnonzero(numbers < 0).tolist(), "不得为负", "must not be negative")
    numbers[(sheet.text(column) == "").to_numpy()] = -1
    return numbers


_READERS: dict[str, Callable[[Sheet, Codes], object]] = {
    "divisions": _divisions,
    "depots": _depots,
    "items": _items,
    "stock": _stock,
    "demand": _demand,
    "links": _links,
}
