"""A problem in pieces that nothing connects: each is solved apart, small enough to stay near the processor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from solver.packs import connected, in_order
from solver.problem import Bool, Int64, Problem, Tables, taken

_NODES = 20_000
"""Small pieces are put together until they hold about so many nodes: each costs some fixed time."""


@dataclass(frozen=True)
class Piece:
    """Tables of a part, whose rows point into the part, and the rows of the whole that they come from.

    `nodes`, `demand`, `stock`: rows of the whole, ascending; `stored`: items of which any piece holds a pack in date.
    """

    tables: Tables
    nodes: Int64
    demand: Int64
    stock: Int64
    stored: Bool


def split(problem: Problem) -> Iterator[Piece]:
    """The pieces of a problem; one, the whole, where everything hangs together."""
    group, groups = _groups(problem)
    if groups <= 1:
        counts = (problem.nodes(), len(problem.demand), len(problem.stock))
        nodes, demand, stock = (np.arange(count) for count in counts)
        yield Piece(problem, nodes, demand, stock, _stored(problem))
        return
    divisions = len(problem.divisions)
    parts = [_by_group(group, groups)]
    parts.append(_by_group(group[problem.demand.division], groups))
    parts.append(_by_group(group[divisions + problem.stock.depot], groups))
    parts.append(_by_group(group[problem.links.from_node], groups))
    stored = _stored(problem)
    number = np.zeros(problem.nodes(), dtype=np.int64)
    for nodes in parts[0]:
        number[nodes] = np.arange(len(nodes))
    for nodes, demand, stock, links in zip(*parts, strict=True):
        yield _piece(problem, number, nodes, demand, stock, links, stored)


def _groups(problem: Problem) -> tuple[Int64, int]:
    """The group of each node, whatever item and whatever a link's state; and how many groups there are."""
    divisions, depots, links = problem.divisions, problem.depots, problem.links
    child, stands = np.flatnonzero(divisions.parent >= 0), np.flatnonzero(depots.division >= 0)
    one = np.concatenate([child, len(divisions) + stands, links.from_node])
    other = np.concatenate([divisions.parent[child], depots.division[stands], links.to_node])
    piece, _ = connected(one, other, problem.nodes())
    sizes = np.bincount(piece)
    _, group = np.unique((np.cumsum(sizes) - sizes) // _NODES, return_inverse=True)
    return group[piece].astype(np.int64), int(group.max(initial=-1)) + 1


def _stored(problem: Problem) -> Bool:
    stock, items = problem.stock, problem.items
    in_date = (stock.expires_on > problem.as_of_day()) & (stock.quantity >= items.pack_size[stock.item])
    return np.bincount(stock.item[in_date], minlength=len(items)) > 0


def _by_group(group: Int64, groups: int) -> list[Int64]:
    """Rows of each group, ascending."""
    return np.split(in_order(group, groups), np.cumsum(np.bincount(group, minlength=groups))[:-1])


def _piece(
    problem: Problem, number: Int64, nodes: Int64, demand: Int64, stock: Int64, links: Int64, stored: Bool
) -> Piece:
    """The part of these rows; `number` is each node's place in its own part, divisions before depots."""
    divisions = nodes[nodes < len(problem.divisions)]
    depots = nodes[len(divisions) :] - len(problem.divisions)
    depot_number = number[len(problem.divisions) :] - len(divisions)
    places, stores, lots = (
        taken(problem.divisions, divisions),
        taken(problem.depots, depots),
        taken(problem.stock, stock),
    )
    # Names of requests and their hours decide nothing.
    asked = taken(problem.demand, demand, leave_out=("ids", "needed_within_hours_millionths"))
    ways = taken(problem.links, links)
    tables = Tables(
        divisions=replace(places, parent=_renumbered(places.parent, number)),
        depots=replace(stores, division=_renumbered(stores.division, number)),
        items=problem.items,
        stock=replace(lots, depot=depot_number[lots.depot]),
        demand=replace(asked, division=number[asked.division]),
        links=replace(ways, from_node=number[ways.from_node], to_node=number[ways.to_node]),
        settings=problem.settings,
    )
    return Piece(tables, nodes, demand, stock, stored)


def _renumbered(nodes: Int64, number: Int64) -> Int64:
    """Places in their own part, -1 for none."""
    return np.where(nodes < 0, -1, number[nodes])
