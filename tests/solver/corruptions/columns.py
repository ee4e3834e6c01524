"""One value of one column changed, of every file of a plan."""

from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

import numpy as np

from solver import Plan
from tests.solver.corruptions.example import Corrupted, Corruption, Example, names_of, put, rows_of, table_of
from tests.solver.corruptions.prices import prices_prove

COLUMNS = {
    "": ("granted", "limited_by", "set"),
    "shipments": ("demand_row", "depot", "stock_row", "quantity", "metres", "hours_thousandths"),
    "flows": ("from_node", "to_node", "item", "quantity"),
    "limits": ("item", "requests", "packs_missing", "limited_by", "higher_class"),
    "prices": ("node", "item", "price"),
}


def another_number(table: str, column: str, example: Example, random: Random) -> Corrupted | None:
    """A number a little larger or smaller, another of the column, or one that no plan can hold."""
    plan, rows = example.plan, rows_of(example.plan, table)
    if not rows:
        return None
    row, values = random.randrange(rows), getattr(table_of(example.plan, table), column)
    number, pack = int(values[row]), int(random.choice(example.problem.items.pack_size))
    others = (number + 1, number - 1, number + pack, number - pack, int(random.choice(values)), 0, -1, 2**62)
    range_of = np.iinfo(values.dtype)
    changed = put(plan, table, column, row, min(max(random.choice(others), range_of.min), range_of.max))
    names = names_of(example, plan, table, row) | safe_names(example, changed, table, row)
    return Corrupted(changed, frozenset(names), true=table == "prices" and prices_prove(example, changed))


def safe_names(example: Example, plan: Plan, table: str, row: int) -> set[str]:
    """Names of a row that may point to nothing."""
    try:
        return names_of(example, plan, table, row)
    except (IndexError, OverflowError):
        return set()


def other_items(example: Example, random: Random) -> Corrupted | None:
    """The plan says that it holds fewer items, or others, than it does."""
    items = example.plan.items
    changed = random.choice((items[1:], items[:-1], items[::-1], np.append(items, items[-1]), items + 1))
    return Corrupted(replace(example.plan, items=changed), frozenset({"summary.json", "does not hold item"}))


def other_summary(example: Example, random: Random) -> Corrupted | None:
    """Something else in the summary, something left out, or something more."""
    path, summary = "", dict[str, Any](example.plan.summary)
    place: Any = summary
    while True:
        key = random.choice(range(len(place)) if isinstance(place, list) else list(place))
        path = f"{path}[{key}]" if isinstance(place, list) else f"{path}.{key}".lstrip(".")
        if not isinstance(place[key], dict | list) or not place[key]:
            break
        place[key] = place[key].copy()
        place = place[key]
    change(place, key, random)
    # An entry taken out of a list is missed where the list stands.
    names = {f"summary.json {path}", f"summary.json {path.rpartition('[')[0]}", f"{path}_more"}
    return Corrupted(replace(example.plan, summary=summary), frozenset(names))


def change(place: Any, key: Any, random: Random) -> None:
    value = place[key]
    if random.random() < 0.2:
        del place[key]
    elif random.random() < 0.1 and isinstance(place, dict):
        place[f"{key}_more"] = value
    elif isinstance(value, bool) or value is None or isinstance(value, list):
        place[key] = random.choice((not value, 0, "", "false", ["I9"]))
    elif isinstance(value, int):
        place[key] = random.choice((value + 1, value - 1, str(value), float(value), -value - 1, None))
    else:
        place[key] = random.choice((value + "0", value + " ", value[:-1], "NaN", "1e3", 0, None))


NUMBERS: dict[str, Corruption] = {
    f"{table or 'allocation'}.{column} changed": partial(another_number, table, column)
    for table, columns in COLUMNS.items()
    for column in columns
}
CHANGES: dict[str, Corruption] = {
    **NUMBERS,
    "items changed": other_items,
    "summary changed": other_summary,
}
