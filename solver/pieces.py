"""A problem in pieces that nothing connects: each is solved apart, small enough to stay near the processor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from solver.packs import connected, in_order
from solver.problem import Bool, Demand, Depots, Divisions, Int64, Links, Problem, Stock, Tables, Texts

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
    tables = Tables(
        divisions=_divisions(problem.divisions, divisions, number),
        depots=_depots(problem.depots, depots, number),
        items=problem.items,
        stock=_stock(problem.stock, stock, number[len(problem.divisions) :] - len(divisions)),
        demand=_demand(problem.demand, demand, number),
        links=_links(problem.links, links, number),
        settings=problem.settings,
    )
    return Piece(tables, nodes, demand, stock, stored)


def _taken(texts: Texts, rows: Int64) -> Texts:
    return texts.gather(rows) if isinstance(texts, pl.Series) else [texts[row] for row in rows.tolist()]


def _divisions(whole: Divisions, rows: Int64, number: Int64) -> Divisions:
    parent = whole.parent[rows]
    return Divisions(
        codes=_taken(whole.codes, rows),
        names=_taken(whole.names, rows),
        parent=np.where(parent < 0, -1, number[parent]),
        level=whole.level[rows],
        metres_to_parent=whole.metres_to_parent[rows],
        population=whole.population[rows],
    )


def _depots(whole: Depots, rows: Int64, number: Int64) -> Depots:
    division = whole.division[rows]
    return Depots(
        codes=_taken(whole.codes, rows),
        names=_taken(whole.names, rows),
        division=np.where(division < 0, -1, number[division]),
        metres_to_division=whole.metres_to_division[rows],
        kind=_taken(whole.kind, rows),
    )


def _stock(whole: Stock, rows: Int64, number: Int64) -> Stock:
    return Stock(
        depot=number[whole.depot[rows]],
        item=whole.item[rows],
        quantity=whole.quantity[rows],
        lot=_taken(whole.lot, rows),
        expires_on=whole.expires_on[rows],
        reserve_floor=whole.reserve_floor[rows],
    )


def _demand(whole: Demand, rows: Int64, number: Int64) -> Demand:
    """Names of requests and hours are left out: nothing is decided by them."""
    return Demand(
        ids=[],
        division=number[whole.division[rows]],
        item=whole.item[rows],
        quantity=whole.quantity[rows],
        priority=whole.priority[rows],
        weight_numerator=whole.weight_numerator[rows],
        weight_denominator=whole.weight_denominator,
    )


def _links(whole: Links, rows: Int64, number: Int64) -> Links:
    return Links(
        from_node=number[whole.from_node[rows]],
        to_node=number[whole.to_node[rows]],
        item=whole.item[rows],
        metres=whole.metres[rows],
        road_metres=whole.road_metres[rows],
        capacity=whole.capacity[rows],
        open=whole.open[rows],
        hours=[whole.hours[row] for row in rows.tolist()],
    )
