"""Shipments as the rule of section 5 deals them out of the flows, node by node, worked out anew from the model."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator

import numpy as np

from solver.check.arcs import THOUSANDTH, road_hours
from solver.check.case import Case
from solver.check.components import left, onward_of
from solver.check.rows import Bools, Ints

Streams = deque[tuple[int, int, int, int]]
"""Metres, hours, depot node and packs of what has come to a node, what came the shorter way first."""


def follows_the_rule(case: Case) -> bool:
    """Whether the shipments are just those that the rule gives, whatever lots they are from."""
    said, rows = case.plan.shipments, case.shipments
    position = {row: place for place, row in enumerate(case.question.requests.rows.tolist())}
    found = Counter[tuple[int, ...]]()
    columns = (said.demand_row, said.depot, said.metres, said.hours_thousandths, said.quantity)
    for row, depot, metres, hours, units in zip(*(column[rows].tolist() for column in columns), strict=True):
        found[position[row], depot, metres, hours] += units // case.question.size
    return found == Counter(dict(_deals(case)))


def _deals(case: Case) -> Iterator[tuple[tuple[int, ...], int]]:
    """Request, depot, metres and thousandths of an hour of each shipment, and its packs."""
    gates, arcs = Gates(case), case.question.arcs
    takers = _takers(case, gates)
    carries = np.flatnonzero((case.carried > 0) & ~gates.plain[arcs.head])
    outlets: dict[int, list[int]] = defaultdict(list)
    for arc in carries.tolist():  # arcs stand by tail, then by head
        outlets[int(arcs.tail[arc])].append(arc)
    onward = onward_of(arcs.tail[carries], arcs.head[carries])
    coming: dict[int, Counter[tuple[int, int, int]]] = defaultdict(Counter)
    for depot in np.flatnonzero(case.sent > 0).tolist():
        node = int(case.model.depot_nodes()[depot])
        coming[node][0, 0, node] += int(case.sent[depot])
    first_depot = len(case.model.inner) - case.model.depots
    for node in reversed(left(onward, sorted(coming))):
        streams = deque((*key, packs) for key, packs in sorted(coming.pop(node, Counter()).items()))
        for request, metres, hours, packs in takers.get(node, ()):
            for far, time, source, some in _taken(streams, packs):
                took = (time + hours + THOUSANDTH // 2) // THOUSANDTH
                yield (request, source - first_depot, far + metres, took), some
        for arc in outlets.get(node, ()):
            for far, time, source, some in _taken(streams, int(case.carried[arc])):
                key = far + int(arcs.metres[arc]), time + int(arcs.hours[arc]), source
                coming[int(arcs.head[arc])][key] += some


def _taken(streams: Streams, packs: int) -> Iterator[tuple[int, int, int, int]]:
    """Take so many packs off the front."""
    while packs and streams:
        metres, hours, source, there = streams.popleft()
        some = min(packs, there)
        if some < there:
            streams.appendleft((metres, hours, source, there - some))
        packs -= some
        yield metres, hours, source, some


def _takers(case: Case, gates: "Gates") -> dict[int, list[tuple[int, int, int, int]]]:
    """At each gate who is met there, the higher class first, then the earlier request: what is still to go, packs."""
    requests, model = case.question.requests, case.model
    metres = np.where(model.leaf[requests.place], model.problem.divisions.metres_to_parent[requests.place], 0)
    hours = road_hours(metres, metres)
    at, found = case.question.at, defaultdict(list)
    for place in np.lexsort((requests.rows, requests.priority)).tolist():
        if case.granted[place]:
            node = int(at[place])
            beyond = int(metres[place] + gates.metres[node]), int(hours[place] + gates.hours[node])
            found[int(gates.gate[node])].append((place, *beyond, int(case.granted[place])))
    return found


class Gates:
    """Of each inner node of an item whether it is plain, and which gate meets what is asked for there, how far away."""

    def __init__(self, case: Case) -> None:
        arcs, size = case.question.arcs, len(case.model.inner)
        self.plain = _plain(case)
        self.gate, self.metres, self.hours = np.arange(size), np.zeros(size, np.int64), np.zeros(size, np.int64)
        into = np.full(size, -1)
        into[arcs.head] = np.arange(len(arcs.head))
        for level in case.model.inner_levels:
            nodes = case.model.number[level]
            nodes = nodes[self.plain[nodes]]
            arc = into[nodes]
            above = arcs.tail[arc]
            self.gate[nodes] = self.gate[above]
            self.metres[nodes] = self.metres[above] + arcs.metres[arc]
            self.hours[nodes] = self.hours[above] + arcs.hours[arc]


def _plain(case: Case) -> Bools:
    """Divisions with one way in, the tree's from a division, that no link, closed road or lending touches, and beyond
    which only such divisions lie.
    """
    arcs, model = case.question.arcs, case.model
    size, divisions = len(model.inner), len(model.inner) - model.depots
    tree = (arcs.lender < 0) & (arcs.link < 0) & (arcs.tail < divisions)
    plain = np.zeros(size, dtype=np.bool_)
    plain[arcs.head[tree]] = True
    plain[np.bincount(arcs.head, minlength=size) != 1] = False
    other = (arcs.lender >= 0) | (arcs.link >= 0)
    for ends in (arcs.tail[other], arcs.head[other], arcs.closed_tail, arcs.closed_head):
        plain[ends] = False
    while len(leads := _leads_elsewhere(arcs.tail, arcs.head, plain)):
        plain[leads] = False
    return plain


def _leads_elsewhere(tail: Ints, head: Ints, plain: Bools) -> Ints:
    """Plain nodes from which an arc leads to one that is not."""
    return np.unique(tail[plain[tail] & ~plain[head]])
