"""Several random instances put side by side as one: provinces that nothing connects, each with items of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

from solver import Problem, read_instance
from tests.solver import instances
from tests.solver.oracle import Row, Tables

CODES = {
    "divisions": ("code", "parent_code"),
    "depots": ("code", "division_code"),
    "items": ("code",),
    "stock": ("depot_code", "item_code"),
    "demand": ("division_code", "item_code", "id"),
    "links": ("from_code", "to_code", "item_code"),
}


def provinces(seeds: Iterable[int], folder: Path) -> Problem:
    """The instances of these seeds as one problem, with the settings of the first; written to the folder and read.

    Links for every item stay links of their province: they join no other.
    """
    made = {seed: instances.make(seed) for seed in seeds}
    first = next(iter(made))
    tables = {name: [row for seed, one in made.items() for row in _marked(name, one, seed)] for name in CODES}
    instances.write(Tables(**tables, settings=made[first].settings), folder, first)
    return read_instance(folder)


def _marked(name: str, tables: Tables, seed: int) -> list[Row]:
    """Rows of a table with the seed in every code, so that those of two instances cannot meet."""
    assert name in {field.name for field in fields(tables)}
    rows = getattr(tables, name)
    return [row | {column: f"{row[column]}.{seed}" for column in CODES[name] if row.get(column)} for row in rows]
