"""The instance folder written: a Problem into CSV files and settings.json, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

import polars as pl

from solver.folder.columns import (
    Columns,
    blank_where,
    dates,
    ending,
    mapped,
    named,
    needs_quotes,
    node_codes,
    with_decimals,
    write_table,
)
from solver.folder.settings import write_settings
from solver.folder.whole import written_whole
from solver.plan import decimal_text
from solver.problem import HOURS_DECIMALS, LEVELS, Demand, Int64, Problem

_NAMED = ("divisions", "depots", "items")
"""Tables that hold names, in which anything may stand."""


def write_instance(problem: Problem, folder: Path, *, compressed: bool = False) -> None:
    """Write the question as an instance folder, whole or not at all; an older one there is replaced.

    `compressed` gzips the tables. Raises FolderOccupied where other files stand there, OSError where the disk refuses.
    """
    quotes = needs_quotes(problem)
    with written_whole(folder) as draft:
        for table, columns in _TABLES.items():
            path, rows = draft / f"{table}{ending(compressed)}", len(getattr(problem, table))
            write_table(path, rows, partial(columns, problem), quoted=quotes or table in _NAMED)
        write_settings(problem.settings, draft)


def _divisions(problem: Problem, part: slice) -> Columns:
    divisions = problem.divisions
    people = divisions.population[part]
    return {
        "code": divisions.codes[part],
        "name": divisions.names[part],
        "parent_code": named(divisions.codes, divisions.parent[part]),
        "level": named(LEVELS, divisions.level[part]),
        "km_to_parent": _km(divisions.metres_to_parent[part]),
        "population": blank_where(people, people < 0),
    }


def _depots(problem: Problem, part: slice) -> Columns:
    depots = problem.depots
    return {
        "code": depots.codes[part],
        "name": depots.names[part],
        "division_code": named(problem.divisions.codes, depots.division[part]),
        "km_to_division": _km(depots.metres_to_division[part]),
        "kind": depots.kind[part],
    }


def _items(problem: Problem, part: slice) -> Columns:
    items = problem.items
    return {
        "code": items.codes[part],
        "name": items.names[part],
        "pack_size": items.pack_size[part],
        "unit": items.unit[part],
        "category": items.category[part],
        "weight_kg": [decimal_text(weight) for weight in items.weight_kg[part]],
    }


def _stock(problem: Problem, part: slice) -> Columns:
    stock = problem.stock
    return {
        "depot_code": named(problem.depots.codes, stock.depot[part]),
        "item_code": named(problem.items.codes, stock.item[part]),
        "quantity": stock.quantity[part],
        "lot": stock.lot[part],
        "expires_on": dates(stock.expires_on[part]),
        "reserve_floor": stock.reserve_floor[part],
    }


def _demand(problem: Problem, part: slice) -> Columns:
    demand = problem.demand
    return {
        "id": demand.ids[part],
        "division_code": named(problem.divisions.codes, demand.division[part]),
        "item_code": named(problem.items.codes, demand.item[part]),
        "quantity": demand.quantity[part],
        "priority": demand.priority[part],
        "weight": _weights(demand, part),
        "needed_within_hours": _needed_within(demand, part),
    }


def _links(problem: Problem, part: slice) -> Columns:
    links, nodes = problem.links, node_codes(problem)
    capacity = links.capacity[part]
    return {
        "from_code": named(nodes, links.from_node[part]),
        "to_code": named(nodes, links.to_node[part]),
        "item_code": named(problem.items.codes, links.item[part]),
        "km": _km(links.road_metres[part]),
        "penalty_km": _km(links.metres[part] - links.road_metres[part]),
        "capacity": blank_where(capacity, capacity < 0),
        "open": links.open[part].astype("int8"),
        "hours": ["" if hours is None else decimal_text(hours) for hours in links.hours[part]],
    }


def _km(metres: Int64) -> pl.Series:
    return with_decimals(metres, 3)


def _weights(demand: Demand, part: slice) -> pl.Series:
    """Exact decimals, without trailing zeros."""
    below = demand.weight_denominator
    return mapped(demand.weight_numerator[part], lambda number: decimal_text(Decimal(number) / below))


def _needed_within(demand: Demand, part: slice) -> pl.Series:
    """Hours without trailing zeros, blank where a request names none."""
    hours = demand.needed_within_hours_millionths
    if hours is None:
        return pl.Series([""], dtype=pl.String).new_from_index(0, len(demand.quantity[part]))
    return mapped(hours[part], _hours_text)


def _hours_text(millionths: int) -> str:
    return decimal_text(Decimal(millionths).scaleb(-HOURS_DECIMALS)) if millionths >= 0 else ""


_TABLES: dict[str, Callable[[Problem, slice], Columns]] = {
    "divisions": _divisions,
    "depots": _depots,
    "items": _items,
    "stock": _stock,
    "demand": _demand,
    "links": _links,
}
