"""The question of one item by itself, and what remedies make of it: floors released, limits lifted, stock added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import TypeVar

import numpy as np

from solver.problem import NO_EXPIRY, Demand, Depots, Items, Links, Problem, Stock, Tables, stacked, taken

Rows = TypeVar("Rows", Stock, Demand)


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
        stock=_of_item_0(taken(problem.stock, np.flatnonzero(problem.stock.item == item))),
        # Hours are left out: no grant depends on them.
        demand=_of_item_0(
            taken(
                problem.demand,
                np.flatnonzero(problem.demand.item == item),
                leave_out=("needed_within_hours_millionths",),
            )
        ),
        links=_links(problem.links, item),
        settings=problem.settings,
    )


def to_be_changed(problem: Problem) -> Tables:
    """Its tables: what is made of them by changes below is sound and need not be looked through, which takes as long
    as half a solve.
    """
    return Tables(*(getattr(problem, table.name) for table in fields(Tables)))


def _of_item_0(table: Rows) -> Rows:
    return replace(table, item=np.zeros_like(table.item))


def _links(links: Links, item: int) -> Links:
    """The rows for this item, and for every item."""
    kept = taken(links, np.flatnonzero((links.item == item) | (links.item == -1)))
    return replace(kept, item=np.where(kept.item == item, 0, -1))


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
    named = (links.from_node == tail) & (links.to_node == head) & (links.item == 0)
    none = np.zeros(1, dtype=np.int64)
    added = Links(none + tail, none + head, none, none, none, none - 1, np.ones(1, dtype=np.bool_), [None])
    return replace(tables, links=stacked(taken(links, np.flatnonzero(~named)), added))


def with_stock(tables: Tables, units: Mapping[int, int]) -> Tables:
    """The same with so many units more at divisions, each in a depot of its own that stands there."""
    place, added = np.array([*units], dtype=np.int64), np.array([*units.values()], dtype=np.int64)
    depots, stock, none = tables.depots, tables.stock, np.zeros(len(units), dtype=np.int64)
    names = [f"+{number}" for number in range(len(units))]
    return replace(
        tables,
        depots=stacked(depots, Depots(names, names, place, none, ["government"] * len(units))),
        stock=stacked(
            stock,
            Stock(
                depot=len(depots) + np.arange(len(units)),
                item=none,
                quantity=added,
                lot=names,
                expires_on=np.full(len(units), NO_EXPIRY, dtype=np.int32),
                reserve_floor=none,
            ),
        ),
    )
