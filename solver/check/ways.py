"""Ways of an item's flows: by which arc packs of a depot come to a node, and how long all such ways are."""

import numpy as np

from solver.check.case import Case
from solver.check.components import left, onward_of
from solver.check.graph import Graph
from solver.check.rows import Bools, Ints, lined_up

# Ways of different length between one depot and one node beyond which they are no longer told apart.
WAYS_MAX = 10_000
NO_WAY, ANY_WAY = -1, -2

Lengths = dict[int, set[int]]


class Ways:
    """Metres and hours of all ways over carrying arcs from a depot to the nodes where such ways meet."""

    def __init__(self, case: Case) -> None:
        self.arcs, self.depots_from = case.question.arcs, len(case.model.inner) - case.model.depots
        arcs, carrying = case.support()
        self.arcs_in = arcs[lined_up(carrying.head)]
        self.first = np.append(0, np.cumsum(np.bincount(carrying.head, minlength=carrying.size)))
        self.gate = _only(arcs, carrying.tail, carrying.size)
        passed = np.diff(self.first)[carrying.tail] > 0
        self.inner = _only(arcs[passed], carrying.head[passed], carrying.size)
        leads_on = self._leads_to_doubt(carrying)
        self.onward: dict[int, list[int]] = {}
        doubtful = arcs[leads_on[carrying.head]]
        for arc in doubtful.tolist():
            self.onward.setdefault(int(self.arcs.tail[arc]), []).append(arc)
        self.leads_to = onward_of(self.arcs.tail[doubtful], self.arcs.head[doubtful])
        self.known: dict[int, dict[int, Lengths | None]] = {}

    def _leads_to_doubt(self, carrying: Graph) -> Bools:
        """Nodes on the way to one where `certain` may not know how packs came."""
        gates = self.gate == ANY_WAY
        gates[: self.depots_from] = False
        scattered = carrying.spread(gates.astype(np.int64), np.maximum) > 0
        doubt = (np.diff(self.first) > 1) & ((self.inner == ANY_WAY) | scattered)
        back = Graph(carrying.size, carrying.head, carrying.tail)
        return back.spread(doubt.astype(np.int64), np.maximum) > 0

    def arcs_into(self, node: Ints) -> Ints:
        """How many arcs carry into each node."""
        count: Ints = self.first[node + 1] - self.first[node]
        return count

    def certain(self, depot: Ints, node: Ints) -> Ints:
        """The only arc by which packs of each depot can come to each node; ANY_WAY where that takes a closer look.

        Looked at are: one arc comes in; it is the only arc out of the depot; that leads elsewhere, and but one arc
        comes in from a node that is passed through.
        """
        count, gate = self.arcs_into(node), self.gate[depot]
        arc = np.where((gate >= 0) & (count > 0), self.inner[node], np.where(count > 0, ANY_WAY, NO_WAY))
        single = count == 1
        arc[single] = self.arcs_in[self.first[node[single]]]
        leads_here = (gate >= 0) & (self.arcs.head[gate] == node)
        arc[leads_here] = gate[leads_here]
        return arc

    def lengths(self, depot: int, node: int) -> Lengths | None:
        """Hours of the ways from a depot to a node, by metres; None where they are more than WAYS_MAX."""
        if depot not in self.known:
            self.known[depot] = self._lengths_from(depot)
        return self.known[depot].get(node, {})

    def _lengths_from(self, depot: int) -> dict[int, Lengths | None]:
        arcs = self.arcs
        found: dict[int, Lengths | None] = {depot: {0: {0}}}
        for node in reversed(left(self.leads_to, [depot])):
            for arc in self.onward.get(node, []):
                head = int(arcs.head[arc])
                further = _longer(found[node], int(arcs.metres[arc]), int(arcs.hours[arc]))
                found[head] = _merged(found.get(head, {}), further)
        return found


def _only(arcs: Ints, node: Ints, nodes: int) -> Ints:
    """At each node the one arc that belongs to it; NO_WAY where there is none, ANY_WAY where there are several."""
    only = np.full(nodes, NO_WAY)
    only[node] = arcs
    only[np.bincount(node, minlength=nodes) > 1] = ANY_WAY
    return only


def _longer(lengths: Lengths | None, metres: int, hours: int) -> Lengths | None:
    if lengths is None:
        return None
    return {far + metres: {time + hours for time in times} for far, times in lengths.items()}


def _merged(one: Lengths | None, other: Lengths | None) -> Lengths | None:
    if one is None or other is None:
        return None
    both = {metres: one.get(metres, set()) | other.get(metres, set()) for metres in one.keys() | other.keys()}
    return both if sum(map(len, both.values())) <= WAYS_MAX else None
