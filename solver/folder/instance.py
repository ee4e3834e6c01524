"""The instance folder: CSV files and settings.json into a Problem and back, and the digest of a Problem."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from solver.folder.settings import read_settings, write_settings
from solver.folder.sheet import Sheet, named
from solver.folder.whole import write_csv, written_whole
from solver.plan import decimal_text
from solver.problem import (
    CLASSES,
    KINDS,
    LEVELS,
    NO_EXPIRY,
    Bool,
    Demand,
    Depots,
    Divisions,
    Fault,
    Int32,
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

_REQUIRED = {
    "divisions": ("code", "name", "parent_code", "level", "km_to_parent"),
    "depots": ("code", "name", "division_code"),
    "items": ("code", "name"),
    "stock": ("depot_code", "item_code", "quantity"),
    "demand": ("division_code", "item_code", "quantity"),
    "links": ("from_code", "to_code"),
}
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
    "weight_numerator": "weight",
    "from_node": "from_code",
    "to_node": "to_code",
    "metres": "penalty_km",
    "road_metres": "km",
    "mutual_aid_penalty_metres": "mutual_aid_penalty_km",
}

_KEYS = {
    ("stock", "lot"): ("depot_code", "item_code", "lot"),
    ("links", "to_code"): ("from_code", "to_code", "item_code"),
}


def read_instance(folder: Path) -> Problem:
    """The question an instance folder asks. Raises MalformedProblem with every fault: file, line, column, reason."""
    sheets = {
        table: Sheet(folder, f"{table}.csv", required, optional_file=table == "links")
        for table, required in _REQUIRED.items()
    }
    settings, faults = read_settings(folder)
    divisions, depots, items = (sheets[table].codes() for table in ("divisions", "depots", "items"))
    nodes = None if divisions is None or depots is None else divisions + depots
    parts: dict[str, Any] = {
        "divisions": _divisions(sheets["divisions"]),
        "depots": _depots(sheets["depots"], divisions),
        "items": _items(sheets["items"]),
        "stock": _stock(sheets["stock"], depots, items),
        "demand": _demand(sheets["demand"], divisions, items),
        "links": _links(sheets["links"], nodes, items),
    }
    for sheet in sheets.values():
        faults.extend(sheet.faults)
    try:
        problem = Problem(**parts, settings=settings)
    except MalformedProblem as error:
        faults.extend(_as_written(fault, sheets) for fault in error.faults if not _is_noted(fault, sheets))
    if faults:
        raise MalformedProblem(sorted(faults, key=_reading_order))
    return problem


def _reading_order(fault: Fault) -> tuple[int, int]:
    """Faults stand as the files are read: file by file, line by line."""
    table = fault.table.rsplit(".", 1)[0]
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


def _divisions(sheet: Sheet) -> Divisions:
    codes = sheet.required_text("code")
    parent = sheet.references("parent_code", codes, ("区划", "division"), blank=True)
    population = np.where((sheet.text("population") == "").to_numpy(), -1, _natural(sheet, "population"))
    return Divisions(
        codes=codes,
        names=sheet.text("name").to_list(),
        parent=parent,
        level=sheet.choices("level", LEVELS).astype(np.int8),
        metres_to_parent=_metres_to_parent(sheet, parent),
        population=population.astype(np.int64),
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
    km = [
        _great_circle_km(lon[row], lat[row], lon[above], lat[above])
        for row, above in zip(rows, parent[rows], strict=True)
    ]
    metres[rows] = [round(length * CIRCUITY * 1000) for length in km]
    return metres


def _great_circle_km(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Haversine distance of two points in degrees."""
    a, b = math.radians(lat_a), math.radians(lat_b)
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))


def _depots(sheet: Sheet, divisions: Sequence[str] | None) -> Depots:
    kinds = sheet.choices("kind", KINDS, "government")
    return Depots(
        codes=sheet.required_text("code"),
        names=sheet.text("name").to_list(),
        division=sheet.references("division_code", divisions, ("区划", "division"), blank=True),
        metres_to_division=sheet.metres("km_to_division"),
        kind=[KINDS[kind] for kind in kinds.tolist()],
    )


def _items(sheet: Sheet) -> Items:
    return Items(
        codes=sheet.required_text("code"),
        names=sheet.text("name").to_list(),
        pack_size=sheet.integers("pack_size", "1"),
        weight_kg=sheet.decimals("weight_kg", "0"),
        unit=sheet.text("unit").to_list(),
        category=sheet.text("category").to_list(),
    )


def _stock(sheet: Sheet, depots: Sequence[str] | None, items: Sequence[str] | None) -> Stock:
    return Stock(
        depot=sheet.references("depot_code", depots, ("储备库", "depot"), blank=False),
        item=sheet.references("item_code", items, ("物资", "item"), blank=False),
        quantity=sheet.integers("quantity"),
        lot=sheet.text("lot").to_list(),
        expires_on=sheet.days("expires_on"),
        reserve_floor=sheet.integers("reserve_floor", "0"),
    )


def _demand(sheet: Sheet, divisions: Sequence[str] | None, items: Sequence[str] | None) -> Demand:
    numbered = pl.Series([str(row) for row in range(1, len(sheet) + 1)], dtype=pl.String)
    ids = sheet.text("id")
    weights = sheet.decimals("weight", "1")
    places = max((len(decimal_text(weight).partition(".")[2]) for weight in set(weights)), default=0)
    scaled = {weight: int(weight.scaleb(places)) for weight in set(weights)}
    return Demand(
        ids=pl.select(pl.when(ids == "").then(numbered).otherwise(ids)).to_series().to_list(),
        division=sheet.references("division_code", divisions, ("区划", "division"), blank=False),
        item=sheet.references("item_code", items, ("物资", "item"), blank=False),
        quantity=sheet.integers("quantity"),
        priority=(sheet.choices("priority", [str(rank) for rank in CLASSES], "4") + 1).astype(np.int8),
        weight_numerator=np.array([scaled[weight] for weight in weights], dtype=np.int64),
        weight_denominator=10**places,
        needed_within_hours=sheet.optional_decimals("needed_within_hours"),
    )


def _links(sheet: Sheet, nodes: Sequence[str] | None, items: Sequence[str] | None) -> Links:
    end = ("区划或储备库", "division or depot")
    road_metres = sheet.metres("km")
    capacity = np.where((sheet.text("capacity") == "").to_numpy(), -1, _natural(sheet, "capacity"))
    return Links(
        from_node=sheet.references("from_code", nodes, end, blank=False),
        to_node=sheet.references("to_code", nodes, end, blank=False),
        item=sheet.references("item_code", items, ("物资", "item"), blank=True),
        metres=road_metres + sheet.metres("penalty_km"),
        road_metres=road_metres,
        capacity=capacity.astype(np.int64),
        open=sheet.booleans("open", "1"),
        hours=sheet.optional_decimals("hours") or [None] * len(sheet),
    )


def _natural(sheet: Sheet, column: str) -> Int64:
    """Integers of a column whose -1 would mean something else in the arrays."""
    numbers = sheet.integers(column, "0")
    sheet.refuse(column, np.flatnonzero(numbers < 0).tolist(), "不得为负", "must not be negative")
    return numbers


def write_instance(problem: Problem, folder: Path) -> None:
    """Write the question as an instance folder, whole or not at all; an older one there is replaced.

    Raises FolderOccupied where other files stand there, OSError where the disk refuses.
    """
    with written_whole(folder) as draft:
        for table, frame in _instance_frames(problem).items():
            write_csv(frame, draft / f"{table}.csv")
        write_settings(problem.settings, draft)


def _instance_frames(problem: Problem) -> dict[str, pl.DataFrame]:
    divisions, depots, items = problem.divisions, problem.depots, problem.items
    stock, demand, links = problem.stock, problem.demand, problem.links
    return {
        "divisions": pl.DataFrame(
            {
                "code": divisions.codes,
                "name": divisions.names,
                "parent_code": named(divisions.codes, divisions.parent),
                "level": named(LEVELS, divisions.level),
                "km_to_parent": _km(divisions.metres_to_parent),
                "population": _blank_where(divisions.population, divisions.population < 0),
            }
        ),
        "depots": pl.DataFrame(
            {
                "code": depots.codes,
                "name": depots.names,
                "division_code": named(divisions.codes, depots.division),
                "km_to_division": _km(depots.metres_to_division),
                "kind": depots.kind,
            }
        ),
        "items": pl.DataFrame(
            {
                "code": items.codes,
                "name": items.names,
                "pack_size": items.pack_size,
                "unit": items.unit,
                "category": items.category,
                "weight_kg": [decimal_text(weight) for weight in items.weight_kg],
            }
        ),
        "stock": pl.DataFrame(
            {
                "depot_code": named(depots.codes, stock.depot),
                "item_code": named(items.codes, stock.item),
                "quantity": stock.quantity,
                "lot": stock.lot,
                "expires_on": _dates(stock.expires_on),
                "reserve_floor": stock.reserve_floor,
            }
        ),
        "demand": pl.DataFrame(
            {
                "id": demand.ids,
                "division_code": named(divisions.codes, demand.division),
                "item_code": named(items.codes, demand.item),
                "quantity": demand.quantity,
                "priority": demand.priority,
                "weight": _weights(demand),
                "needed_within_hours": _hours(demand.needed_within_hours or [None] * len(demand)),
            }
        ),
        "links": pl.DataFrame(
            {
                "from_code": named(problem.node_codes(), links.from_node),
                "to_code": named(problem.node_codes(), links.to_node),
                "item_code": named(items.codes, links.item),
                "km": _km(links.road_metres),
                "penalty_km": _km(links.metres - links.road_metres),
                "capacity": _blank_where(links.capacity, links.capacity < 0),
                "open": links.open.astype(np.int8),
                "hours": _hours(links.hours),
            }
        ),
    }


def _km(metres: Int64) -> pl.Series:
    """Metres as km with three decimals."""
    whole, rest = pl.Series(metres // 1000, dtype=pl.Int64), pl.Series(metres % 1000, dtype=pl.Int64)
    return whole.cast(pl.String) + "." + rest.cast(pl.String).str.zfill(3)


def _blank_where(numbers: Int64, blank: Bool) -> pl.Series:
    return pl.select(pl.when(pl.Series(blank)).then(None).otherwise(pl.Series(numbers))).to_series()


def _dates(days: Int32) -> pl.Series:
    dated = pl.Series(days, dtype=pl.Int32)
    return pl.select(pl.when(dated == NO_EXPIRY).then(None).otherwise(dated).cast(pl.Date)).to_series()


def _hours(hours: Sequence[Decimal | None]) -> pl.Series:
    return pl.Series([None if value is None else decimal_text(value) for value in hours], dtype=pl.String)


def _weights(demand: Demand) -> pl.Series:
    """Exact decimals, without trailing zeros."""
    numerators, rows = np.unique(demand.weight_numerator, return_inverse=True)
    texts = [decimal_text(Decimal(value) / demand.weight_denominator) for value in numerators.tolist()]
    return pl.Series(texts, dtype=pl.String).gather(rows)
