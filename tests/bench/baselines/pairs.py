"""PuLP and CBC on ancestor pairs, the model that comes to mind first: how much of each depot goes to each request.

Claims: within one item on the tree, the greatest quantity weighted by class, hence the greatest quantity of class 1,
then of class 2, and so on (any weights that fall from class to class have the same optimum here). The ways follow
from the pairs. Does not: be fair inside a class, go near first, lend upward, know links, give reasons or a proof.

Written to be fast: pairs by numpy, only depots that offer something, expressions built at once, no integer variables
(every corner of this model is whole), items apart. Run twice: CBC called as PuLP calls it, which is the divisor; and
told to use the primal simplex, which takes about half the time here, as somebody finds who tries CBC's options one by
one (interior point a little longer, integer variables slower in each).
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import numpy as np
import pulp

from tests.bench.case import Answer, Baseline, Case, Ints

CBC = pulp.PULP_CBC_CMD.pulp_cbc_path
"""The program that comes with PuLP; the newest one, built for this processor, took the same time."""
CLASS_WEIGHT = (0, 4, 3, 2, 1)


def ship_over_pairs(case: Case, options: tuple[str, ...] = ()) -> Answer:
    """Build, solve with these options of CBC, read."""
    request, depot, metres = pairs_of(case)
    model = pulp.LpProblem("item", pulp.LpMaximize)
    packs = [model.add_variable(f"x{number}", 0) for number in range(len(request))]
    worth = np.array(CLASS_WEIGHT)[case.priority[request]].tolist()
    model.setObjective(pulp.LpAffineExpression(zip(packs, worth, strict=True)))
    _add_limits(model, packs, request, case.wanted, "request")
    _add_limits(model, packs, depot, case.offered, "depot")
    status = model.solve(pulp.COIN_CMD(path=CBC, msg=0, threads=1, options=list(options)))
    if status != pulp.LpStatusOptimal:
        raise RuntimeError(f"CBC: {pulp.LpStatus[status]}")
    shipped = np.rint([variable.varValue for variable in packs]).astype(np.int64)
    granted = np.bincount(request, shipped, minlength=len(case.row)).astype(np.int64)
    return Answer(granted, int(shipped @ metres))


def _add_limits(model: pulp.LpProblem, packs: list[pulp.LpVariable], group: Ints, most: Ints, name: str) -> None:
    """For each group of variables, one row: together no more than this."""
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    members = [packs[place] for place in order.tolist()]
    bounds = pairwise([*starts.tolist(), len(members)])
    for (low, high), key in zip(bounds, group[order][starts].tolist(), strict=True):
        together = pulp.LpAffineExpression((variable, 1) for variable in members[low:high])
        model.addConstraint(pulp.LpConstraint(together, pulp.LpConstraintLE, f"{name}{key}", int(most[key])))


def pairs_of(case: Case) -> tuple[Ints, Ints, Ints]:
    """Each request with each depot at or above its division that has packs, and the metres between them."""
    stands = np.flatnonzero((case.offered > 0) & (case.depot_division >= 0))
    stands = stands[np.argsort(case.depot_division[stands], kind="stable")]
    first = np.searchsorted(case.depot_division[stands], np.arange(case.divisions + 1))
    request = np.flatnonzero(case.wanted > 0)
    node, climbed = case.division[request], np.zeros(len(request), dtype=np.int64)
    found: list[Ints] = []
    while len(request):
        count = first[node + 1] - first[node]
        each = np.repeat(np.arange(len(request)), count)
        depot = stands[np.repeat(first[node] - np.cumsum(count) + count, count) + np.arange(len(each))]
        found.append(np.stack([request[each], depot, climbed[each] + case.depot_metres[depot]]))
        up = case.parent[node] >= 0
        climbed, request, node = (climbed + case.metres_up[node])[up], request[up], case.parent[node[up]]
    request, depot, metres = np.concatenate([np.zeros((3, 0), dtype=np.int64), *found], axis=1)
    return request, depot, metres


JOB = "unfair, tree only, no ways chosen"
BASELINES = (
    Baseline("PuLP + CBC, ancestor pairs", JOB, ship_over_pairs),
    Baseline("the same, CBC told: primal simplex", JOB, partial(ship_over_pairs, options=("primalS",))),
)
