"""The arcs of one item: down the tree, mutual aid upward, links, and the arcs that links have closed.

Where arcs lead is the same for all items that no link names, and is worked out once for them (`Ground`, `Roads`);
what they can carry is an item's own (`Network`). Places that are plain are left out of both: see `Roads`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from solver.hubs import Hubs, find_hubs
from solver.problem import LEVELS, UNLIMITED, Bool, Int8, Int64, Tables

TREE, AID, LINK = 0, 1, 2
TICKS_PER_HOUR = 55_000_000
"""Hours are counted in whole ticks: 0.15 h, a metre at 55 km/h and a millionth of an hour are all whole numbers."""
LEG_TICKS = 15 * TICKS_PER_HOUR // 100
TICKS_PER_METRE = TICKS_PER_HOUR // 55_000


@dataclass(frozen=True)
class Arcs:
    """Arcs between nodes: capacity in packs (UNLIMITED for none), metres with penalties, ticks of road time."""

    tail: Int64
    head: Int64
    capacity: Int64
    metres: Int64
    ticks: Int64
    kind: Int8

    def __len__(self) -> int:
        return len(self.tail)

    def where(self, kept: Bool | Int64) -> Arcs:
        """The arcs at these places, or those marked."""
        return Arcs(
            self.tail[kept],
            self.head[kept],
            self.capacity[kept],
            self.metres[kept],
            self.ticks[kept],
            self.kind[kept],
        )


@dataclass(frozen=True)
class Roads:
    """Where the arcs of an item lead, over inner nodes.

    A division is plain when whatever comes to it comes over one arc without capacity, and nothing but plain divisions
    lies beyond it. What is asked for there might as well be asked for at its `gate`, the inner node above it.

    `inner`: the problem's node for each inner node, ascending; `arcs`: between inner nodes, the capacity of aid and of
    links not filled in; `lender`: the division that lends over each aid arc; `link`: the row of each link arc.
    `gate`, `gate_metres`, `gate_ticks`: of each division, itself and 0 where it is inner.
    `plain`: plain divisions in rounds, the outermost first; `above`: the division each of them hangs on.
    `breaks`: on the way from the root to each division, how many arcs of the tree stand no more, or are links now.
    `removed_tail`, `removed_head`: inner ends of the arcs that closed links take away.
    `hubs`, `near_hubs`: how it hangs together, for grants and for least transport.
    """

    inner: Int64
    arcs: Arcs
    lender: Int64
    link: Int64
    gate: Int64
    gate_metres: Int64
    gate_ticks: Int64
    plain: list[Int64]
    above: Int64
    breaks: Int64
    removed_tail: Int64
    removed_head: Int64
    hubs: Hubs
    near_hubs: Hubs


@dataclass(frozen=True)
class Network:
    """One item's arcs, capacities filled in, over the inner nodes of its roads."""

    roads: Roads
    arcs: Arcs

    @property
    def nodes(self) -> int:
        """How many inner nodes there are."""
        return len(self.roads.inner)


class Ground:
    """What the networks of all items share: the tree, the lenders, and the links in their order of precedence.

    It holds no stock and no needs, and can be sent to another process. `codes`: of each node; `first`: the place of
    each division in an order in which it stands before all below it, and those together.
    """

    def __init__(self, problem: Tables, *, reduced: bool = True) -> None:
        """With `reduced` False no division counts as plain and no node as a hub: slower, and the same plan."""
        self._links, self._settings = problem.links, problem.settings
        self._pack_size, self._reduced = problem.items.pack_size, reduced
        self._level, self._depot_division = problem.divisions.level, problem.depots.division
        self.codes = problem.node_codes()
        self.divisions, self.nodes = len(problem.divisions), problem.nodes()
        self.parent, self.metres_to_parent = problem.divisions.parent, problem.divisions.metres_to_parent
        self._made: dict[bytes, Roads] = {}
        divisions, depots = problem.divisions, problem.depots
        self._levels = tree_levels(divisions.parent)
        self.first, self._end = _spans(divisions.parent, self._levels)
        stands = np.flatnonzero(depots.division >= 0)
        self._standing = stands[np.argsort(self.first[depots.division[stands]], kind="stable")]
        child = np.flatnonzero(divisions.parent >= 0)
        lends = np.isin(divisions.level, [LEVELS.index(level) for level in problem.settings.mutual_aid])
        lender = child[lends[child]]
        road = [depots.metres_to_division[stands], divisions.metres_to_parent[child]]
        road.append(divisions.metres_to_parent[lender])
        tail = [len(divisions) + stands, divisions.parent[child], lender]
        head = [depots.division[stands], child, divisions.parent[lender]]
        road_metres = np.concatenate(road)
        kind = np.repeat(np.array([TREE, AID], dtype=np.int8), [len(stands) + len(child), len(lender)])
        metres = road_metres + np.where(kind == AID, problem.settings.mutual_aid_penalty_metres, 0)
        unlimited = np.full(len(metres), UNLIMITED, dtype=np.int64)
        ticks = _ticks_by_rule(metres, road_metres)
        self._base = Arcs(np.concatenate(tail), np.concatenate(head), unlimited, metres, ticks, kind)
        self._base_key = self._base.tail * self.nodes + self._base.head

    def roads(self, item: int) -> Roads:
        """Where the arcs of an item lead; one answer for all items that no link names."""
        named = np.flatnonzero(self._links.item == item)
        # A link's capacity is the item's own business, where it leads may be all items'.
        key = named.tobytes()
        if key not in self._made:
            self._made[key] = self._make_roads(item)
        return self._made[key]

    def network(self, item: int, offered: Int64, wanted: Int64) -> Network:
        """Arcs of one item, given packs on offer at each depot and packs wanted at each division."""
        roads, links = self.roads(item), self._links
        capacity = roads.arcs.capacity.copy()
        capacity[roads.arcs.kind == AID] = self._aid_capacity(roads.lender, offered, wanted)
        units = links.capacity[roads.link]
        capacity[roads.arcs.kind == LINK] = np.where(units < 0, UNLIMITED, units // self._pack(item))
        return Network(roads, replace(roads.arcs, capacity=capacity))

    def common(self, low: Int64, high: Int64) -> Int64:
        """The lowest division above each pair of places in the order of `first`, -1 where there is none."""
        one, other = self._by_first[low], self._by_first[high]
        parent = np.append(self.parent, -1)
        while (apart := one != other).any():
            # Whichever comes later in the order cannot be above the other.
            later = self.first[one] > self.first[other]
            one, other = np.where(apart & later, parent[one], one), np.where(apart & ~later, parent[other], other)
            lost = (one < 0) | (other < 0)
            one, other = np.where(lost, -1, one), np.where(lost, -1, other)
        return one

    @cached_property
    def _by_first(self) -> Int64:
        return np.argsort(self.first, kind="stable")

    def _breaks(self, arcs: Arcs) -> Int64:
        stands = np.zeros(len(self.first), dtype=np.bool_)
        down = (arcs.kind == TREE) & (arcs.tail < len(self.first))
        stands[arcs.head[down]] = True
        breaks = np.where(stands, 0, 1)
        for rows in self._levels[1:]:
            breaks[rows] += breaks[self.parent[rows]]
        return breaks

    def _pack(self, item: int) -> int:
        return int(self._pack_size[item])

    def _make_roads(self, item: int) -> Roads:
        links = self._links
        key = links.from_node * self.nodes + links.to_node
        named, general = links.item == item, links.item == -1
        decides = named | (general & ~np.isin(key, key[named]))
        opened = np.flatnonzero(decides & links.open & (links.from_node != links.to_node))
        closed = decides & ~links.open & (links.from_node != links.to_node)
        # Without the rows that close it, an arc stands when the tree has it or an open row for every item does.
        stood = np.isin(key, self._base_key) | np.isin(key, key[general & links.open])
        removed = np.flatnonzero(closed & stood)
        kept = self._base.where(~np.isin(self._base_key, key[decides])) if decides.any() else self._base
        arcs = _joined(kept, self._link_arcs(opened))
        return self._without_plain(arcs, opened, links.from_node[removed], links.to_node[removed])

    def _without_plain(self, arcs: Arcs, link: Int64, removed_tail: Int64, removed_head: Int64) -> Roads:
        divisions = self.divisions
        into = np.bincount(arcs.head, minlength=self.nodes)
        may = np.zeros(self.nodes, dtype=np.bool_)
        # A depot is no division, a link may have a capacity, aid has one; all three make both their ends inner.
        may[arcs.head[(arcs.kind == TREE) & (arcs.tail < divisions)]] = self._reduced
        may[into != 1] = False
        for ends in (arcs.tail[arcs.kind != TREE], arcs.head[arcs.kind != TREE], removed_tail, removed_head):
            may[ends] = False
        inlet = np.full(self.nodes, -1, dtype=np.int64)
        inlet[arcs.head] = np.arange(len(arcs))
        rounds = _plain_rounds(arcs, may, inlet)
        plain = np.zeros(self.nodes, dtype=np.bool_)
        for some in rounds:
            plain[some] = True
        gate, metres, ticks = np.arange(divisions), np.zeros(divisions, np.int64), np.zeros(divisions, np.int64)
        above = np.full(divisions, -1, dtype=np.int64)
        for some in reversed(rounds):
            by = inlet[some]
            above[some] = arcs.tail[by]
            gate[some] = gate[arcs.tail[by]]
            metres[some] = metres[arcs.tail[by]] + arcs.metres[by]
            ticks[some] = ticks[arcs.tail[by]] + arcs.ticks[by]
        breaks = self._breaks(arcs)
        inner = np.flatnonzero(~plain)
        number = np.cumsum(~plain) - 1
        lender = arcs.tail[arcs.kind == AID]
        arcs = arcs.where(~plain[arcs.head])
        arcs = replace(arcs, tail=number[arcs.tail], head=number[arcs.head])
        wide = arcs.kind == TREE
        wide[arcs.kind == LINK] = self._links.capacity[link] < 0
        hubs = [
            find_hubs(
                arcs.tail, arcs.head, wide, arcs.metres, len(inner), settle=self._reduced, nearest_first=nearest_first
            )
            for nearest_first in (False, True)
        ]
        return Roads(
            inner=inner,
            arcs=arcs,
            lender=lender,
            link=link,
            gate=number[gate],
            gate_metres=metres,
            gate_ticks=ticks,
            plain=rounds,
            above=above,
            breaks=breaks,
            removed_tail=number[removed_tail],
            removed_head=number[removed_head],
            hubs=hubs[0],
            near_hubs=hubs[1],
        )

    def _link_arcs(self, rows: Int64) -> Arcs:
        links = self._links
        ticks = _ticks_by_rule(links.metres[rows], links.road_metres[rows])
        for place, row in enumerate(rows.tolist()):
            hours = links.hours[row]
            if hours is not None:
                ticks[place] = int(hours * TICKS_PER_HOUR)
        return Arcs(
            links.from_node[rows],
            links.to_node[rows],
            np.full(len(rows), UNLIMITED, dtype=np.int64),
            links.metres[rows],
            ticks,
            np.full(len(rows), LINK, dtype=np.int8),
        )

    def _aid_capacity(self, lender: Int64, offered: Int64, wanted: Int64) -> Int64:
        """floor(share * base) for each lender, the share being an exact decimal."""
        capacity = np.zeros(len(lender), dtype=np.int64)
        if not len(lender):
            return capacity
        base = self._below(lender, self._depot_division[self._standing], offered[self._standing])
        if self._settings.mutual_aid_basis == "surplus":
            asking = np.flatnonzero(wanted)
            base = np.maximum(base - self._below(lender, asking, wanted[asking]), 0)
        for level, share in self._settings.mutual_aid.items():
            rows = self._level[lender] == LEVELS.index(level)
            numerator, denominator = share.as_integer_ratio()
            lent = base[rows]
            if int(lent.max(initial=0)) * numerator > UNLIMITED:
                lent = lent.astype(object)  # 10^18 packs times a long decimal need Python's integers
            capacity[rows] = lent * numerator // denominator
        return capacity

    def _below(self, lender: Int64, division: Int64, packs: Int64) -> Int64:
        """Sum of the packs at divisions of each lender's subtree, which is one span of the tree's order."""
        place = self.first[division]
        order = np.argsort(place, kind="stable")
        place, total = place[order], np.append(0, np.cumsum(packs[order]))
        below: Int64 = (
            total[np.searchsorted(place, self._end[lender])] - total[np.searchsorted(place, self.first[lender])]
        )
        return below


def tree_levels(parent: Int64) -> list[Int64]:
    """Rows of a forest by depth, roots first; `parent` is -1 for a root."""
    above = np.append(parent, -1)
    steps = np.where(above >= 0, 1, 0)
    # Pointer doubling: after k rounds every row knows its ancestor 2^k above, and how far it is.
    while (above[:-1] >= 0).any():
        steps = steps + steps[above]
        above = above[above]
    depth = steps[:-1]
    order = np.argsort(depth, kind="stable")
    bounds = np.searchsorted(depth[order], np.arange(int(depth.max(initial=-1)) + 2))
    return [order[low:high] for low, high in pairwise(bounds)]


def _spans(parent: Int64, levels: list[Int64]) -> tuple[Int64, Int64]:
    """Places of each row in an order in which a row stands before all below it and those together: first and end."""
    size = np.ones(len(parent), dtype=np.int64)
    for rows in reversed(levels[1:]):
        np.add.at(size, parent[rows], size[rows])
    first = np.zeros(len(parent), dtype=np.int64)
    for depth, rows in enumerate(levels):
        by_parent = rows[np.argsort(parent[rows], kind="stable")]
        before = np.cumsum(size[by_parent]) - size[by_parent]
        if depth:
            start = np.searchsorted(parent[by_parent], parent[by_parent])
            before = before - before[start] + first[parent[by_parent]] + 1
        first[by_parent] = before
    return first, first + size


def _plain_rounds(arcs: Arcs, may: Bool, inlet: Int64) -> list[Int64]:
    """Plain nodes: first those that lead nowhere, then those that lead to plain ones only."""
    left = np.bincount(arcs.tail, minlength=len(may))
    rounds = []
    ready = np.flatnonzero(may & (left == 0))
    while len(ready):
        rounds.append(ready)
        above = arcs.tail[inlet[ready]]
        left -= np.bincount(above, minlength=len(left))
        done = np.zeros(len(may), dtype=np.bool_)
        done[above] = True
        ready = np.flatnonzero(done & may & (left == 0))
    return rounds


def _ticks_by_rule(metres: Int64, road_metres: Int64) -> Int64:
    """0.15 h and the road at 55 km/h for a leg; an arc of no length is none."""
    return np.where(metres > 0, LEG_TICKS + road_metres * TICKS_PER_METRE, 0)


def _joined(first: Arcs, second: Arcs) -> Arcs:
    return Arcs(
        np.concatenate([first.tail, second.tail]),
        np.concatenate([first.head, second.head]),
        np.concatenate([first.capacity, second.capacity]),
        np.concatenate([first.metres, second.metres]),
        np.concatenate([first.ticks, second.ticks]),
        np.concatenate([first.kind, second.kind]),
    )
