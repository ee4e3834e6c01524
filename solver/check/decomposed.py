"""Whether the shipments of an item are its flows taken apart into ways, each with the metres and hours of its way.

Each shipment is walked back from its place to its depot over arcs that carry. Where one arc comes in, or one only
fits the metres (or the hours) still to go, the step is certain; in the end each arc must have been walked by just
the packs it carries. Where several ways fit, or telling them apart would take long, shipments are true that are dealt
out by the rule of section 5. Others are walked as far as is certain, and what is left is tried; where that would take
too long they are held to sums.
"""

from collections.abc import Iterator
from functools import cached_property
from operator import mul
from typing import TypeVar

import numpy as np

from solver.check.apart import Arc, Walker, can_be_walked
from solver.check.arcs import THOUSANDTH, road_hours
from solver.check.case import Case
from solver.check.components import left, onward_of
from solver.check.dealt import follows_the_rule
from solver.check.rows import Ints, grouped, line, sums
from solver.check.ways import ANY_WAY, NO_WAY, Ways
from solver.plan import hours_text
from solver.problem import Fault

LOOKS_LEAST, LOOKS_EACH = 20_000, 2
"""Arcs looked at one by one, for an item and for each of its shipments, after which working out the rule is quicker."""
Number = TypeVar("Number", int, Ints)


def decomposed_faults(case: Case) -> list[Fault]:
    """Shipments that no way of the flows explains; needs flows that balance and go in no circle."""
    return Walk(case).faults()


class Walk:
    """Shipments of one item on their way back from where they went to where they came from.

    `node`, `metres`, `hours`: where each shipment stands, the metres it still has to go and the hours walked.
    """

    def __init__(self, case: Case) -> None:
        self.case, self.rows, self.ways = case, case.shipments, Ways(case)
        shipments = case.plan.shipments
        self.arcs, place = case.question.arcs, case.model.problem.demand.division[shipments.demand_row[self.rows]]
        self.origin = case.model.depot_nodes()[shipments.depot[self.rows]]
        self.packs = shipments.quantity[self.rows] // case.question.size
        self.node = case.model.home[place]
        # The arc into a leaf carries all that is granted there and needs no count.
        metres = np.where(case.model.leaf[place], case.model.problem.divisions.metres_to_parent[place], 0)
        self.metres = shipments.metres[self.rows] - metres
        self.hours = road_hours(metres, metres)
        self.said_hours = shipments.hours_thousandths[self.rows]
        self.walked = np.zeros(len(self.arcs.key), dtype=np.int64)
        self.looks, self.looks_most = 0, LOOKS_LEAST + LOOKS_EACH * len(self.rows)

    @cached_property
    def follows_the_rule(self) -> bool:
        """Whether the shipments are dealt out by the rule; working that out takes a look at each packet on its way."""
        return follows_the_rule(self.case)

    def faults(self) -> list[Fault]:
        """Walk every shipment as far as its way is certain and say what does not fit."""
        faults: list[Fault] = []
        stopped: list[Ints] = []
        moving = np.arange(len(self.rows))
        while len(moving):
            home = self.node[moving] == self.origin[moving]
            faults += self._arrival_faults(moving[home])
            moving = moving[~home]
            arc = self.ways.certain(self.origin[moving], self.node[moving])
            self._look_closer(moving, arc)
            if self.looks > self.looks_most and self.follows_the_rule:
                return []
            faults += self._lost_faults(moving[arc == NO_WAY])
            stopped.append(moving[arc == ANY_WAY])
            moving = moving[arc >= 0]
            self._step(moving, arc[arc >= 0])
        return faults or list(self._flow_faults(np.concatenate([moving, *stopped])))

    def _step(self, moving: Ints, arc: Ints) -> None:
        arcs = self.arcs
        self.walked += sums(arc, self.packs[moving], len(self.walked))
        self.metres[moving] -= arcs.metres[arc]
        self.hours[moving] += arcs.hours[arc]
        self.node[moving] = arcs.tail[arc]

    def _look_closer(self, moving: Ints, chosen: Ints) -> None:
        """Fill in the arc by which each shipment of which that is not certain came to its node: NO_WAY where none fits,
        ANY_WAY where several do.
        """
        several = np.flatnonzero(chosen == ANY_WAY)
        shipments = moving[several]
        firsts, group = grouped((self.metres[shipments], self.origin[shipments], self.node[shipments]))
        self.looks += int(self.ways.arcs_into(self.node[shipments[firsts]]).sum())
        if self.looks > self.looks_most and self.follows_the_rule:
            return
        fitting = [self._fitting(int(shipment)) for shipment in shipments[firsts].tolist()]
        chosen[several] = np.array([_only(arcs) for arcs in fitting], dtype=np.int64)[group]
        forked = [arcs is not None and len(arcs) > 1 for arcs in fitting]
        for place in np.flatnonzero(np.array(forked, dtype=np.bool_)[group]).tolist():
            shipment, arcs = int(shipments[place]), fitting[group[place]] or []
            chosen[several[place]] = _only([arc for arc in arcs if self._times_fit(shipment, arc)])

    def _fitting(self, shipment: int) -> list[int] | None:
        """Arcs into the shipment's node that lie on a way of its metres; None where there are too many to tell."""
        node, arcs, fits = int(self.node[shipment]), self.arcs, []
        for arc in self.ways.arcs_in[self.ways.first[node] : self.ways.first[node + 1]].tolist():
            lengths = self.ways.lengths(int(self.origin[shipment]), int(arcs.tail[arc]))
            if lengths is None:
                return None
            if int(self.metres[shipment] - arcs.metres[arc]) in lengths:
                fits.append(arc)
        return fits

    def _times_fit(self, shipment: int, arc: int) -> bool:
        arcs = self.arcs
        lengths = self.ways.lengths(int(self.origin[shipment]), int(arcs.tail[arc])) or {}
        done, said = int(self.hours[shipment] + arcs.hours[arc]), int(self.said_hours[shipment])
        times = lengths.get(int(self.metres[shipment] - arcs.metres[arc]), set())
        return any(_rounded(done + time) == said for time in times)

    def _arrival_faults(self, home: Ints) -> Iterator[Fault]:
        """Shipments back at their depot whose metres or hours are not those walked."""
        took, said = _rounded(self.hours[home]), self.case.plan.shipments
        for place in home[self.metres[home] != 0].tolist():
            number = int(said.metres[self.rows[place]])
            true = number - int(self.metres[place])
            zh, en = f"里程 {number},所走的路为 {true}", f"metres {number}, its way is {true}"
            yield self._fault("metres", place, zh, en)
        for one in np.flatnonzero(took != self.said_hours[home]).tolist():
            text, true_text = hours_text(int(self.said_hours[home[one]])), hours_text(int(took[one]))
            zh, en = f"时长 {text},所走的路为 {true_text}", f"hours {text}, its way takes {true_text}"
            yield self._fault("hours", int(home[one]), zh, en)

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
        depot = model.problem.depots.codes[int(self.case.plan.shipments.depot[row])]
        return Fault(
            "shipments.csv",
            column,
            line(row),
            f"申请 {name} 由储备库 {depot}:{zh}",
            f"request {name} from depot {depot}: {en}",
        )

    def _flow_faults(self, stopped: Ints) -> Iterator[Fault]:
        """Arcs that the shipments do not use as the flows say."""
        arcs, carried = self.arcs, self.case.carried
        wrong = self.walked > carried if len(stopped) else self.walked != carried
        for arc in np.flatnonzero(wrong).tolist():
            way = ">".join(self.case.model.codes(np.array([arcs.tail[arc], arcs.head[arc]])))
            flow, used = int(carried[arc]) * self.case.question.size, int(self.walked[arc]) * self.case.question.size
            yield Fault(
                "flows.csv",
                "quantity",
                -1,
                f"{way} 物资 {self.case.question.code} 流量 {flow},发运走过 {used}",
                f"{way} carries {flow} of item {self.case.question.code}, shipments go over it with {used}",
            )
        if wrong.any() or not len(stopped):
            return
        over = sum(map(mul, (carried - self.walked).tolist(), arcs.metres.tolist()))
        to_go = sum(map(mul, self.packs[stopped].tolist(), self.metres[stopped].tolist()))
        if over != to_go:
            zh, en = f"包米数相差 {to_go - over}", f"differ by {to_go - over} pack-metres"
        elif not self.follows_the_rule and self._can_be_walked(stopped) is False:
            zh, en = "对不上:没有一种拆分能用尽各路所运", "do not agree: no way of taking the flows apart gives them"
        else:
            return
        code = self.case.question.code
        zh, en = f"物资 {code} 的发运与流向{zh}", f"shipments and flows of item {code} {en}"
        yield Fault("shipments.csv", "metres", -1, zh, en)

    def _can_be_walked(self, stopped: Ints) -> bool | None:
        """Whether what is not certain fits together in some way; None where that takes too long to tell."""
        arcs, over = self.arcs, self.case.carried - self.walked
        used = np.flatnonzero(over > 0)
        tails, heads = arcs.tail[used], arcs.head[used]
        columns = (used, tails, heads, arcs.metres[used], arcs.hours[used])
        unwalked = [Arc(*one) for one in zip(*(column.tolist() for column in columns), strict=True)]
        said = (self.node, self.origin, self.metres, self.hours, self.said_hours, self.packs)
        walkers = [Walker(*one) for one in zip(*(column[stopped].tolist() for column in said), strict=True)]
        carried = dict(zip(used.tolist(), over[used].tolist(), strict=True))
        starts = sorted({*tails.tolist(), *self.node[stopped].tolist()})
        return can_be_walked(walkers, unwalked, carried, left(onward_of(tails, heads), starts), self._may_be_home)

    def _may_be_home(self, one: Walker) -> bool:
        """Whether some way from its depot to where a walker stands has the metres and hours it has left."""
        if one.node == one.origin:
            return not one.metres and _rounded(one.hours) == one.said
        lengths = self.ways.lengths(one.origin, one.node)
        if lengths is None:
            return one.metres >= 0
        return any(_rounded(one.hours + time) == one.said for time in lengths.get(one.metres, ()))


def _rounded(hours: Number) -> Number:
    """Thousandths of an hour, halves up."""
    return (hours + THOUSANDTH // 2) // THOUSANDTH


def _only(arcs: list[int] | None) -> int:
    """The one arc there is; NO_WAY for none, ANY_WAY for several or too many to tell."""
    if arcs is None or len(arcs) > 1:
        return ANY_WAY
    return arcs[0] if arcs else NO_WAY
