"""How each engine takes arrays: thousands of rows in one statement, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Subquery, Table, cast, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from supplyhub.persistence.rows import Row


def table_of(row: type[Row]) -> Table:
    """The table behind a row class."""
    table = row.__table__
    assert isinstance(table, Table)  # noqa: S101 - narrows the declarative type for mypy
    return table


def insert_columns(connection: Connection, row: type[Row], columns: Mapping[str, Sequence[Any]]) -> None:
    """Append rows given as equal-length columns."""
    table, names = table_of(row), list(columns)
    values = [_to_driver(connection, table, name, columns[name]) for name in names]
    if not values or not values[0]:
        return
    listed = ", ".join(f'"{name}"' for name in names)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        connection.exec_driver_sql(
            f'INSERT INTO "{table.name}" ({listed}) VALUES ({marks})',  # noqa: S608 - our own table names
            list(zip(*values, strict=True)),
        )
        return
    arrays = ", ".join(f"%s::{_pg_type(connection, table, name)}[]" for name in names)
    connection.exec_driver_sql(
        f'INSERT INTO "{table.name}" ({listed}) SELECT * FROM unnest({arrays})',  # noqa: S608 - our own names
        tuple(values),
    )


def update_columns(
    connection: Connection,
    row: type[Row],
    match: Mapping[str, Sequence[Any]],
    change: Mapping[str, Sequence[Any]],
) -> int:
    """Set columns of the rows whose `match` columns (keys, and what was seen) still hold; how many did."""
    table = table_of(row)
    match_values = [_to_driver(connection, table, name, values) for name, values in match.items()]
    change_values = [_to_driver(connection, table, name, values) for name, values in change.items()]
    if not match_values[0]:
        return 0
    if connection.dialect.name == "sqlite":
        sets = ", ".join(f'"{name}" = ?' for name in change)
        keys = " AND ".join(f'"{name}" = ?' for name in match)
        return connection.exec_driver_sql(
            f'UPDATE "{table.name}" SET {sets} WHERE {keys}',  # noqa: S608 - our own table names
            list(zip(*change_values, *match_values, strict=True)),
        ).rowcount
    sets = ", ".join(f'"{name}" = v.new_{name}' for name in change)
    keys = " AND ".join(f't."{name}" = v.{name}' for name in match)
    names = ", ".join([f"new_{name}" for name in change] + list(match))
    arrays = ", ".join(f"%s::{_pg_type(connection, table, name)}[]" for name in [*change, *match])
    return connection.exec_driver_sql(
        f'UPDATE "{table.name}" AS t SET {sets} '  # noqa: S608 - our own table names
        f"FROM unnest({arrays}) AS v({names}) WHERE {keys}",
        (*change_values, *match_values),
    ).rowcount


def key_table(connection: Connection, row: type[Row], **columns: Sequence[Any]) -> Subquery:
    """Keys as a table to join with: one column an argument, typed like the row's column of that name."""
    table = table_of(row)
    if connection.dialect.name == "sqlite":
        rows = json.dumps(list(zip(*columns.values(), strict=True)))
        each = func.json_each(literal(rows)).table_valued("value")
        return select(
            *(
                cast(func.json_extract(each.c.value, f"$[{place}]"), table.c[name].type).label(name)
                for place, name in enumerate(columns)
            )
        ).subquery()
    return select(
        *(func.unnest(cast(list(values), ARRAY(table.c[name].type))).label(name) for name, values in columns.items())
    ).subquery()


def allocate_ids(connection: Connection, row: type[Row], count: int) -> list[int]:
    """Row numbers for rows about to be inserted with explicit ids."""
    table = table_of(row)
    if connection.dialect.name == "sqlite":  # BEGIN IMMEDIATE keeps other writers out; rows are never deleted
        last = connection.scalar(select(func.coalesce(func.max(table.c.id), 0))) or 0
        return list(range(last + 1, last + 1 + count))
    sequence = func.pg_get_serial_sequence(table.name, "id")
    return list(
        connection.scalars(
            select(func.nextval(sequence)).select_from(text("generate_series(1, :count)").bindparams(count=count))
        )
    )


def _to_driver(connection: Connection, table: Table, name: str, values: Sequence[Any]) -> list[Any]:
    process = table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    if process is None:
        return list(values)
    return [None if value is None else process(value) for value in values]


def _pg_type(connection: Connection, table: Table, name: str) -> str:
    return str(table.c[name].type.compile(dialect=connection.dialect))
