"""Whether the shipments of an item are its flows taken apart into ways, each with the metres and hours of its way.

Each shipment is walked back from its place to its depot over arcs that carry. Where one arc comes in, or one only
fits the metres (or the hours) still to go, the step is certain; in the end each arc must have been walked by just
the packs it carries. Where several ways of one length and time fit, any of them will do: shipments that stop there
are held to the sum of pack-metres.
"""

from collections.abc import Iterator
from operator import mul

import numpy as np

from solver.check.graph import Bools, Graph, Ints
from solver.check.model import HOUR
from solver.check.rows import grouped, line, sums
from solver.check.shipped import Case
from solver.plan import hours_text
from solver.problem import Fault

THOUSANDTH = HOUR // 1000
# Ways of different length between one depot and one node beyond which they are no longer told apart.
WAYS_MAX = 10_000
NO_WAY, ANY_WAY = -1, -2

Lengths = dict[int, set[int]]


def decomposed_faults(case: Case) -> list[Fault]:
    """Shipments that no way of the flows explains; needs flows that balance and go in no circle."""
    return Walk(case).faults()


class Ways:
    """Metres and hours of all ways over carrying arcs from a depot to the nodes where such ways meet."""

    def __init__(self, case: Case) -> None:
        self.case = case
        arcs, carrying = case.support()
        order = np.argsort(carrying.head, kind="stable")
        self.arcs_in = arcs[order]
        self.first = np.searchsorted(carrying.head[order], np.arange(case.model.nodes + 1))
        self.gate = _only(arcs, carrying.tail, carrying.size)
        passed = np.diff(self.first)[carrying.tail] > 0
        self.inner = _only(arcs[passed], carrying.head[passed], carrying.size)
        leads_on = self._leads_to_doubt(carrying)
        self.onward: dict[int, list[int]] = {}
        for arc in arcs[leads_on[carrying.head]].tolist():
            self.onward.setdefault(int(case.arcs.tail[arc]), []).append(arc)
        self.known: dict[int, dict[int, Lengths | None]] = {}

    def _leads_to_doubt(self, carrying: Graph) -> Bools:
        """Nodes on the way to one where `certain` may not know how packs came."""
        gates = self.gate == ANY_WAY
        gates[: self.case.model.divisions] = False
        scattered = carrying.spread(gates.astype(np.int64), np.maximum) > 0
        doubt = (np.diff(self.first) > 1) & ((self.inner == ANY_WAY) | scattered)
        back = Graph(carrying.size, carrying.head, carrying.tail)
        return back.spread(doubt.astype(np.int64), np.maximum) > 0

    def certain(self, depot: Ints, node: Ints) -> Ints:
        """The only arc by which packs of each depot can come to each node; ANY_WAY where that takes a closer look.

        Looked at are: one arc comes in; it is the only arc out of the depot; that leads elsewhere, and but one arc
        comes in from a node that is passed through.
        """
        count, gate = self.first[node + 1] - self.first[node], self.gate[depot]
        arc = np.where((gate >= 0) & (count > 0), self.inner[node], np.where(count > 0, ANY_WAY, NO_WAY))
        single = count == 1
        arc[single] = self.arcs_in[self.first[node[single]]]
        leads_here = (gate >= 0) & (self.case.arcs.head[gate] == node)
        arc[leads_here] = gate[leads_here]
        return arc

    def lengths(self, depot: int, node: int) -> Lengths | None:
        """Hours of the ways from a depot to a node, by metres; None where they are more than WAYS_MAX."""
        if depot not in self.known:
            self.known[depot] = self._lengths_from(depot)
        return self.known[depot].get(node, {})

    def _lengths_from(self, depot: int) -> dict[int, Lengths | None]:
        arcs = self.case.arcs
        found: dict[int, Lengths | None] = {depot: {0: {0}}}
        for node in self._reached(depot):
            for arc in self.onward.get(node, []):
                head = int(arcs.head[arc])
                further = _longer(found[node], int(arcs.metres[arc]), int(arcs.hours[arc]))
                found[head] = _merged(found.get(head, {}), further)
        return found

    def _reached(self, depot: int) -> list[int]:
        """Nodes that a depot reaches, each after all that lead to it: written down on leaving, depth first."""
        heads = self.case.arcs.head
        left: list[int] = []
        seen = {depot}
        path = [(depot, iter(self.onward.get(depot, [])))]
        while path:
            arcs = path[-1][1]
            head = next((head for head in (int(heads[arc]) for arc in arcs) if head not in seen), None)
            if head is None:
                left.append(path.pop()[0])
            else:
                seen.add(head)
                path.append((head, iter(self.onward.get(head, []))))
        return left[::-1]


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


class Walk:
    """Shipments of one item on their way back from where they went to where they came from.

    `node`, `metres`, `hours`: where each shipment stands, the metres it still has to go and the hours walked.
    """

    def __init__(self, case: Case) -> None:
        self.case, self.rows, self.ways = case, case.shipments, Ways(case)
        shipments = case.plan.shipments
        self.origin = case.model.divisions + shipments.depot[self.rows]
        self.packs = shipments.quantity[self.rows] // case.size
        self.node = case.model.problem.demand.division[shipments.demand_row[self.rows]]
        self.metres = shipments.metres[self.rows].copy()
        self.hours = np.zeros(len(self.rows), dtype=np.int64)
        self.said_hours = shipments.hours_thousandths[self.rows]
        self.walked = np.zeros(len(case.arcs.key), dtype=np.int64)

    def faults(self) -> list[Fault]:
        """Walk every shipment as far as its way is certain and say what does not fit."""
        faults: list[Fault] = []
        stopped: list[Ints] = []
        moving = np.arange(len(self.rows))
        while len(moving):
            home = self.node[moving] == self.origin[moving]
            faults += self._arrival_faults(moving[home])
            moving = moving[~home]
            arc = self._arc_in(moving)
            faults += self._lost_faults(moving[arc == NO_WAY])
            stopped.append(moving[arc == ANY_WAY])
            moving = moving[arc >= 0]
            self._step(moving, arc[arc >= 0])
        return faults or list(self._flow_faults(np.concatenate([moving, *stopped])))

    def _step(self, moving: Ints, arc: Ints) -> None:
        arcs = self.case.arcs
        self.walked += sums(arc, self.packs[moving], len(self.walked))
        self.metres[moving] -= arcs.metres[arc]
        self.hours[moving] += arcs.hours[arc]
        self.node[moving] = arcs.tail[arc]

    def _arc_in(self, moving: Ints) -> Ints:
        """The arc by which each shipment came to its node; NO_WAY where none fits, ANY_WAY where several do."""
        chosen = self.ways.certain(self.origin[moving], self.node[moving])
        several = np.flatnonzero(chosen == ANY_WAY)
        shipments = moving[several]
        firsts, group = grouped((self.metres[shipments], self.origin[shipments], self.node[shipments]))
        fitting = [self._fitting(int(shipment)) for shipment in shipments[firsts].tolist()]
        for place, shipment, number in zip(several.tolist(), shipments.tolist(), group.tolist(), strict=True):
            chosen[place] = self._in_time(shipment, fitting[number])
        return chosen

    def _fitting(self, shipment: int) -> list[int] | None:
        """Arcs into the shipment's node that lie on a way of its metres; None where there are too many to tell."""
        node, arcs, fits = int(self.node[shipment]), self.case.arcs, []
        for arc in self.ways.arcs_in[self.ways.first[node] : self.ways.first[node + 1]].tolist():
            lengths = self.ways.lengths(int(self.origin[shipment]), int(arcs.tail[arc]))
            if lengths is None:
                return None
            if int(self.metres[shipment] - arcs.metres[arc]) in lengths:
                fits.append(arc)
        return fits

    def _in_time(self, shipment: int, fitting: list[int] | None) -> int:
        """The one arc that fits the shipment; where several fit its metres, its hours may decide."""
        if fitting is not None and len(fitting) > 1:
            fitting = [arc for arc in fitting if self._times_fit(shipment, arc)]
        if not fitting:
            return ANY_WAY if fitting is None else NO_WAY
        return fitting[0] if len(fitting) == 1 else ANY_WAY

    def _times_fit(self, shipment: int, arc: int) -> bool:
        arcs = self.case.arcs
        lengths = self.ways.lengths(int(self.origin[shipment]), int(arcs.tail[arc])) or {}
        done, said = int(self.hours[shipment] + arcs.hours[arc]), int(self.said_hours[shipment])
        times = lengths.get(int(self.metres[shipment] - arcs.metres[arc]), set())
        return any((done + time + THOUSANDTH // 2) // THOUSANDTH == said for time in times)

    def _arrival_faults(self, home: Ints) -> Iterator[Fault]:
        """Shipments back at their depot whose metres or hours are not those walked."""
        took = (self.hours[home] + THOUSANDTH // 2) // THOUSANDTH
        said = self.case.plan.shipments
        for place in home[self.metres[home] != 0].tolist():
            number = int(said.metres[self.rows[place]])
            true = number - int(self.metres[place])
            yield self._fault(
                "metres", place, f"里程 {number},所走的路为 {true}", f"metres {number}, its way is {true}"
            )
        for place, time in zip(home.tolist(), took.tolist(), strict=True):
            if time != self.said_hours[place]:
                text, true_text = hours_text(int(self.said_hours[place])), hours_text(time)
                yield self._fault(
                    "hours", place, f"时长 {text},所走的路为 {true_text}", f"hours {text}, its way takes {true_text}"
                )

    def _lost_faults(self, lost: Ints) -> Iterator[Fault]:
        for place in lost.tolist():
            metres = int(self.case.plan.shipments.metres[self.rows[place]])
            yield self._fault(
                "metres",
                place,
                f"里程 {metres}、时长所示的路在流向中不存在",
                f"the flows hold no way of {metres} metres and these hours",
            )

    def _fault(self, column: str, place: int, zh: str, en: str) -> Fault:
        row, model = int(self.rows[place]), self.case.model
        name = model.problem.demand.ids[int(self.case.plan.shipments.demand_row[row])]
        depot = model.codes[int(self.origin[place])]
        return Fault(
            "shipments.csv",
            column,
            line(row),
            f"申请 {name} 由储备库 {depot}:{zh}",
            f"request {name} from depot {depot}: {en}",
        )

    def _flow_faults(self, stopped: Ints) -> Iterator[Fault]:
        """Arcs that the shipments do not use as the flows say."""
        arcs, carried = self.case.arcs, self.case.carried
        wrong = self.walked > carried if len(stopped) else self.walked != carried
        for arc in np.flatnonzero(wrong).tolist():
            way = f"{self.case.model.codes[int(arcs.tail[arc])]}>{self.case.model.codes[int(arcs.head[arc])]}"
            flow, used = int(carried[arc]) * self.case.size, int(self.walked[arc]) * self.case.size
            yield Fault(
                "flows.csv",
                "quantity",
                -1,
                f"{way} 物资 {self.case.code} 流量 {flow},发运走过 {used}",
                f"{way} carries {flow} of item {self.case.code}, shipments go over it with {used}",
            )
        left = sum(map(mul, (carried - self.walked).tolist(), arcs.metres.tolist()))
        to_go = sum(map(mul, self.packs[stopped].tolist(), self.metres[stopped].tolist()))
        if len(stopped) and left != to_go:
            yield Fault(
                "shipments.csv",
                "metres",
                -1,
                f"物资 {self.case.code} 的发运与流向的包米数相差 {to_go - left}",
                f"pack-metres of item {self.case.code} in shipments and flows differ by {to_go - left}",
            )
