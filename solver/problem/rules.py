"""What the model asks of the values of every table, and how a fault is worded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from solver.problem.shapes import TextColumns, find_shapes
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
    Int64,
    Settings,
    Tables,
)

_CODE = r"^[^\s\x1c-\x1f,@>]+$"
"""What Python calls a space is more than what polars does: the separators of ASCII too."""
_WEIGHT_DIGITS = 9
"""Before the point, as in the files."""
_NAMED = ("divisions", "depots", "items")


def find_faults(tables: Tables) -> list[Fault]:
    """Everything that is wrong with the tables; values are looked at once all columns have their shape."""
    texts, faults = find_shapes(tables)
    return faults or list(_content_faults(tables, texts))


def _content_faults(tables: Tables, texts: TextColumns) -> Iterator[Fault]:
    yield from _code_faults(texts)
    yield from _range_faults(tables)
    yield from _choice_faults(texts)
    yield from _decimal_faults(tables)
    yield from _repeated_rows(tables, texts)
    yield from _ring_faults(tables.divisions, texts["divisions", "codes"])
    yield from _total_faults(tables)
    yield from _settings_faults(tables.settings)


def _code_faults(texts: TextColumns) -> Iterator[Fault]:
    """Codes that cannot be codes, or stand twice; divisions and depots share one name space."""
    for table in _NAMED:
        codes = texts[table, "codes"]
        for row in _rows(~codes.str.contains(_CODE).to_numpy()):
            zh = f"代码 {codes[row]!r} 不可用:不得为空,不得含空格、逗号、@、>"
            en = f"code {codes[row]!r} is not allowed: not blank, no space, comma, @ or >"
            yield Fault(table, "codes", row, zh, en)
    yield from _repeated_texts("items", "codes", texts["items", "codes"])
    places, depots = texts["divisions", "codes"], texts["depots", "codes"]
    yield from _repeated_texts("divisions", "codes", places)
    yield from _repeated_texts("depots", "codes", depots, taken=places)
    for row in _rows((texts["demand", "ids"] == "").to_numpy()):
        yield Fault("demand", "ids", row, "不得为空", "must not be blank")
    yield from _repeated_texts("demand", "ids", texts["demand", "ids"])


def _repeated_texts(table: str, column: str, texts: pl.Series, taken: pl.Series | None = None) -> Iterator[Fault]:
    """Texts that stand earlier in the column, or are taken already."""
    before = pl.Series([], dtype=pl.String) if taken is None else taken
    frame = pl.DataFrame({"text": pl.concat([before.alias("text"), texts.alias("text")])})
    for row in _repeated(frame):
        if row >= len(before):
            text = frame["text"][row]
            place = row - len(before)
            yield Fault(table, column, place, f"{text!r} 重复", f"{text!r} stands twice; each must be unique")


def _repeated(keys: pl.DataFrame) -> list[int]:
    """Rows that are alike with an earlier one."""
    # Rows whose hashes all differ are all different, which sorting tells sooner than a table of them.
    hashes = np.sort(keys.hash_rows().to_numpy())
    if (hashes[1:] != hashes[:-1]).all():
        return []
    return _rows(~keys.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy())


def _repeated_rows(tables: Tables, texts: TextColumns) -> Iterator[Fault]:
    """A second row for one depot, item and lot, or for one direction and item of a link."""
    stock, links = tables.stock, tables.links
    for row in _repeated(pl.DataFrame({"depot": stock.depot, "item": stock.item, "lot": texts["stock", "lot"]})):
        zh, en = "同一储备库、物资、批次已有一行", "this depot, item and lot stand twice"
        yield Fault("stock", "lot", row, zh, en)
    for row in _repeated(pl.DataFrame({"from": links.from_node, "to": links.to_node, "item": links.item})):
        zh, en = "同一起点、终点、物资已有一行", "this link stands twice for the item"
        yield Fault("links", "to_node", row, zh, en)


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
        ("demand", "needed_within_hours_millionths", -1, HOURS_MAX * 10**HOURS_DECIMALS),
        ("links", "from_node", 0, nodes - 1),
        ("links", "to_node", 0, nodes - 1),
        ("links", "item", -1, items - 1),
        ("links", "metres", 0, 2 * METRES_MAX),
        ("links", "road_metres", 0, METRES_MAX),
        ("links", "capacity", -1, QUANTITY_MAX),
    )
    for table, column, low, high in ranges:
        array = getattr(getattr(tables, table), column)
        for row in _rows_outside(array, low, high):
            zh, en = f"{array[row]} 不在允许范围 {low} 至 {high} 内", f"{array[row]} is not in {low} to {high}"
            yield Fault(table, column, row, zh, en)
    weights, denominator = tables.demand.weight_numerator, tables.demand.weight_denominator
    for row in _rows_outside(weights, 1, min(WEIGHT_MAX, denominator * 10**_WEIGHT_DIGITS) - 1):
        zh, en = "权重须大于 0,小于 10^9", "a weight is above 0 and below 10^9"
        yield Fault("demand", "weight_numerator", row, zh, en)
    if str(denominator).strip("0") != "1" or denominator > WEIGHT_DENOMINATOR_MAX:
        zh, en = f"{denominator} 不是 1 至 10^9 的十的幂", f"{denominator} is not a power of ten from 1 to 10^9"
        yield Fault("demand", "weight_denominator", -1, zh, en)


def _rows_outside(array: npt.NDArray[np.integer[Any]] | None, low: int, high: int) -> list[int]:
    """Rows of values outside a range; the two extremes tell quickly that there are none."""
    if array is None or not len(array) or (array.min() >= low and array.max() <= high):
        return []
    return _rows((array < low) | (array > high))


def _rows(wrong: Bool) -> list[int]:
    return np.flatnonzero(wrong).tolist()


def _choice_faults(texts: TextColumns) -> Iterator[Fault]:
    kinds = texts["depots", "kind"]
    for row in _rows(~kinds.is_in(KINDS).to_numpy()):
        yield _no_choice("depots", "kind", row, kinds[row], KINDS)


def _no_choice(table: str, column: str, row: int, found: str, allowed: Sequence[str]) -> Fault:
    names = " ".join(allowed)
    return Fault(table, column, row, f"{found!r} 不在 {names} 之中", f"{found!r} is none of {names}")


def _decimal_faults(tables: Tables) -> Iterator[Fault]:
    """Weights of goods and hours of links that are no number, or one that no sum could hold exactly."""
    for row, weight in enumerate(tables.items.weight_kg):
        if not weight.is_finite() or not 0 <= weight <= QUANTITY_MAX:
            zh, en = f"{weight} 不是非负有限数", f"{weight} is not a finite number of 0 or more"
            yield Fault("items", "weight_kg", row, zh, en)
    for row, value in enumerate(tables.links.hours):
        if value is not None and not _is_hours(value):
            zh = f"{value} 不是 0 至 {HOURS_MAX}、至多 {HOURS_DECIMALS} 位小数的小时数"
            en = f"{value} is not hours from 0 to {HOURS_MAX} with at most {HOURS_DECIMALS} decimals"
            yield Fault("links", "hours", row, zh, en)


def _is_hours(value: Decimal) -> bool:
    return value.is_finite() and 0 <= value <= HOURS_MAX and value == round(value, HOURS_DECIMALS)


def _ring_faults(divisions: Divisions, codes: pl.Series) -> Iterator[Fault]:
    """Divisions that are their own ancestor: where the ancestors of anybody end up when they never end."""
    parent = np.where((divisions.parent >= 0) & (divisions.parent < len(divisions)), divisions.parent, -1)
    above = np.append(parent, -1)
    for _ in range(len(divisions).bit_length()):
        if (above < 0).all():
            return
        above = above[above]
    endless = np.unique(above[above >= 0])
    for row in endless.tolist():
        zh, en = f"{codes[row]!r} 是自己的上级", f"{codes[row]!r} is above itself; parents must form a tree"
        yield Fault("divisions", "parent", row, zh, en)


def _total_faults(tables: Tables) -> Iterator[Fault]:
    """Items of which more is stored or asked for, over all rows, than sums of int64 can bear."""
    for table, rows in (("stock", tables.stock), ("demand", tables.demand)):
        if rows.quantity.sum(dtype=np.float64) < TOTAL_MAX:
            continue
        for item in np.unique(rows.item).tolist():
            total = _exact_sum(rows.quantity[rows.item == item])
            if total > TOTAL_MAX:
                code = tables.items.codes[item]
                zh = f"物资 {code} 合计 {total} 超过 {TOTAL_MAX}"
                yield Fault(table, "quantity", -1, zh, f"item {code} totals {total}, more than {TOTAL_MAX}")


def _exact_sum(quantities: Int64) -> int:
    """The sum where int64 may not hold it; each value is at most QUANTITY_MAX."""
    return (int((quantities >> 32).sum()) << 32) + int((quantities & 0xFFFFFFFF).sum())


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
