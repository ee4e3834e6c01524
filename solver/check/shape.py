"""Whether the numbers of a plan can be read at all: columns of one length, rows and quantities that can exist."""

from collections.abc import Iterator

import numpy as np

from solver.check.rows import Column, line
from solver.plan import LIMITS, Plan
from solver.problem import TOTAL_MAX, Fault, Problem

FILES = {"": "allocation.csv", "shipments": "shipments.csv", "flows": "flows.csv"}
CSV_COLUMN = {
    "demand_row": "id",
    "depot": "depot_code",
    "stock_row": "lot",
    "from_node": "from_code",
    "to_node": "to_code",
    "item": "item_code",
    "hours_thousandths": "hours",
}


def shape_faults(problem: Problem, plan: Plan) -> list[Fault]:
    """Columns of wrong length or type; if there are none, numbers outside what any plan of this problem may hold."""
    return list(_length_faults(problem, plan)) or list(_range_faults(problem, plan))


def _columns(problem: Problem, plan: Plan) -> Iterator[tuple[str, str, Column, int, int, int]]:
    """(table, column, values, rows, least, most) of every column of integers."""
    requests, nodes = len(problem.demand), problem.nodes()
    yield "", "granted", plan.granted, requests, 0, TOTAL_MAX
    yield "", "limited_by", plan.limited_by, requests, 0, len(LIMITS) - 1
    yield "", "set", plan.set, requests, 0, len(plan.limits)
    for table, column, most in (
        ("shipments", "demand_row", requests - 1),
        ("shipments", "depot", len(problem.depots) - 1),
        ("shipments", "stock_row", len(problem.stock) - 1),
        ("shipments", "quantity", TOTAL_MAX),
        ("shipments", "metres", TOTAL_MAX),
        ("shipments", "hours_thousandths", TOTAL_MAX),
        ("flows", "from_node", nodes - 1),
        ("flows", "to_node", nodes - 1),
        ("flows", "item", len(problem.items) - 1),
        ("flows", "quantity", TOTAL_MAX),
    ):
        rows = getattr(plan, table)
        yield table, column, getattr(rows, column), len(rows), int(column == "quantity"), most


def _length_faults(problem: Problem, plan: Plan) -> Iterator[Fault]:
    for table, column, values, rows, *_ in _columns(problem, plan):
        if isinstance(values, np.ndarray) and values.dtype.kind == "i" and values.shape == (rows,):
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
