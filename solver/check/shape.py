"""Whether the numbers of a plan can be read at all: columns of one length, rows and quantities that can exist."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from solver.check.rows import Column, line
from solver.plan import LIMITS, Plan
from solver.problem import TOTAL_MAX, Fault, Problem

FILES = {"shipments": "shipments.csv", "flows": "flows.csv", "limits": "limits.csv", "prices": "prices.csv"}
# Two prices and a way through a million arcs between them stay inside int64.
PRICE_MAX = TOTAL_MAX // 2
CSV_COLUMN = {
    "demand_row": "id",
    "depot": "depot_code",
    "stock_row": "lot",
    "from_node": "from_code",
    "to_node": "to_code",
    "item": "item_code",
    "node": "node_code",
    "hours_thousandths": "hours",
}


@dataclass(frozen=True)
class Range:
    """A column of integers that a plan must have: where it stands, its rows, its type and the range of its values."""

    file: str
    column: str
    values: Column
    rows: int
    dtype: type[np.generic]
    least: int
    most: int


def shape_faults(problem: Problem, plan: Plan) -> list[Fault]:
    """Columns of wrong length or type; if there are none, numbers outside what any plan of this problem may hold."""
    columns = [*_of_requests(problem, plan), *_of_tables(problem, plan)]
    faults = [fault for column in columns for fault in _length_faults(column)]
    faults += _text_faults(plan)
    return faults or [fault for column in columns for fault in _range_faults(column)] or list(_item_faults(plan))


def _of_requests(problem: Problem, plan: Plan) -> Iterator[Range]:
    requests = len(problem.demand)
    yield Range("allocation.csv", "granted", plan.granted, requests, np.int64, 0, TOTAL_MAX)
    yield Range("allocation.csv", "limited_by", plan.limited_by, requests, np.int8, 0, len(LIMITS) - 1)
    yield Range("allocation.csv", "set", plan.set, requests, np.int32, 0, requests)
    yield Range("summary.json", "items", plan.items, _rows(plan.items), np.int64, 0, len(problem.items) - 1)


def _of_tables(problem: Problem, plan: Plan) -> Iterator[Range]:
    requests, nodes, items = len(problem.demand), problem.nodes(), len(problem.items)
    whole, small = np.int64, np.int8
    for table, column, dtype, least, most in (
        ("shipments", "demand_row", whole, 0, requests - 1),
        ("shipments", "depot", whole, 0, len(problem.depots) - 1),
        ("shipments", "stock_row", whole, 0, len(problem.stock) - 1),
        ("shipments", "quantity", whole, 1, TOTAL_MAX),
        ("shipments", "metres", whole, 0, TOTAL_MAX),
        ("shipments", "hours_thousandths", whole, 0, TOTAL_MAX),
        ("flows", "from_node", whole, 0, nodes - 1),
        ("flows", "to_node", whole, 0, nodes - 1),
        ("flows", "item", whole, 0, items - 1),
        ("flows", "quantity", whole, 1, TOTAL_MAX),
        ("limits", "item", whole, 0, items - 1),
        ("limits", "requests", whole, 1, requests),
        ("limits", "packs_missing", whole, 1, TOTAL_MAX),
        ("limits", "limited_by", small, 1, len(LIMITS) - 1),
        ("limits", "higher_class", small, 0, 1),
        ("prices", "node", whole, 0, nodes - 1),
        ("prices", "item", whole, 0, items - 1),
        ("prices", "price", whole, -PRICE_MAX, PRICE_MAX),
    ):
        columns = vars(getattr(plan, table))
        rows = _rows(*columns.values())
        yield Range(FILES[table], CSV_COLUMN.get(column, column), columns[column], rows, dtype, least, most)


def _rows(*columns: object) -> int:
    """Rows of the first column that is one: any of them may be anything at all."""
    return next((len(values) for values in columns if isinstance(values, np.ndarray) and values.ndim), 0)


def _length_faults(column: Range) -> Iterator[Fault]:
    values, rows = column.values, column.rows
    if isinstance(values, np.ndarray) and values.dtype == column.dtype and values.shape == (rows,):
        return
    found = f"{getattr(values, 'dtype', type(values).__name__)}{getattr(values, 'shape', '')}"
    must = f"{np.dtype(column.dtype)}({rows},)"
    yield Fault(column.file, column.column, -1, f"应为 {must} 数组,实为 {found}", f"must be {must}, is {found}")


def _text_faults(plan: Plan) -> Iterator[Fault]:
    rows, remedies = _rows(plan.limits.item), plan.limits.remedies
    if not isinstance(remedies, list) or len(remedies) != rows or not all(isinstance(text, str) for text in remedies):
        yield Fault("limits.csv", "remedies", -1, f"应为 {rows} 行文字", f"must be {rows} rows of text")


def _range_faults(column: Range) -> Iterator[Fault]:
    values, least, most = column.values, column.least, column.most
    if not len(values) or (values.min() >= least and values.max() <= most):
        return
    for row in np.flatnonzero((values < least) | (values > most)).tolist():
        zh, en = f"{values[row]} 不在允许范围 {least} 至 {most} 内", f"{values[row]} is not in {least} to {most}"
        yield Fault(column.file, column.column, line(row), zh, en)


def _item_faults(plan: Plan) -> Iterator[Fault]:
    if (np.diff(plan.items) <= 0).any():
        zh, en = "所含物资应按顺序各列一次", "the items that a plan holds stand in order, each once"
        yield Fault("summary.json", "items", -1, zh, en)
