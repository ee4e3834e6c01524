"""Whether `limited_by` says what really stands in the way of each request that got less than it wanted."""

from collections.abc import Iterator

import numpy as np

from solver.check.graph import Graph, Ints
from solver.check.model import AID, LINK
from solver.check.residual import Residual
from solver.check.rows import line
from solver.check.shipped import Case
from solver.plan import LIMITS
from solver.problem import Fault

FLOOR, CLOSED, LENT, NARROW = 1, 2, 4, 8


def reason_faults(case: Case, residual: Residual) -> Iterator[Fault]:
    """Requests whose reason is not the first that holds of section 7's list; needs fair grants."""
    rows = case.requests.rows
    true = np.where(case.granted < case.requests.wanted, _reasons(case, residual)[case.requests.place], 0)
    for place in np.flatnonzero(case.plan.limited_by[rows] != true).tolist():
        row = int(rows[place])
        name, said, right = case.model.problem.demand.ids[row], LIMITS[case.plan.limited_by[row]], LIMITS[true[place]]
        yield Fault(
            "allocation.csv",
            "limited_by",
            line(row),
            f"申请 {name} 的原因写作 {said!r},应为 {right!r}",
            f"request {name} is said to be limited by {said!r}, it is {right!r}",
        )


def _reasons(case: Case, residual: Residual) -> Ints:
    """What would limit an unfilled request at each node, as a place in LIMITS."""
    helped = _remedies(case, residual)
    unreached = np.full(case.model.nodes, LIMITS.index("stock"))
    unreached[_cut_off(case)] = LIMITS.index("no-way")
    names = ("reserve-floor", "closed", "mutual-aid", "link-capacity")
    conditions = [helped & form > 0 for form in (FLOOR, CLOSED, LENT, NARROW)]
    return np.select(conditions, [LIMITS.index(name) for name in names], unreached)


def _remedies(case: Case, residual: Residual) -> Ints:
    """Forms of remedy that help at each node: one pack more at a floor, or over an arc to which stock has a way."""
    arcs, nodes = case.arcs, case.model.nodes
    at_stock = np.zeros(nodes + 1, dtype=np.int64)
    at_stock[residual.stock] = 1
    rich = residual.graph.spread(at_stock, np.maximum) > 0
    seeds = np.zeros(nodes + 1, dtype=np.int64)
    seeds[case.model.divisions + np.flatnonzero(case.offer.withheld > 0)] |= FLOOR
    for form, tail, head in (
        (CLOSED, arcs.closed_tail, arcs.closed_head),
        (LENT, arcs.tail[arcs.kind == AID], arcs.head[arcs.kind == AID]),
        (NARROW, arcs.tail[arcs.kind == LINK], arcs.head[arcs.kind == LINK]),
    ):
        seeds[head[rich[tail]]] |= form
    return residual.graph.spread(seeds, np.bitwise_or)[:nodes]


def _cut_off(case: Case) -> np.ndarray:
    """Nodes to which no depot that has the item in date has a way of open arcs; none if no depot has it."""
    seeds = np.zeros(case.model.nodes, dtype=np.int64)
    seeds[case.model.divisions + np.flatnonzero(case.offer.in_date > 0)] = 1
    reached = Graph(case.model.nodes, case.arcs.tail, case.arcs.head).spread(seeds, np.maximum) > 0
    return ~reached & bool(seeds.any())
