"""Rows left out, written twice, exchanged or made up, of every file of a plan; columns of another length or type."""

from functools import partial
from random import Random

import numpy as np

from tests.solver.corruptions.example import (
    Corrupted,
    Corruption,
    Example,
    names_of,
    put,
    rows_of,
    table_of,
    taken,
    with_columns,
)
from tests.solver.corruptions.prices import prices_prove

KINDS = ("shipments", "flows", "limits", "prices")


def row_left_out(table: str, example: Example, random: Random) -> Corrupted | None:
    plan, rows = example.plan, rows_of(example.plan, table)
    if not rows:
        return None
    row = random.randrange(rows)
    changed = taken(plan, table, [one for one in range(rows) if one != row])
    names = names_of(example, plan, table, row) | {f"{table}.csv set"}
    return Corrupted(changed, frozenset(names), true=table == "prices" and prices_prove(example, changed))


def row_twice(table: str, example: Example, random: Random) -> Corrupted | None:
    plan, rows = example.plan, rows_of(example.plan, table)
    if not rows:
        return None
    row, after = random.randrange(rows), random.randrange(rows)
    after = random.choice((row, after, rows - 1))
    order = [*range(after + 1), row, *range(after + 1, rows)]
    names = names_of(example, plan, table, row) | names_of(example, plan, table, after) | {f"{table}.csv set"}
    return Corrupted(taken(plan, table, order), frozenset(names | {f"{table}.csv:{after + 3 + one}" for one in (0, 1)}))


def rows_exchanged(table: str, example: Example, random: Random) -> Corrupted | None:
    plan, rows = example.plan, rows_of(example.plan, table)
    if rows < 2:
        return None
    one, other = sorted(random.sample(range(rows), 2))
    order = list(range(rows))
    order[one], order[other] = other, one
    # A row that comes too early is noticed at the row after it.
    names = {f"{table}.csv:{row + 2}" for row in (one, one + 1, other)} | {f"set {one + 1}", f"set {other + 1}"}
    return Corrupted(taken(plan, table, order), frozenset(names))


def requests_exchanged(example: Example, random: Random) -> Corrupted | None:
    """Two requests with each other's grant, or reason, or set."""
    plan, rows = example.plan, len(example.plan.granted)
    if rows < 2:
        return None
    column = random.choice(("granted", "limited_by", "set"))
    one, other = random.sample(range(rows), 2)
    values = getattr(plan, column)
    changed = put(put(plan, "", column, one, values[other]), "", column, other, values[one])
    return Corrupted(changed, frozenset(names_of(example, plan, "", one) | names_of(example, plan, "", other)))


def row_made_up(table: str, example: Example, random: Random) -> Corrupted | None:
    """A row put together from others, where it belongs or at the end."""
    plan, rows = example.plan, rows_of(example.plan, table)
    if not rows:
        return None
    place = random.choice((random.randrange(rows), rows))
    columns = {}
    for name, values in vars(table_of(plan, table)).items():
        value = random.choice(values)
        more = [*values[:place], value, *values[place:]]
        columns[name] = more if isinstance(values, list) else np.array(more, dtype=values.dtype)
    changed = with_columns(plan, table, **columns)
    names = names_of(example, changed, table, place) | {f"{table}.csv:{place + 3}", f"{table}.csv set"}
    return Corrupted(changed, frozenset(names), true=table == "prices" and prices_prove(example, changed))


def column_misshapen(example: Example, random: Random) -> Corrupted | None:
    """A column shorter or longer than the others, of another type, or none at all."""
    table = random.choice(("", *KINDS))
    names = {"": ["granted", "limited_by", "set"]}.get(table) or list(vars(getattr(example.plan, table)))
    column = random.choice([name for name in names if name != "remedies"])
    values = getattr(table_of(example.plan, table), column)
    changed = random.choice((np.append(values, values[:1] + 1), values.astype(np.float64), values.tolist(), None))
    if isinstance(changed, np.ndarray) and changed.dtype == values.dtype and len(changed) == len(values):
        return None
    return Corrupted(with_columns(example.plan, table, **{column: changed}), frozenset({f"must be {values.dtype}"}))


ROWS: dict[str, Corruption] = {
    **{f"a row of {table} left out": partial(row_left_out, table) for table in KINDS},
    **{f"a row of {table} twice": partial(row_twice, table) for table in KINDS},
    **{f"two rows of {table} exchanged": partial(rows_exchanged, table) for table in KINDS},
    **{f"a row of {table} made up": partial(row_made_up, table) for table in KINDS},
    "two requests exchanged": requests_exchanged,
    "a column misshapen": column_misshapen,
}
