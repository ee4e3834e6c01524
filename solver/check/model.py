"""What sections 2 and 3 of the allocation model make of a problem: packs on offer and arcs, read again for the check.

This is the one intended duplicate of the package: it shares no code with the rooms that make plans.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np
import polars as pl

from solver.check.graph import Graph, Ints
from solver.problem import LEVELS, UNLIMITED, Problem

TREE, AID, LINK = 0, 1, 2

# Hours are whole numbers of this unit: 1/55000 h (one metre of road) and 1/10**6 h (a link's own hours) both fit.
HOUR = 11_000_000
LEG_HOURS = HOUR * 15 // 100
METRE_HOURS = HOUR // 55_000


@dataclass(frozen=True)
class Offer:
    """Packs of one item at D depots, and its lots, first expired first within each depot.

    `rows` are rows of stock, `packs` what each of those lots holds in date, `depot` where it lies;
    `in_date`, `withheld` and `on_offer` are packs by depot.
    """

    rows: Ints
    packs: Ints
    depot: Ints
    in_date: Ints
    withheld: Ints

    @property
    def on_offer(self) -> Ints:
        return self.in_date - self.withheld


@dataclass(frozen=True)
class Arcs:
    """Open arcs of one item sorted by `key` (tail x nodes + head); capacity in packs; and the arcs that are closed."""

    key: Ints
    tail: Ints
    head: Ints
    metres: Ints
    hours: Ints
    capacity: Ints
    kind: Ints
    closed_tail: Ints
    closed_head: Ints


@dataclass(frozen=True)
class Requests:
    """Requests of one item: rows of demand, place, packs wanted."""

    rows: Ints
    place: Ints
    wanted: Ints


class Model:
    """A problem read as sections 2 and 3 say, item by item."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.divisions, self.depots = len(problem.divisions), len(problem.depots)
        self.nodes = self.divisions + self.depots
        self.codes = problem.node_codes()

    @cached_property
    def wanted(self) -> Ints:
        """Packs wanted by each row of demand: a part of a pack is a pack."""
        size = self.problem.items.pack_size[self.problem.demand.item]
        return -(-self.problem.demand.quantity // size)

    @cached_property
    def _lot_order(self) -> Ints:
        """Rows of stock by item, depot, date, lot name."""
        stock = self.problem.stock
        names = pl.Series(stock.lot, dtype=pl.String).rank("dense").to_numpy()
        return np.lexsort((names, stock.expires_on, stock.depot, stock.item)).astype(np.int64)

    @cached_property
    def _demand_order(self) -> Ints:
        return np.argsort(self.problem.demand.item, kind="stable").astype(np.int64)

    def requests(self, item: int) -> Requests:
        demand = self.problem.demand
        rows = self._demand_order[_slice_of(demand.item[self._demand_order], item)]
        return Requests(rows, demand.division[rows], self.wanted[rows])

    def offer(self, item: int) -> Offer:
        """What depots hold of an item: nothing of an expired lot, the largest floor named held back."""
        stock, settings = self.problem.stock, self.problem.settings
        rows = self._lot_order[_slice_of(stock.item[self._lot_order], item)]
        depot, size = stock.depot[rows], int(self.problem.items.pack_size[item])
        fresh = stock.expires_on[rows] > self.problem.as_of_day()
        packs = np.where(fresh, stock.quantity[rows] // size, 0)
        in_date, floor = np.zeros(self.depots, dtype=np.int64), np.zeros(self.depots, dtype=np.int64)
        np.add.at(in_date, depot, packs)
        if not settings.release_reserves:
            np.maximum.at(floor, depot, -(-stock.reserve_floor[rows] // size))
        return Offer(rows, packs, depot, in_date, np.minimum(floor, in_date))

    def arcs(self, item: int, offer: Offer, requests: Requests) -> Arcs:
        """Arcs of section 3: depots to divisions, down, mutual aid upward, and what links.csv adds or takes away."""
        depots, divisions = self.problem.depots, self.problem.divisions
        placed, children = np.flatnonzero(depots.division >= 0), np.flatnonzero(divisions.parent >= 0)
        lenders = children[np.isin(divisions.level[children], [LEVELS.index(name) for name in self._shares])]
        road = divisions.metres_to_parent
        aid_metres = road[lenders] + self.problem.settings.mutual_aid_penalty_metres
        free = np.full(len(placed) + len(children), UNLIMITED)
        tail = np.concatenate((self.divisions + placed, divisions.parent[children], lenders))
        head = np.concatenate((depots.division[placed], children, divisions.parent[lenders]))
        metres = np.concatenate((depots.metres_to_division[placed], road[children], aid_metres))
        roads = np.concatenate((depots.metres_to_division[placed], road[children], road[lenders]))
        capacity = np.concatenate((free, self._aid_capacity(lenders, offer, requests)))
        kind = np.repeat([TREE, AID], [len(free), len(lenders)])
        return self._with_links(
            item,
            Arcs(
                tail * self.nodes + head, tail, head, metres, _hours(metres, roads), capacity, kind, tail[:0], head[:0]
            ),
        )

    @property
    def _shares(self) -> dict[str, Decimal]:
        return dict(self.problem.settings.mutual_aid)

    @cached_property
    def _tree(self) -> Graph:
        parent = self.problem.divisions.parent
        children = np.flatnonzero(parent >= 0)
        return Graph(self.divisions, children, parent[children])

    def _aid_capacity(self, lenders: Ints, offer: Offer, requests: Requests) -> Ints:
        """Packs that each lender may send up: its share of what lies below it, or of what is left over there."""
        placed = np.flatnonzero(self.problem.depots.division >= 0)
        below = np.zeros(self.divisions, dtype=np.int64)
        np.add.at(below, self.problem.depots.division[placed], offer.on_offer[placed])
        base = self._tree.spread(below, np.add)
        if self.problem.settings.mutual_aid_basis == "surplus":
            asked = np.zeros(self.divisions, dtype=np.int64)
            np.add.at(asked, requests.place, requests.wanted)
            base = np.maximum(0, base - self._tree.spread(asked, np.add))
        shares = {LEVELS.index(name): Fraction(share) for name, share in self._shares.items()}
        level = self.problem.divisions.level
        lent = [shares[int(level[place])] * int(base[place]) // 1 for place in lenders]
        return np.array(lent, dtype=np.int64)

    def _with_links(self, item: int, base: Arcs) -> Arcs:
        """The arcs after links.csv: of two rows for one direction the one that names the item counts."""
        links = self.problem.links
        rows = np.flatnonzero((links.item == -1) | (links.item == item))
        key = links.from_node[rows] * self.nodes + links.to_node[rows]
        order = np.lexsort((links.item[rows] == -1, key))
        _, first = np.unique(key[order], return_index=True)
        ruling = order[first]
        closing = ruling[~links.open[rows[ruling]]]
        would_stand = np.isin(key[closing], np.concatenate((base.key, key[links.open[rows]])))
        closed, added = rows[closing[would_stand]], rows[ruling[links.open[rows[ruling]]]]
        kept = np.flatnonzero(~np.isin(base.key, key))
        tail = np.concatenate((base.tail[kept], links.from_node[added]))
        head = np.concatenate((base.head[kept], links.to_node[added]))
        metres = np.concatenate((base.metres[kept], links.metres[added]))
        hours = np.concatenate((base.hours[kept], self._link_hours(added)))
        capacity = np.concatenate((base.capacity[kept], self._link_capacity(added, item)))
        kind = np.concatenate((base.kind[kept], np.full(len(added), LINK)))
        sort = np.argsort(tail * self.nodes + head, kind="stable")
        return Arcs(
            (tail * self.nodes + head)[sort],
            tail[sort],
            head[sort],
            metres[sort],
            hours[sort],
            capacity[sort],
            kind[sort],
            links.from_node[closed],
            links.to_node[closed],
        )

    def _link_hours(self, rows: Ints) -> Ints:
        links = self.problem.links
        named = [links.hours[row] for row in rows]
        ruled = _hours(links.metres[rows], links.road_metres[rows])
        return np.array(
            [rule if own is None else int(own * HOUR) for own, rule in zip(named, ruled.tolist(), strict=True)],
            dtype=np.int64,
        )

    def _link_capacity(self, rows: Ints, item: int) -> Ints:
        units = self.problem.links.capacity[rows]
        return np.where(units < 0, UNLIMITED, units // self.problem.items.pack_size[item])


def _hours(metres: Ints, road_metres: Ints) -> Ints:
    """Hours of arcs, in 1/HOUR: a leg is an arc of positive length; a penalty is length, but no road."""
    return np.where(metres > 0, LEG_HOURS + METRE_HOURS * road_metres, 0)


def _slice_of(ordered: Ints, value: int) -> slice:
    first, last = np.searchsorted(ordered, [value, value + 1])
    return slice(int(first), int(last))
