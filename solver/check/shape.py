"""Whether the numbers of a plan can be read at all: columns of one length, rows and quantities that can exist."""

import re
from collections.abc import Iterator

import numpy as np

from solver.check.graph import Ints
from solver.check.rows import Column, line
from solver.plan import HOURS_DECIMALS, LIMITS, Plan
from solver.problem import TOTAL_MAX, Fault, Problem

HOURS_TEXT = re.compile(rf"[0-9]{{1,12}}\.[0-9]{{{HOURS_DECIMALS}}}")
FILES = {"": "allocation.csv", "shipments": "shipments.csv", "flows": "flows.csv"}
CSV_COLUMN = {
    "demand_row": "id",
    "depot": "depot_code",
    "stock_row": "lot",
    "from_node": "from_code",
    "to_node": "to_code",
    "item": "item_code",
}


def shape_faults(problem: Problem, plan: Plan) -> list[Fault]:
    """Columns of wrong length or type; if there are none, numbers outside what any plan of this problem may hold."""
    return list(_length_faults(problem, plan)) or list(_range_faults(problem, plan)) + list(_hours_faults(plan))


def _columns(problem: Problem, plan: Plan) -> Iterator[tuple[str, str, Column, int, int, int]]:
    """(table, column, values, rows, least, most) of every column of integers."""
    requests, nodes = len(problem.demand), problem.nodes()
    yield "", "granted", plan.granted, requests, 0, TOTAL_MAX
    yield "", "limited_by", plan.limited_by, requests, 0, len(LIMITS) - 1
    # Sets are numbered when limits.csv is written; until then none is.
    yield "", "set", plan.set, requests, 0, 0
    for table, column, most in (
        ("shipments", "demand_row", requests - 1),
        ("shipments", "depot", len(problem.depots) - 1),
        ("shipments", "stock_row", len(problem.stock) - 1),
        ("shipments", "quantity", TOTAL_MAX),
        ("shipments", "metres", TOTAL_MAX),
        ("flows", "from_node", nodes - 1),
        ("flows", "to_node", nodes - 1),
        ("flows", "item", len(problem.items) - 1),
        ("flows", "quantity", TOTAL_MAX),
    ):
        rows = getattr(plan, table)
        yield table, column, getattr(rows, column), len(rows), int(column == "quantity"), most


def _length_faults(problem: Problem, plan: Plan) -> Iterator[Fault]:
    columns: list[tuple[str, str, Column, int]] = [
        (table, column, values, rows) for table, column, values, rows, *_ in _columns(problem, plan)
    ]
    columns.append(("shipments", "hours", plan.shipments.hours, len(plan.shipments)))
    for table, column, values, rows in columns:
        kinds = "U" if column == "hours" else "i"
        if isinstance(values, np.ndarray) and values.dtype.kind in kinds and values.shape == (rows,):
            continue
        found = f"{getattr(values, 'dtype', type(values).__name__)}{getattr(values, 'shape', '')}"
        yield Fault(
            FILES[table],
            CSV_COLUMN.get(column, column),
            -1,
            f"应有 {rows} 个值,实为 {found}",
            f"must have {rows} values, is {found}",
        )


def _range_faults(problem: Problem, plan: Plan) -> Iterator[Fault]:
    for table, column, values, _, least, most in _columns(problem, plan):
        for row in np.flatnonzero((values < least) | (values > most)).tolist():
            yield Fault(
                FILES[table],
                CSV_COLUMN.get(column, column),
                line(row),
                f"{values[row]} 不在允许范围 {least} 至 {most} 内",
                f"{values[row]} is not in {least} to {most}",
            )


def _hours_faults(plan: Plan) -> Iterator[Fault]:
    texts, row_of = np.unique(plan.shipments.hours, return_inverse=True)
    wrong = np.array([HOURS_TEXT.fullmatch(text) is None for text in texts.tolist()], dtype=np.bool_)
    for row in np.flatnonzero(wrong[row_of]).tolist():
        text = plan.shipments.hours[row]
        yield Fault(
            "shipments.csv",
            "hours",
            line(row),
            f"{text!r} 不是 {HOURS_DECIMALS} 位小数的小时数",
            f"{text!r} is not hours with {HOURS_DECIMALS} decimals",
        )


def hours_thousandths(hours: Column) -> Ints:
    """Hours as text, each in thousandths of an hour."""
    texts, row_of = np.unique(hours, return_inverse=True)
    return np.array([int(text.replace(".", "")) for text in texts.tolist()], dtype=np.int64)[row_of]
