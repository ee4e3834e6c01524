"""先到先得: requests in the order of the demand file, each from its own depot, then from the ones above.

Claims: whole packs that exist, each request from the nearest depot up its branch that still has some; the ways follow.
Does not: put life first, be fair, lend upward, choose lots, give reasons or a proof. Packs left in a branch that
nobody there asks for stay where they are, as in every split on the tree.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.bench.case import Answer, Baseline, Case, Ints, sums_before


def serve_as_they_come(case: Case) -> Answer:
    """All requests of a tier at once: what an office hands out depends on earlier requests below it only."""
    left, node = case.wanted.copy(), case.division.copy()
    climbed, metres = np.zeros(len(node), dtype=np.int64), 0
    for depth in range(int(case.depth.max(initial=0)), -1, -1):
        here = np.flatnonzero(case.depth[node] == depth)
        here = here[np.argsort(node[here], kind="stable")]
        for depot in _nearest_first(case, depth):
            place = np.full(case.divisions, -1)
            place[case.depot_division[depot]] = depot
            served = here[place[node[here]] >= 0]
            source = place[node[served]]
            taken = np.clip(case.offered[source] - sums_before(node[served], left[served]), 0, left[served])
            left[served] -= taken
            metres += int(taken @ (climbed[served] + case.depot_metres[source]))
        if depth:
            climbed[here] += case.metres_up[node[here]]
            node[here] = case.parent[node[here]]
    return Answer(case.wanted - left, metres)


def _nearest_first(case: Case, depth: int) -> Iterator[Ints]:
    """The depots of a tier's divisions: the nearest of each, then the second nearest of each, and so on."""
    depot = np.flatnonzero(case.depot_division >= 0)
    depot = depot[case.depth[case.depot_division[depot]] == depth]
    depot = depot[np.lexsort((case.depot_metres[depot], case.depot_division[depot]))]
    rank = sums_before(case.depot_division[depot], np.ones(len(depot), dtype=np.int64))
    for place in range(int(rank.max(initial=-1)) + 1):
        yield depot[rank == place]


BASELINES = (Baseline("first come, first served", "tree only, whoever asks first", serve_as_they_come),)
