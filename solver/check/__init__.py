"""Is this plan true? Reads problem and plan, shares nothing with what made the plan, and says every fault in words."""

from typing import Any

import numpy as np

from solver.check.decomposed import decomposed_faults
from solver.check.fair import fair_faults
from solver.check.graph import Ints
from solver.check.model import Model
from solver.check.near import near_faults
from solver.check.reasons import reason_faults
from solver.check.residual import residual_of
from solver.check.shape import shape_faults
from solver.check.shipped import Case, case_of, shipped_faults
from solver.check.totals import item_totals, total_faults
from solver.plan import Plan
from solver.problem import Fault, Problem

__all__ = ["check"]


def check(problem: Problem, plan: Plan) -> list[Fault]:
    """Every fault of a plan, in the order of the items; an empty list means that the plan is true.

    What is asked later makes sense only where what is asked first holds: numbers that can be read; an item that can
    be shipped as written; grants by the rule, least transport, shipments that are ways of the flows; true reasons.
    The summary is held to the rows when all of them stand. Faults name the file of the plan folder, its line
    (or -1 where it is about several), the column, and the numbers.
    """
    faults = shape_faults(problem, plan)
    if faults:
        return faults
    model, totals = Model(problem), list[dict[str, Any]]()
    shipments = _rows_by_item(problem.demand.item[plan.shipments.demand_row], len(problem.items))
    flows = _rows_by_item(plan.flows.item, len(problem.items))
    for item in range(len(problem.items)):
        case = case_of(model, plan, item, shipments[item], flows[item])
        faults += _item_faults(case)
        if not faults:
            totals.append(item_totals(case))
    return faults or total_faults(plan.summary, problem, totals)


def _rows_by_item(item: Ints, items: int) -> list[Ints]:
    order = np.argsort(item, kind="stable").astype(np.int64)
    return np.split(order, np.searchsorted(item[order], np.arange(1, items)))


def _item_faults(case: Case) -> list[Fault]:
    faults = shipped_faults(case)
    if faults:
        return faults
    residual = residual_of(case)
    unfair = list(fair_faults(case, residual))
    faults = [*unfair, *near_faults(case, residual), *decomposed_faults(case)]
    return faults if unfair else [*faults, *reason_faults(case, residual)]
