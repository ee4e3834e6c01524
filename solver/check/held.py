"""Whether a plan that holds some items only says nothing of the others."""

from collections.abc import Iterator

import numpy as np

from solver.check.rows import Bools, grouped, line
from solver.plan import Plan
from solver.problem import Fault, Problem


def held_faults(problem: Problem, plan: Plan) -> list[Fault]:
    """The first of all rows about each item that the plan does not hold: grants, reasons, sets, shipments and so on."""
    missing = np.ones(len(problem.items), dtype=np.bool_)
    missing[plan.items] = False
    return list(_faults(problem, plan, missing)) if missing.any() else []


def _faults(problem: Problem, plan: Plan, missing: Bools) -> Iterator[Fault]:
    item = problem.demand.item
    tables = (
        ("allocation.csv", "granted", np.where(plan.granted != 0, item, -1)),
        ("allocation.csv", "limited_by", np.where(plan.limited_by != 0, item, -1)),
        ("allocation.csv", "set", np.where(plan.set != 0, item, -1)),
        ("shipments.csv", "item_code", item[plan.shipments.demand_row]),
        ("flows.csv", "item_code", plan.flows.item),
        ("limits.csv", "item_code", plan.limits.item),
        ("prices.csv", "item_code", plan.prices.item),
    )
    none = np.append(missing, False)
    for file, column, items in tables:
        rows = np.flatnonzero(none[items])
        firsts, group = grouped((items[rows],))
        for row, count in zip(rows[firsts].tolist(), np.bincount(group).tolist(), strict=True):
            code = problem.items.codes[int(items[row])]
            zh, en = (
                f"本方案不含物资 {code},却有 {count} 行",
                f"the plan does not hold item {code}, but has {count} rows",
            )
            yield Fault(file, column, line(row), zh, en)
