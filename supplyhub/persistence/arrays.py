"""How each engine takes arrays: thousands of rows in one statement, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import Connection, Dialect, Subquery, Table, cast, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError

from supplyhub.persistence.rows import Row

DIALECTS: Mapping[str, Dialect] = {
    "sqlite": SQLiteDialect_pysqlite(),
    "postgresql": PGDialect_psycopg(),  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types
}
"""What knows how a column's values are written for each engine, whichever database they go to."""


Rows: TypeAlias = list[tuple[Any, ...]]


def on_driver(connection: Connection, statement: str, values: Any) -> Rows:
    """Execute a statement of the driver's own, in a transaction that has begun, and fetch its rows.

    What `exec_driver_sql` makes around each result takes as long as PostgreSQL takes for a small statement. Failures
    are SQLAlchemy's, as there.
    """
    raw: Any = connection.connection.driver_connection
    errors = connection.dialect.loaded_dbapi.Error
    try:
        cursor = raw.execute(statement, values)
        return cursor.fetchall() if cursor.description else []
    except errors as error:
        lost = connection.dialect.is_disconnect(error, raw, None)
        failure = DBAPIError.instance(
            statement,
            values,
            error,
            errors,
            hide_parameters=connection.engine.hide_parameters,
            connection_invalidated=lost,
            dialect=connection.dialect,
        )
        if lost:
            connection.invalidate(error)
        raise failure from error


def table_of(row: type[Row]) -> Table:
    """The table behind a row class."""
    table = row.__table__
    assert isinstance(table, Table)  # noqa: S101 - narrows the declarative type for mypy
    return table


def insert_columns(connection: Connection, row: type[Row], columns: Mapping[str, Sequence[Any]]) -> None:
    """Append rows given as equal-length columns."""
    names = tuple(columns)
    values = [_to_driver(connection, row, name, columns[name]) for name in names]
    if not values or not values[0]:
        return
    statement = _insert(connection.dialect.name, row, names)
    rows = list(zip(*values, strict=True)) if connection.dialect.name == "sqlite" else tuple(map(array_of, values))
    connection.exec_driver_sql(statement, rows)


def update_columns(
    connection: Connection,
    row: type[Row],
    match: Mapping[str, Sequence[Any]],
    change: Mapping[str, Sequence[Any]],
) -> int:
    """Set columns of the rows whose `match` columns (keys, and what was seen) still hold; how many did."""
    values = [_to_driver(connection, row, name, column) for name, column in [*change.items(), *match.items()]]
    if not values[0]:
        return 0
    statement = _update(connection.dialect.name, row, tuple(match), tuple(change))
    rows = list(zip(*values, strict=True)) if connection.dialect.name == "sqlite" else tuple(map(array_of, values))
    return connection.exec_driver_sql(statement, rows).rowcount


def update_and_insert(
    connection: Connection,
    changed: type[Row],
    match: Mapping[str, Sequence[Any]],
    change: Mapping[str, Sequence[Any]],
    added: type[Row],
    columns: Mapping[str, Sequence[Any]],
) -> int:
    """As both of the above, in one statement where the engine can; how many rows were changed."""
    if connection.dialect.name == "sqlite":
        insert_columns(connection, added, columns)
        return update_columns(connection, changed, match, change)
    values = [_to_driver(connection, changed, name, column) for name, column in [*change.items(), *match.items()]]
    values += [_to_driver(connection, added, name, column) for name, column in columns.items()]
    statement = _update_and_insert(changed, tuple(match), tuple(change), added, tuple(columns))
    [(count,)] = on_driver(connection, statement, tuple(map(array_of, values)))
    return int(count)


@cache
def _update_and_insert(
    changed: type[Row], match: tuple[str, ...], change: tuple[str, ...], added: type[Row], names: tuple[str, ...]
) -> str:
    update, insert = _update("postgresql", changed, match, change), _insert("postgresql", added, names)
    return f"WITH changed AS ({update} RETURNING 1), added AS ({insert}) SELECT count(*) FROM changed"  # noqa: S608 - our own


@cache
def _insert(engine: str, row: type[Row], names: tuple[str, ...]) -> str:
    table = table_of(row)
    listed = ", ".join(f'"{name}"' for name in names)
    if engine == "sqlite":
        marks = ", ".join("?" * len(names))
        return f'INSERT INTO "{table.name}" ({listed}) VALUES ({marks})'  # noqa: S608 - our own table names
    arrays = ", ".join(f"%s::{_pg_type(table, name)}[]" for name in names)
    return f'INSERT INTO "{table.name}" ({listed}) SELECT * FROM unnest({arrays})'  # noqa: S608 - our own names


@cache
def _update(engine: str, row: type[Row], match: tuple[str, ...], change: tuple[str, ...]) -> str:
    table = table_of(row)
    if engine == "sqlite":
        sets = ", ".join(f'"{name}" = ?' for name in change)
        keys = " AND ".join(f'"{name}" = ?' for name in match)
        return f'UPDATE "{table.name}" SET {sets} WHERE {keys}'  # noqa: S608 - our own table names
    sets = ", ".join(f'"{name}" = v.new_{name}' for name in change)
    keys = " AND ".join(f't."{name}" = v.{name}' for name in match)
    names = ", ".join([f"new_{name}" for name in change] + list(match))
    arrays = ", ".join(f"%s::{_pg_type(table, name)}[]" for name in [*change, *match])
    return (
        f'UPDATE "{table.name}" AS t SET {sets} '  # noqa: S608 - our own table names
        f"FROM unnest({arrays}) AS v({names}) WHERE {keys}"
    )


def array_of(values: Sequence[Any]) -> Any:
    """PostgreSQL's text for an array; the driver's own way takes ten times as long, and is left for the odd kinds."""
    kinds = set(map(type, values))
    if kinds == {int}:
        return f"{{{str(list(values))[1:-1]}}}"
    if kinds == {bytes}:
        return "{" + ",".join([f'"\\\\x{value.hex()}"' for value in values]) + "}"
    if kinds == {str}:
        joined = '","'.join(values)
        if joined.count("\\") or joined.count('"') != 2 * len(values) - 2:
            joined = '","'.join([value.replace("\\", "\\\\").replace('"', '\\"') for value in values])
        return f'{{"{joined}"}}'
    if kinds == {type(None)}:
        return f"{{{','.join(['NULL'] * len(values))}}}"
    return list(values)


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


def _to_driver(connection: Connection, row: type[Row], name: str, values: Sequence[Any]) -> list[Any]:
    process = _processor(connection.dialect.name, row, name)
    if process is None:
        return list(values)
    return [None if value is None else process(value) for value in values]


@cache
def _processor(engine: str, row: type[Row], name: str) -> Callable[[Any], Any] | None:
    """How a column's values become the driver's; None where they are that already."""
    dialect = DIALECTS[engine]
    return table_of(row).c[name].type.dialect_impl(dialect).bind_processor(dialect)


def _pg_type(table: Table, name: str) -> str:
    return str(table.c[name].type.compile(dialect=DIALECTS["postgresql"]))
