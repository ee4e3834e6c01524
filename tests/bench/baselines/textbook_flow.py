"""OR-Tools' minimum-cost flow on the graph of every textbook: source, depots, divisions, requests, sink.

Claims: on the whole network, mutual aid included, the greatest quantity of class 1, then of class 2, and so on, over
the fewest pack-metres that this costs. Does not: be fair inside a class (whoever is nearest to the stock is filled
first), give reasons or a proof. A competent user's graph: arcs added as arrays, no node a request (its arc into the
sink will do, a quarter faster), and what cannot be served passes from source to sink beside it all.
"""

from __future__ import annotations

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from tests.bench.case import Answer, Baseline, Case, Ints

CLASSES = 4


def ship_by_flow(case: Case) -> Answer:
    """One flow; the grants are what the requests' arcs carry."""
    reward = (CLASSES + 1 - case.priority) * class_step(case)
    carried, granted = least_cost_flow(case, np.arange(len(case.row)), case.wanted, -reward)
    return Answer(granted, int(carried @ case.metres))


def class_step(case: Case) -> int:
    """More metres than any exchange of two packs can save, so that no class gives way for a shorter way."""
    longest_way = 2 * (int(case.depth.max(initial=0)) + 1) * int(case.metres.max(initial=0))
    return 2 * longest_way + 1


def least_cost_flow(case: Case, request: Ints, most: Ints, cost: Ints) -> tuple[Ints, Ints]:
    """Packs on each arc of the case and packs of each request, by arcs of `request` into the sink at a cost a pack.

    `request` may name one several times. Raises RuntimeError where the engine finds no optimum.
    """
    depots = np.arange(case.divisions, len(case.packs))
    source, sink = len(case.packs), len(case.packs) + 1
    flow = SimpleMinCostFlow()
    _add(flow, np.full(len(depots), source), depots, case.offered, np.zeros_like(depots))
    ways = _add(flow, case.tail, case.head, np.minimum(case.capacity, case.shippable), case.metres)
    taken = _add(flow, case.division[request], np.full(len(request), sink), most, cost)
    _add(flow, np.array([source]), np.array([sink]), np.array([case.shippable]), np.array([0]))
    flow.set_nodes_supplies(np.array([source, sink]), np.array([case.shippable, -case.shippable]))
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise RuntimeError(f"min-cost flow: {status}")
    granted = np.zeros(len(case.row), dtype=np.int64)
    np.add.at(granted, request, flow.flows(taken))
    return flow.flows(ways), granted


def _add(flow: SimpleMinCostFlow, tail: Ints, head: Ints, most: Ints, cost: Ints) -> Ints:
    """Arcs as arrays, and their numbers."""
    arcs: Ints = flow.add_arcs_with_capacity_and_unit_cost(tail, head, most, cost)
    return arcs


BASELINES = (Baseline("OR-Tools min-cost flow", "unfair, near, with mutual aid", ship_by_flow),)
