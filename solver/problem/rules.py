"""What the model asks of every table: shapes first, then values, and how a fault is worded."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np

from solver.problem.tables import (
    BASES,
    CLASSES,
    HOURS_DECIMALS,
    HOURS_MAX,
    KINDS,
    LEVELS,
    METRES_MAX,
    QUANTITY_MAX,
    TOTAL_MAX,
    WEIGHT_DENOMINATOR_MAX,
    WEIGHT_MAX,
    Bool,
    Divisions,
    Fault,
    Settings,
    Tables,
)

_CODE = re.compile(r"[^\s,@>]+")
_DTYPES: dict[str, dict[str, type[np.generic]]] = {
    "divisions": {"parent": np.int64, "level": np.int8, "metres_to_parent": np.int64, "population": np.int64},
    "depots": {"division": np.int64, "metres_to_division": np.int64},
    "items": {"pack_size": np.int64},
    "stock": {
        "depot": np.int64,
        "item": np.int64,
        "quantity": np.int64,
        "expires_on": np.int32,
        "reserve_floor": np.int64,
    },
    "demand": {
        "division": np.int64,
        "item": np.int64,
        "quantity": np.int64,
        "priority": np.int8,
        "weight_numerator": np.int64,
    },
    "links": {
        "from_node": np.int64,
        "to_node": np.int64,
        "item": np.int64,
        "metres": np.int64,
        "road_metres": np.int64,
        "capacity": np.int64,
        "open": np.bool_,
    },
}
_LISTS = {
    "divisions": ("codes", "names"),
    "depots": ("codes", "names", "kind"),
    "items": ("codes", "names", "weight_kg", "unit", "category"),
    "stock": ("lot",),
    "demand": ("ids", "needed_within_hours"),
    "links": ("hours",),
}


def find_faults(tables: Tables) -> list[Fault]:
    """Everything that is wrong with the tables; values are looked at once all columns have their shape."""
    return list(_shape_faults(tables)) or list(_content_faults(tables))


def _shape_faults(tables: Tables) -> Iterator[Fault]:
    for table, dtypes in _DTYPES.items():
        columns = getattr(tables, table)
        rows = len(columns)
        for column, dtype in dtypes.items():
            array = getattr(columns, column)
            if not isinstance(array, np.ndarray) or array.dtype != dtype or array.shape != (rows,):
                found = f"{getattr(array, 'dtype', type(array).__name__)}{getattr(array, 'shape', '')}"
                allowed = f"{np.dtype(dtype)}({rows},)"
                zh, en = f"应为 {allowed} 数组,实为 {found}", f"must be an array {allowed}, is {found}"
                yield Fault(table, column, -1, zh, en)
        for column in _LISTS[table]:
            values = getattr(columns, column)
            if values is not None and len(values) != rows:
                zh, en = f"应有 {rows} 个值,实有 {len(values)} 个", f"must have {rows} values, has {len(values)}"
                yield Fault(table, column, -1, zh, en)


def _content_faults(tables: Tables) -> Iterator[Fault]:
    yield from _code_faults(tables)
    yield from _range_faults(tables)
    yield from _choice_faults(tables)
    yield from _decimal_faults(tables)
    yield from _repeated_rows(tables)
    yield from _ring_faults(tables.divisions)
    yield from _total_faults(tables)
    yield from _settings_faults(tables.settings)


def _code_faults(tables: Tables) -> Iterator[Fault]:
    """Codes that cannot be codes, or stand twice; divisions and depots share one name space."""
    places = tables.divisions.codes, tables.depots.codes
    for table, codes in (("divisions", places[0]), ("depots", places[1]), ("items", tables.items.codes)):
        for row, code in enumerate(codes):
            if not _CODE.fullmatch(code):
                zh = f"代码 {code!r} 不可用:不得为空,不得含空格、逗号、@、>"
                en = f"code {code!r} is not allowed: not blank, no space, comma, @ or >"
                yield Fault(table, "codes", row, zh, en)
    yield from _repeated("items", "codes", tables.items.codes)
    yield from _repeated("divisions", "codes", places[0])
    yield from _repeated("depots", "codes", places[1], set(places[0]))
    yield from _repeated("demand", "ids", tables.demand.ids)


def _repeated(table: str, column: str, keys: Sequence[Hashable], taken: Iterable[Hashable] = ()) -> Iterator[Fault]:
    """Keys that stand earlier in the column, or are taken already."""
    seen = set(taken)
    if seen.isdisjoint(keys) and len(set(keys)) == len(keys):
        return
    for row, key in enumerate(keys):
        if key in seen:
            yield Fault(table, column, row, f"{key!r} 重复", f"{key!r} stands twice; each must be unique")
        seen.add(key)


def _repeated_rows(tables: Tables) -> Iterator[Fault]:
    """A second row for one depot, item and lot, or for one direction and item of a link."""
    stock, links = tables.stock, tables.links
    lots = list(zip(stock.depot.tolist(), stock.item.tolist(), stock.lot, strict=True))
    for fault in _repeated("stock", "lot", lots):
        zh, en = "同一储备库、物资、批次已有一行", "this depot, item and lot stand twice"
        yield replace(fault, zh=zh, en=en)
    arcs = list(zip(links.from_node.tolist(), links.to_node.tolist(), links.item.tolist(), strict=True))
    for fault in _repeated("links", "to_node", arcs):
        yield replace(fault, zh="同一起点、终点、物资已有一行", en="this link stands twice for the item")


def _range_faults(tables: Tables) -> Iterator[Fault]:
    """Numbers and row references outside their range."""
    divisions, depots, items = len(tables.divisions), len(tables.depots), len(tables.items)
    nodes = divisions + depots
    ranges = (
        ("divisions", "parent", -1, divisions - 1),
        ("divisions", "level", 0, len(LEVELS) - 1),
        ("divisions", "metres_to_parent", 0, METRES_MAX),
        ("divisions", "population", -1, QUANTITY_MAX),
        ("depots", "division", -1, divisions - 1),
        ("depots", "metres_to_division", 0, METRES_MAX),
        ("items", "pack_size", 1, QUANTITY_MAX),
        ("stock", "depot", 0, depots - 1),
        ("stock", "item", 0, items - 1),
        ("stock", "quantity", 0, QUANTITY_MAX),
        ("stock", "reserve_floor", 0, QUANTITY_MAX),
        ("demand", "division", 0, divisions - 1),
        ("demand", "item", 0, items - 1),
        ("demand", "quantity", 0, QUANTITY_MAX),
        ("demand", "priority", CLASSES[0], CLASSES[-1]),
        ("links", "from_node", 0, nodes - 1),
        ("links", "to_node", 0, nodes - 1),
        ("links", "item", -1, items - 1),
        ("links", "metres", 0, 2 * METRES_MAX),
        ("links", "road_metres", 0, METRES_MAX),
        ("links", "capacity", -1, QUANTITY_MAX),
    )
    for table, column, low, high in ranges:
        array = getattr(getattr(tables, table), column)
        for row in _rows((array < low) | (array > high)):
            zh, en = f"{array[row]} 不在允许范围 {low} 至 {high} 内", f"{array[row]} is not in {low} to {high}"
            yield Fault(table, column, row, zh, en)
    weights = tables.demand.weight_numerator
    for row in _rows((weights <= 0) | (weights > WEIGHT_MAX)):
        zh, en = "权重须大于 0,小于 10^9", "a weight is above 0 and below 10^9"
        yield Fault("demand", "weight_numerator", row, zh, en)
    denominator = tables.demand.weight_denominator
    if str(denominator).strip("0") != "1" or denominator > WEIGHT_DENOMINATOR_MAX:
        zh, en = f"{denominator} 不是 1 至 10^9 的十的幂", f"{denominator} is not a power of ten from 1 to 10^9"
        yield Fault("demand", "weight_denominator", -1, zh, en)


def _rows(wrong: Bool) -> list[int]:
    return np.flatnonzero(wrong).tolist()


def _choice_faults(tables: Tables) -> Iterator[Fault]:
    for row, kind in enumerate(tables.depots.kind):
        if kind not in KINDS:
            yield _no_choice("depots", "kind", row, kind, KINDS)


def _no_choice(table: str, column: str, row: int, found: str, allowed: Sequence[str]) -> Fault:
    names = " ".join(allowed)
    return Fault(table, column, row, f"{found!r} 不在 {names} 之中", f"{found!r} is none of {names}")


def _decimal_faults(tables: Tables) -> Iterator[Fault]:
    """Weights of goods and hours that are no number, or one that no sum could hold exactly."""
    for row, weight in enumerate(tables.items.weight_kg):
        if not weight.is_finite() or not 0 <= weight <= QUANTITY_MAX:
            zh, en = f"{weight} 不是非负有限数", f"{weight} is not a finite number of 0 or more"
            yield Fault("items", "weight_kg", row, zh, en)
    needed = tables.demand.needed_within_hours or []
    for table, column, hours in (("links", "hours", tables.links.hours), ("demand", "needed_within_hours", needed)):
        for row, value in enumerate(hours):
            if value is not None and not _is_hours(value):
                zh = f"{value} 不是 0 至 {HOURS_MAX}、至多 {HOURS_DECIMALS} 位小数的小时数"
                en = f"{value} is not hours from 0 to {HOURS_MAX} with at most {HOURS_DECIMALS} decimals"
                yield Fault(table, column, row, zh, en)


def _is_hours(value: Decimal) -> bool:
    return value.is_finite() and 0 <= value <= HOURS_MAX and value == round(value, HOURS_DECIMALS)


def _ring_faults(divisions: Divisions) -> Iterator[Fault]:
    """Divisions that are their own ancestor: where the ancestors of anybody end up when they never end."""
    parent = np.where((divisions.parent >= 0) & (divisions.parent < len(divisions)), divisions.parent, -1)
    above = np.append(parent, -1)
    for _ in range(len(divisions).bit_length()):
        above = above[above]
    endless = np.unique(above[above >= 0])
    for row in endless.tolist():
        code = divisions.codes[row]
        zh, en = f"{code!r} 是自己的上级", f"{code!r} is above itself; parents must form a tree"
        yield Fault("divisions", "parent", row, zh, en)


def _total_faults(tables: Tables) -> Iterator[Fault]:
    """Items of which more is stored or asked for, over all rows, than sums of int64 can bear."""
    for table, rows in (("stock", tables.stock), ("demand", tables.demand)):
        if rows.quantity.astype(np.float64).sum() < TOTAL_MAX:
            continue
        for item in np.unique(rows.item).tolist():
            total = sum(rows.quantity[rows.item == item].tolist())
            if total > TOTAL_MAX:
                zh = f"物资 {item} 合计 {total} 超过 {TOTAL_MAX}"
                yield Fault(table, "quantity", -1, zh, f"item {item} totals {total}, more than {TOTAL_MAX}")


def _settings_faults(settings: Settings) -> Iterator[Fault]:
    """Shares, levels and penalties that mean nothing."""
    for level, share in settings.mutual_aid.items():
        if level not in LEVELS:
            yield _no_choice("settings", "mutual_aid", -1, level, LEVELS)
        if not share.is_finite() or not 0 <= share <= 1:
            zh, en = f"{level} 的比例 {share} 不在 0 至 1 之间", f"share {share} of {level} is not in 0 to 1"
            yield Fault("settings", "mutual_aid", -1, zh, en)
    if settings.mutual_aid_basis not in BASES:
        yield _no_choice("settings", "mutual_aid_basis", -1, settings.mutual_aid_basis, BASES)
    penalty = settings.mutual_aid_penalty_metres
    if not 0 <= penalty <= METRES_MAX:
        zh, en = f"{penalty} 不在允许范围 0 至 {METRES_MAX} 内", f"{penalty} is not in 0 to {METRES_MAX}"
        yield Fault("settings", "mutual_aid_penalty_metres", -1, zh, en)
