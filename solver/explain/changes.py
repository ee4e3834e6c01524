"""The question of one item by itself, and what remedies make of it: floors released, limits lifted, stock added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from solver.problem import NO_EXPIRY, Bool, Demand, Depots, Int64, Items, Links, Problem, Stock, Tables, Texts


def only_item(problem: Problem, item: int) -> Problem:
    """The same question with nothing in it but one item, which is row 0: its stock, its requests, its links."""
    items = problem.items
    return Problem(
        divisions=problem.divisions,
        depots=problem.depots,
        items=Items(
            codes=[items.codes[item]],
            names=[items.names[item]],
            pack_size=items.pack_size[item : item + 1],
            weight_kg=[items.weight_kg[item]],
            unit=[items.unit[item]],
            category=[items.category[item]],
        ),
        stock=_stock(problem.stock, np.flatnonzero(problem.stock.item == item)),
        demand=_demand(problem.demand, np.flatnonzero(problem.demand.item == item)),
        links=_links(problem.links, item),
        settings=problem.settings,
    )


def _stock(stock: Stock, rows: Int64) -> Stock:
    return Stock(
        depot=stock.depot[rows],
        item=np.zeros(len(rows), dtype=np.int64),
        quantity=stock.quantity[rows],
        lot=_taken(stock.lot, rows),
        expires_on=stock.expires_on[rows],
        reserve_floor=stock.reserve_floor[rows],
    )


def _demand(demand: Demand, rows: Int64) -> Demand:
    """Hours are left out: no grant depends on them."""
    return Demand(
        ids=_taken(demand.ids, rows),
        division=demand.division[rows],
        item=np.zeros(len(rows), dtype=np.int64),
        quantity=demand.quantity[rows],
        priority=demand.priority[rows],
        weight_numerator=demand.weight_numerator[rows],
        weight_denominator=demand.weight_denominator,
    )


def _links(links: Links, item: int) -> Links:
    """The rows for this item, and for every item."""
    kept = _rows(links, (links.item == item) | (links.item == -1))
    return replace(kept, item=np.where(kept.item == item, 0, -1))


def _rows(links: Links, kept: Bool) -> Links:
    return Links(
        from_node=links.from_node[kept],
        to_node=links.to_node[kept],
        item=links.item[kept],
        metres=links.metres[kept],
        road_metres=links.road_metres[kept],
        capacity=links.capacity[kept],
        open=links.open[kept],
        hours=[links.hours[row] for row in np.flatnonzero(kept).tolist()],
    )


def _taken(texts: Texts, rows: Int64) -> Texts:
    return texts.gather(rows) if isinstance(texts, pl.Series) else [texts[row] for row in rows.tolist()]


def without_floors(tables: Tables, depots: Sequence[int]) -> Tables:
    """The same with nothing held back at these depots."""
    stock = tables.stock
    floor = np.where(np.isin(stock.depot, np.array(depots, dtype=np.int64)), 0, stock.reserve_floor)
    return replace(tables, stock=replace(stock, reserve_floor=floor))


def without_limit(tables: Tables, tail: int, head: int) -> Tables:
    """The same with a link of any capacity in place of what stands between two nodes, or is cut.

    Whether a way is aid, a link or a closed arc, this is the row of links.csv that would take its limit away. Grants do
    not depend on how long it is.
    """
    links = tables.links
    kept = _rows(links, ~((links.from_node == tail) & (links.to_node == head) & (links.item == 0)))
    none = np.zeros(1, dtype=np.int64)
    added = Links(none + tail, none + head, none, none, none, none - 1, np.ones(1, dtype=np.bool_), [None])
    return replace(tables, links=_together(kept, added))


def _together(links: Links, others: Links) -> Links:
    return Links(
        from_node=np.concatenate([links.from_node, others.from_node]),
        to_node=np.concatenate([links.to_node, others.to_node]),
        item=np.concatenate([links.item, others.item]),
        metres=np.concatenate([links.metres, others.metres]),
        road_metres=np.concatenate([links.road_metres, others.road_metres]),
        capacity=np.concatenate([links.capacity, others.capacity]),
        open=np.concatenate([links.open, others.open]),
        hours=[*links.hours, *others.hours],
    )


def with_stock(tables: Tables, units: Mapping[int, int]) -> Tables:
    """The same with so many units more at divisions, each in a depot of its own that stands there."""
    place, added = np.array([*units], dtype=np.int64), np.array([*units.values()], dtype=np.int64)
    depots, stock, none = tables.depots, tables.stock, np.zeros(len(units), dtype=np.int64)
    names = [f"+{number}" for number in range(len(units))]
    return replace(
        tables,
        depots=Depots(
            codes=[*depots.codes, *names],
            names=[*depots.names, *names],
            division=np.concatenate([depots.division, place]),
            metres_to_division=np.concatenate([depots.metres_to_division, none]),
            kind=[*depots.kind, *["government"] * len(units)],
        ),
        stock=Stock(
            depot=np.concatenate([stock.depot, len(depots) + np.arange(len(units))]),
            item=np.concatenate([stock.item, none]),
            quantity=np.concatenate([stock.quantity, added]),
            lot=[*stock.lot, *names],
            expires_on=np.concatenate([stock.expires_on, np.full(len(units), NO_EXPIRY, dtype=np.int32)]),
            reserve_floor=np.concatenate([stock.reserve_floor, none]),
        ),
    )
