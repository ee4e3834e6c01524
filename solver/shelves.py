"""What a plan leaves on the shelves, what arcs that may be full carry, and where requests that got less lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from solver.network import Ground
from solver.packs import Offers, offers_by_item, sums_by
from solver.plan import Plan
from solver.problem import Int64, Tables


@dataclass(frozen=True)
class Shelves:
    """Packs of one item: `held` in all depots, `left` of them by the plan, `withheld` by a floor, by depot code.

    `stored`: whether any lot has units, be they expired or less than a pack; `emptied`: nodes of the depots of a
    division that had some and keep none.
    """

    stored: bool
    held: int
    left: int
    withheld: Mapping[str, int]
    emptied: Mapping[int, Sequence[int]]


def find_shelves(problem: Tables, plan: Plan) -> list[Shelves]:
    """The shelves of each item."""
    depots, item = len(problem.depots), problem.stock.item[plan.shipments.stock_row]
    key = item * depots + plan.shipments.depot
    units = sums_by(key, plan.shipments.quantity, len(problem.items) * depots)
    shipped = units.reshape(len(problem.items), depots) // problem.items.pack_size[:, None]
    stored = np.bincount(problem.stock.item[problem.stock.quantity > 0], minlength=len(problem.items)) > 0
    return [_shelves(problem, *some) for some in zip(offers_by_item(problem), shipped, stored.tolist(), strict=True)]


def _shelves(problem: Tables, offers: Offers, shipped: Int64, stored: bool) -> Shelves:
    codes, division = problem.depots.codes, problem.depots.division
    emptied: dict[int, list[int]] = {}
    empty = np.flatnonzero((offers.held > 0) & (shipped >= offers.held))
    for depot, place in zip(empty.tolist(), division[empty].tolist(), strict=True):
        emptied.setdefault(place, []).append(len(problem.divisions) + depot)
    withheld = {codes[depot]: int(offers.withheld[depot]) for depot in np.flatnonzero(offers.withheld).tolist()}
    return Shelves(stored, int(offers.held.sum()), int(offers.held.sum() - shipped.sum()), withheld, emptied)


def carried_upward(problem: Tables, plan: Plan) -> dict[tuple[int, str], int]:
    """Units over arcs from a child to its parent and over links, by item and `A>B`: the arcs that can be full."""
    flows, nodes, codes = plan.flows, problem.nodes(), problem.node_codes()
    above = np.append(problem.divisions.parent, np.full(len(problem.depots), -1))
    linked = problem.links.from_node * nodes + problem.links.to_node
    found = (above[flows.from_node] == flows.to_node) | np.isin(flows.from_node * nodes + flows.to_node, linked)
    rows = np.flatnonzero(found)
    columns = (column[rows].tolist() for column in (flows.item, flows.from_node, flows.to_node, flows.quantity))
    return {(item, f"{codes[tail]}>{codes[head]}"): units for item, tail, head, units in zip(*columns, strict=True)}


def common_places(problem: Tables, plan: Plan) -> list[int]:
    """The lowest division above all requests of each set, -1 where there is none."""
    ground, count = Ground(problem), len(plan.limits)
    rows = np.flatnonzero((plan.set > 0) & (plan.set <= count))
    number, first = plan.set[rows].astype(np.int64) - 1, ground.first[problem.demand.division[rows]]
    low, high = np.full(count, problem.nodes(), dtype=np.int64), np.full(count, -1, dtype=np.int64)
    np.minimum.at(low, number, first)
    np.maximum.at(high, number, first)
    place = np.full(count, -1, dtype=np.int64)
    asked = np.flatnonzero(high >= 0)
    place[asked] = ground.common(low[asked], high[asked])
    found: list[int] = place.tolist()
    return found
