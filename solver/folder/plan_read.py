"""The plan folder read: a Plan from its files; what a reader cannot believe is refused by file, line and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from solver.folder.columns import Rows, named, node_codes
from solver.folder.plan_summary import read_summary
from solver.folder.plan_write import fills
from solver.folder.sheet import Sheet, as_scaled, lookup
from solver.plan import HOURS_DECIMALS, LIMITS, Flows, Limits, MalformedPlan, Plan, Prices, Shipments
from solver.problem import CLASSES, Fault, Int8, Int32, Int64, Problem, Texts
from solver.sentences import say

_SAID = ("say_zh", "say_en")
_ALLOCATION = ("id", "division_code", "item_code", "priority", "requested", "granted", "fill", "limited_by", "set")
_SHIPMENTS = ("id", "depot_code", "division_code", "item_code", "lot", "quantity", "metres", "hours")
_FLOWS = ("from_code", "to_code", "item_code", "quantity")
_LIMITS = ("set", "item_code", "requests", "packs_missing", "limited_by", "higher_class", "remedies", *_SAID)
_PRICES = ("node_code", "item_code", "price")
_CLASS_NAMES = tuple(map(str, CLASSES))
_HOURS = rf"^(0|[1-9][0-9]{{0,11}})\.[0-9]{{{HOURS_DECIMALS}}}$"
_NODE, _ITEM = ("区划或储备库", "division or depot"), ("物资", "item")
_REQUEST, _DEPOT = ("需求", "request"), ("储备库", "depot")
_MUST_BE = ("应为", "must be")
_UNFIT = ("与 granted 不符,或 granted 有误:按它应为", "does not fit granted, or granted is wrong: by it this is")
_UNTRUE = (
    "与方案其余部分不符,或那里有误:按它应为",
    "does not fit the rest of the plan, or that is wrong: by it this is",
)
_OUT_OF_ORDER = ("各行应依需求文件的次序,此处应为", "lines stand in the order of the demand, here must be")


def read_plan(folder: Path, problem: Problem) -> Plan:
    """A plan of this problem from its folder. Raises MalformedPlan with every fault: file, line, column, reason.

    Read is what can be read as a plan of this problem, columns that repeat the instance included; rows stay in the
    order of the files. Sentences are held against what the rest says. Whether the plan is true is for `check` to say.
    """
    faults: list[Fault] = []
    granted, limited_by, sets = _read_allocation(folder, problem, faults)
    shipments = _read_shipments(folder, problem, granted, faults)
    flows = _read_flows(folder, problem, faults)
    told = Sheet(folder, "limits.csv", _LIMITS)
    limits = _read_limits(told, problem, faults)
    prices = _read_prices(folder, problem, faults)
    summary, items = read_summary(folder, problem, faults)
    if faults:
        raise MalformedPlan(faults)
    proved = summary.pop("proved")
    plan = Plan(granted, limited_by, sets, limits, shipments, flows, prices, items, summary, proved=proved)
    for column, texts in zip(_SAID, say(problem, plan), strict=True):
        _hold_against(told, column, pl.Series(texts, dtype=pl.String), _UNTRUE)
    if told.faults:
        raise MalformedPlan(told.faults)
    return plan


def read_grants(folder: Path, problem: Problem) -> tuple[Int64, Limits, Int64]:
    """Units granted to each request of this problem, the sets, and the items held, from a plan folder.

    What takes most time to read is left out. Raises MalformedPlan with every fault of allocation.csv, as far as it
    tells grants, limits.csv and summary.json. Whether they are true is for `check` to say.
    """
    faults: list[Fault] = []
    sheet = Sheet(folder, "allocation.csv", _ALLOCATION, numbers=("granted",))
    _requests_in_order(sheet, problem.demand.ids)
    granted = sheet.integers("granted")
    faults.extend(sheet.faults)
    limits = _read_limits(Sheet(folder, "limits.csv", _LIMITS), problem, faults)
    _, items = read_summary(folder, problem, faults)
    if faults:
        raise MalformedPlan(faults)
    return granted, limits, items


def _read_allocation(folder: Path, problem: Problem, faults: list[Fault]) -> tuple[Int64, Int8, Int32]:
    sheet = Sheet(folder, "allocation.csv", _ALLOCATION, numbers=("granted", "set"))
    at = _requests_in_order(sheet, problem.demand.ids)
    granted, limits = sheet.integers("granted"), sheet.choices("limited_by", LIMITS)
    _hold_places(sheet, problem, at)
    _hold_against(sheet, "priority", named(_CLASS_NAMES, problem.demand.priority[at] - CLASSES[0]))
    _hold_against(sheet, "requested", pl.Series(problem.demand.quantity[at]))
    if sheet.has("granted"):
        _hold_against(sheet, "fill", fills(problem, granted, at), _UNFIT)
    sets = _small(sheet, "set", "0")
    faults.extend(sheet.faults)
    return granted, limits.astype(np.int8), sets


def _requests_in_order(sheet: Sheet, ids: Texts) -> Rows:
    """The request of each line: all of them in order, or else faults are noted."""
    known = pl.Series(ids, dtype=pl.String)
    if sheet.text("id").equals(known):
        return slice(None)
    row = _requests(sheet, known)
    _refuse_missing(sheet, row, known)
    if not sheet.faults:
        for line in np.flatnonzero(row != np.arange(len(row))).tolist():
            sheet.refuse("id", [line], f"{_OUT_OF_ORDER[0]} {known[line]!r}", f"{_OUT_OF_ORDER[1]} {known[line]!r}")
    return row


def _refuse_missing(sheet: Sheet, row: Int64, ids: pl.Series) -> None:
    """Requests that stand on two lines, or on none."""
    if not sheet.has("id"):
        return
    again = ~pl.Series(row).is_first_distinct()
    sheet.refuse("id", again.arg_true().to_list(), "此需求已有一行", "stands twice; each request has one line")
    for missing in np.flatnonzero(np.bincount(row, minlength=len(ids)) == 0).tolist():
        sheet.refuse_file(f"缺少需求 {ids[missing]!r} 的一行", f"no line for request {ids[missing]!r}")


def _hold_places(sheet: Sheet, problem: Problem, at: Rows) -> None:
    """Division and item of each line's request."""
    demand = problem.demand
    _hold_against(sheet, "division_code", named(problem.divisions.codes, demand.division[at]))
    _hold_against(sheet, "item_code", named(problem.items.codes, demand.item[at]))


def _hold_against(sheet: Sheet, column: str, truth: pl.Series, says: tuple[str, str] = _MUST_BE) -> None:
    """Refuse what a column says otherwise than it must, line by line."""
    truth = truth.cast(pl.String)
    for line in (sheet.text(column) != truth).arg_true().to_list():
        if not sheet.is_bad("id", line):
            sheet.refuse(column, [line], f"{says[0]} {truth[line]}", f"{says[1]} {truth[line]}")


def _small(sheet: Sheet, column: str, default: str = "") -> Int32:
    """Integers that 32 bits hold."""
    numbers = sheet.integers(column, default)
    sheet.refuse(column, np.flatnonzero(numbers != numbers.astype(np.int32)).tolist(), "过大", "is too large")
    return numbers.astype(np.int32)


def _read_shipments(folder: Path, problem: Problem, granted: Int64, faults: list[Fault]) -> Shipments:
    sheet = Sheet(folder, "shipments.csv", _SHIPMENTS, numbers=("quantity", "metres"))
    row = _shipped_requests(sheet, problem.demand.ids, granted)
    _hold_places(sheet, problem, row)
    depot = sheet.references("depot_code", problem.depots.codes, _DEPOT, blank=False)
    shipments = Shipments(
        demand_row=row,
        depot=depot,
        stock_row=_read_lots(sheet, problem, depot, problem.demand.item[row]),
        quantity=sheet.integers("quantity"),
        metres=sheet.integers("metres"),
        hours_thousandths=_read_hours(sheet),
    )
    faults.extend(sheet.faults)
    return shipments


def _shipped_requests(sheet: Sheet, ids: Texts, granted: Int64) -> Int64:
    """The request of each line.

    Lines stand in the order of the requests that are granted something; where the ids bear that out, none need be
    looked up, which would take longer than reading the rest.
    """
    found, known = sheet.text("id"), pl.Series(ids, dtype=pl.String)
    number = (found != found.shift()).fill_null(True).cum_sum().to_numpy() - 1
    served = np.flatnonzero(granted > 0)
    if len(granted) == len(known) and len(number) and number[-1] < len(served):
        row: Int64 = served[number]
        if found.equals(known.gather(row)):
            return row
    return _requests(sheet, known)


def _requests(sheet: Sheet, known: pl.Series) -> Int64:
    """The request of each line, by its id; no line is left where there is no request at all."""
    row = sheet.references("id", known, _REQUEST, blank=False)
    if not len(known):
        sheet.close()
    return row[: len(sheet)]


def _read_hours(sheet: Sheet) -> Int64:
    """Thousandths of hours written with three decimals."""
    texts = sheet.text("hours")
    wrong = ~texts.str.contains(_HOURS)
    sheet.refuse("hours", wrong.arg_true().to_list(), "应为三位小数的小时数", "must be hours with three decimals")
    return as_scaled(texts, wrong, HOURS_DECIMALS)


def _read_lots(sheet: Sheet, problem: Problem, depot: Int64, item: Int64) -> Int64:
    """The stock row that each line's depot, item and lot name."""
    stock, lots = problem.stock, pl.Series(problem.stock.lot, dtype=pl.String)
    names = lots.unique()
    keys = _lot_keys(problem, stock.depot, stock.item, lookup(lots, names), len(names))
    rows = lookup(_lot_keys(problem, depot, item, lookup(sheet.text("lot"), names), len(names)), keys)
    zh, en = "此储备库没有这一物资的这一批次", "the depot holds no such lot of the item"
    sheet.refuse("lot", rows.is_null().arg_true().to_list(), zh, en)
    return rows.fill_null(0).to_numpy().copy()


def _lot_keys(problem: Problem, depot: Int64, item: Int64, name: pl.Series, names: int) -> pl.Series:
    """Depot, item and name of lots in one number each; null where no lot has the name."""
    return pl.Series(depot * len(problem.items) + item) * names + name


def _read_flows(folder: Path, problem: Problem, faults: list[Fault]) -> Flows:
    sheet, nodes = Sheet(folder, "flows.csv", _FLOWS, numbers=("quantity",)), node_codes(problem)
    flows = Flows(
        from_node=sheet.references("from_code", nodes, _NODE, blank=False),
        to_node=sheet.references("to_code", nodes, _NODE, blank=False),
        item=sheet.references("item_code", problem.items.codes, _ITEM, blank=False),
        quantity=sheet.integers("quantity"),
    )
    faults.extend(sheet.faults)
    return flows


def _read_limits(sheet: Sheet, problem: Problem, faults: list[Fault]) -> Limits:
    _hold_against(sheet, "set", pl.int_range(1, len(sheet) + 1, eager=True))
    limits = Limits(
        item=sheet.references("item_code", problem.items.codes, _ITEM, blank=False),
        requests=sheet.integers("requests"),
        packs_missing=sheet.integers("packs_missing"),
        limited_by=sheet.choices("limited_by", LIMITS).astype(np.int8),
        higher_class=sheet.choices("higher_class", ("0", "1")).astype(np.int8),
        remedies=sheet.text("remedies").to_list(),
    )
    faults.extend(sheet.faults)
    return limits


def _read_prices(folder: Path, problem: Problem, faults: list[Fault]) -> Prices:
    sheet = Sheet(folder, "prices.csv", _PRICES, numbers=("price",))
    prices = Prices(
        node=sheet.references("node_code", node_codes(problem), _NODE, blank=False),
        item=sheet.references("item_code", problem.items.codes, _ITEM, blank=False),
        price=sheet.integers("price"),
    )
    faults.extend(sheet.faults)
    return prices
