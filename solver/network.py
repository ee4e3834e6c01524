"""The arcs of one item: down the tree, mutual aid upward, links, and the arcs that links have closed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from solver.packs import sums_by
from solver.problem import LEVELS, UNLIMITED, Bool, Int8, Int64, Problem

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
class Network:
    """One item's arcs over `nodes` nodes, and the ends of those that a closed link takes away."""

    nodes: int
    arcs: Arcs
    removed_tail: Int64
    removed_head: Int64


class Roads:
    """What the networks of all items share: the tree, the lenders, and the links in their order of precedence."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        divisions, depots = problem.divisions, problem.depots
        self._levels = tree_levels(divisions.parent)
        self.nodes = problem.nodes()
        shares = problem.settings.mutual_aid
        lends = np.isin(divisions.level, [LEVELS.index(level) for level in shares]) & (divisions.parent >= 0)
        self._lender = np.flatnonzero(lends)
        stands = np.flatnonzero(depots.division >= 0)
        child = np.flatnonzero(divisions.parent >= 0)
        road = [depots.metres_to_division[stands], divisions.metres_to_parent[child]]
        road.append(divisions.metres_to_parent[self._lender])
        tail = [len(divisions) + stands, divisions.parent[child], self._lender]
        head = [depots.division[stands], child, divisions.parent[self._lender]]
        road_metres = np.concatenate(road)
        kind = np.repeat(np.array([TREE, AID], dtype=np.int8), [len(stands) + len(child), len(self._lender)])
        metres = road_metres + np.where(kind == AID, problem.settings.mutual_aid_penalty_metres, 0)
        unlimited = np.full(len(metres), UNLIMITED, dtype=np.int64)
        ticks = _ticks_by_rule(metres, road_metres)
        self._base = Arcs(np.concatenate(tail), np.concatenate(head), unlimited, metres, ticks, kind)
        self._base_key = self._base.tail * self.nodes + self._base.head

    def network(self, item: int, offered: Int64, wanted: Int64) -> Network:
        """Arcs of one item, given packs on offer at each depot and packs wanted at each division."""
        links = self._problem.links
        capacity = self._base.capacity.copy()
        capacity[self._base.kind == AID] = self._aid_capacity(offered, wanted)
        base = replace(self._base, capacity=capacity)
        key = links.from_node * self.nodes + links.to_node
        named, general = links.item == item, links.item == -1
        decides = named | (general & ~np.isin(key, key[named]))
        opened = np.flatnonzero(decides & links.open & (links.from_node != links.to_node))
        closed = decides & ~links.open & (links.from_node != links.to_node)
        # Without the rows that close it, an arc stands when the tree has it or an open row for every item does.
        stood = np.isin(key, self._base_key) | np.isin(key, key[general & links.open])
        removed = np.flatnonzero(closed & stood)
        kept = base.where(~np.isin(self._base_key, key[decides])) if decides.any() else base
        arcs = _joined(kept, self._link_arcs(opened, item))
        return Network(self.nodes, arcs, links.from_node[removed], links.to_node[removed])

    def _link_arcs(self, rows: Int64, item: int) -> Arcs:
        links, pack = self._problem.links, self._problem.items.pack_size[item]
        capacity = links.capacity[rows]
        ticks = _ticks_by_rule(links.metres[rows], links.road_metres[rows])
        for place, row in enumerate(rows.tolist()):
            hours = links.hours[row]
            if hours is not None:
                ticks[place] = int(hours * TICKS_PER_HOUR)
        return Arcs(
            links.from_node[rows],
            links.to_node[rows],
            np.where(capacity < 0, UNLIMITED, capacity // pack),
            links.metres[rows],
            ticks,
            np.full(len(rows), LINK, dtype=np.int8),
        )

    def _aid_capacity(self, offered: Int64, wanted: Int64) -> Int64:
        """floor(share * base) for each lender, the share being an exact decimal."""
        problem = self._problem
        if not len(self._lender):
            return np.zeros(0, dtype=np.int64)
        stands = problem.depots.division >= 0
        base = self._subtree(sums_by(problem.depots.division[stands], offered[stands], len(problem.divisions)))
        if problem.settings.mutual_aid_basis == "surplus":
            base = np.maximum(base - self._subtree(wanted), 0)
        capacity = np.zeros(len(self._lender), dtype=np.int64)
        for level, share in problem.settings.mutual_aid.items():
            rows = problem.divisions.level[self._lender] == LEVELS.index(level)
            numerator, denominator = share.as_integer_ratio()
            lent = base[self._lender[rows]]
            if int(lent.max(initial=0)) * numerator > UNLIMITED:
                lent = lent.astype(object)  # 10^18 packs times a long decimal need Python's integers
            capacity[rows] = lent * numerator // denominator
        return capacity

    def _subtree(self, own: Int64) -> Int64:
        """Sums over each division and all below it."""
        sums, parent = own.copy(), self._problem.divisions.parent
        for level in reversed(self._levels[1:]):
            np.add.at(sums, parent[level], sums[level])
        return sums


def tree_levels(parent: Int64) -> list[Int64]:
    """Rows of a forest by depth, roots first; `parent` is -1 for a root."""
    depth = np.zeros(len(parent), dtype=np.int64)
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
