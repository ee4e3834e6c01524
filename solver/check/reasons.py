"""Whether `limited_by` says what really stands in the way of each request that got less than it wanted."""

from collections.abc import Iterator

import numpy as np

from solver.check.case import Case
from solver.check.graph import Graph
from solver.check.remedies import FORMS, Remedies, forms_at
from solver.check.rows import Bools, Ints, line
from solver.plan import LIMITS
from solver.problem import Fault

NAMES = ("reserve-floor", "closed", "mutual-aid", "link-capacity")
"""What a remedy of each of FORMS says of the request it helps."""


def reasons_of(case: Case, graph: Graph, remedies: Remedies) -> Ints:
    """What would limit an unfilled request at each inner node: the first of LIMITS that holds."""
    forms = forms_at(graph, remedies)[: len(case.model.inner)]
    unreached = np.full(len(forms), LIMITS.index("stock"))
    unreached[_cut_off(case)] = LIMITS.index("no-way")
    conditions = [forms & (1 << place) > 0 for place in range(len(FORMS))]
    return np.select(conditions, [LIMITS.index(name) for name in NAMES], unreached)


def _cut_off(case: Case) -> Bools:
    """Nodes to which no depot that has the item in date has a way of open arcs; none if no depot has it."""
    seeds = np.zeros(len(case.model.inner), dtype=np.int64)
    seeds[case.model.depot_nodes()[case.question.offer.in_date > 0]] = 1
    unreached: Bools = case.question.arcs.graph.spread(seeds, np.maximum) == 0
    return unreached & bool(seeds.any())


def reason_faults(case: Case, short: Ints, reason: Ints) -> Iterator[Fault]:
    """Requests whose reason is not the true one; `short` are those that got less, `reason` is theirs."""
    rows = case.question.requests.rows
    true = np.zeros(len(rows), dtype=np.int64)
    true[short] = reason
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
