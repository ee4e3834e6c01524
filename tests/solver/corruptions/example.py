"""A question with a true plan of it, and what a corruption makes of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from solver import Plan, Problem, read_instance, solve
from tests.solver import instances
from tests.solver.oracle import Tables

TABLES = {"": "allocation.csv", "shipments": "shipments.csv", "flows": "flows.csv", "limits": "limits.csv",
          "prices": "prices.csv"}  # fmt: skip


@dataclass(frozen=True)
class Example:
    """An instance from a seed, and the solver's plan of it."""

    seed: int
    tables: Tables
    problem: Problem
    plan: Plan


@dataclass(frozen=True)
class Corrupted:
    """A plan made from an example's; at least one of `names` must stand in the words of a fault.

    `true`: found true by hand, in spite of everything.
    """

    plan: Plan
    names: frozenset[str]
    true: bool = False


Corruption = Callable[[Example, Random], Corrupted | None]
"""None where an example has nothing that could be made wrong in this way."""


@lru_cache(maxsize=8)
def example_of(seed: int) -> Example:
    """The example of a seed."""
    tables = instances.make(seed)
    with TemporaryDirectory() as folder:
        instances.write(tables, Path(folder) / "instance", seed)
        problem = read_instance(Path(folder) / "instance")
    return Example(seed, tables, problem, solve(problem))


def table_of(plan: Plan, table: str) -> Any:
    """The table of a plan; the plan itself, which holds the columns of requests, for no name."""
    return getattr(plan, table) if table else plan


def rows_of(plan: Plan, table: str) -> int:
    """How many rows a table has."""
    return len(plan.granted) if not table else len(getattr(plan, table))


def with_columns(plan: Plan, table: str, **columns: Any) -> Plan:
    """The plan with other columns in one of its tables."""
    changed = replace(table_of(plan, table), **columns)
    return replace(plan, **{table: changed}) if table else changed


def put(plan: Plan, table: str, column: str, row: int, value: Any) -> Plan:
    """The plan with one value changed."""
    values = getattr(table_of(plan, table), column)
    changed = values.copy()
    changed[row] = value
    return with_columns(plan, table, **{column: changed})


def taken(plan: Plan, table: str, rows: list[int]) -> Plan:
    """The plan with these rows of a table, in this order."""
    columns = {
        name: [values[row] for row in rows] if isinstance(values, list) else values[np.array(rows, dtype=np.int64)]
        for name, values in vars(table_of(plan, table)).items()
    }
    return with_columns(plan, table, **columns)


def names_of(example: Example, plan: Plan, table: str, row: int) -> set[str]:
    """Words for a row: its line in its file, and the request, the places or the set that it is about."""
    problem, file = example.problem, f"{TABLES[table]}:{row + 2}"
    nodes = problem.node_codes()
    if table == "":
        return {file, f"request {problem.demand.ids[row]}"}
    some = table_of(plan, table)
    if table == "shipments":
        depot = problem.depots.codes[int(some.depot[row])]
        return {file, f"request {problem.demand.ids[int(some.demand_row[row])]}", f"depot {depot}", f"at {depot}"}
    if table == "flows":
        return {file, nodes[some.from_node[row]], nodes[some.to_node[row]]}
    if table == "prices":
        return {file, nodes[some.node[row]]}
    return {file, f"set {row + 1}"}
