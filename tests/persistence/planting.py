"""Corruptions planted past all guards of a database: one value, whole rows, or history rewritten with its hashes.

Everything happens in one transaction that is never committed, so that thousands can be planted one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, LargeBinary, Table, and_, delete, select, text
from sqlalchemy.exc import DBAPIError

from supplyhub.persistence.arrays import table_of
from supplyhub.persistence.oversight.raw import raw
from supplyhub.persistence.rows import Row

Values: TypeAlias = dict[str, Any]
Corruption: TypeAlias = Callable[[Connection, Random], str]
"""Changes something; what was done, or "" where there was nothing to change."""

UNIQUE = {
    "id", "seq", "number", "posting_id", "idem_key", "key", "identity", "line", "upto_seq", "order_line_id", "lot_id",
    "reverses_id",
}  # fmt: skip
"""Columns in which a row that is inserted must differ from the one it is copied from."""


@contextmanager
def unguarded(engine: Engine) -> Iterator[Connection]:
    """A connection for which triggers, checks and foreign keys are taken away, as its owner can."""
    connection = engine.connect().execution_options(writes=True)
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        for pragma in ("foreign_keys = OFF", "ignore_check_constraints = ON"):
            connection.connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]
    with connection, connection.begin() as never_kept:
        for statement in _disarm(connection, sqlite=sqlite):
            connection.exec_driver_sql(statement)
        yield connection
        never_kept.rollback()
        if sqlite:
            connection.invalidate()


def _disarm(connection: Connection, *, sqlite: bool) -> list[str]:
    if sqlite:
        triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        return [f'DROP TRIGGER "{name}"' for name in triggers]
    tables = connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").scalars().all()
    rules = connection.exec_driver_sql(
        "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype IN ('c', 'f') AND conrelid <> 0 "
        "AND connamespace = 'public'::regnamespace"
    ).all()
    return [
        *(f'ALTER TABLE "{table}" DISABLE TRIGGER USER' for table in tables),
        *(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"' for table, name in rules),
    ]


@contextmanager
def planted(connection: Connection, corrupt: Corruption, random: Random) -> Iterator[str]:
    """What was done, "" for nothing; undone afterwards. What the database's own indexes refuse is nothing."""
    savepoint = connection.begin_nested()
    try:
        with connection.begin_nested():
            done = corrupt(connection, random)
    except DBAPIError:
        done = ""
    yield done
    savepoint.rollback()


@dataclass(frozen=True)
class Ground:
    """Rows of a table that may be corrupted: all of them, or those that are not as they were (`before`)."""

    row: type[Row]
    before: frozenset[tuple[Any, ...]] = frozenset()

    @property
    def table(self) -> Table:
        """The table."""
        return table_of(self.row)

    @property
    def columns(self) -> list[str]:
        """Columns that hold something; others the database works out from them."""
        return [column.name for column in self.table.c if column.computed is None]

    def rows(self, connection: Connection) -> list[Values]:
        """Them, in the order of their keys."""
        order = list(self.table.primary_key)
        found = connection.execute(select(*stored(self.row)).order_by(*order)).all()
        return [dict(row._mapping) for row in found if tuple(row) not in self.before]

    def is_one(self, values: Values) -> Any:
        """The condition that finds a row again."""
        return and_(*(column == values[column.name] for column in self.table.primary_key))


def read_all(connection: Connection, row: type[Row]) -> frozenset[tuple[Any, ...]]:
    """All rows of a table as they stand."""
    return frozenset(tuple(found) for found in connection.execute(select(*stored(row))))


def stored(row: type[Row]) -> list[Any]:
    """The columns of a table that hold something, untranslated."""
    return [column for column in raw(row) if table_of(row).c[column.name].computed is None]


def change_a_value(ground: Ground, column: str) -> Corruption:
    """One value of a column, a little different."""

    def corrupt(connection: Connection, random: Random) -> str:
        rows = ground.rows(connection)
        if not rows:
            return ""
        values = random.choice(rows)
        other = another(values[column], ground.table, column, random)
        keys = " AND ".join(f'"{key.name}" = :was_{key.name}' for key in ground.table.primary_key)
        was = {f"was_{key.name}": values[key.name] for key in ground.table.primary_key}
        statement = text(f'UPDATE "{ground.table.name}" SET "{column}" = :other WHERE {keys}')
        connection.execute(statement, {"other": other, **was})
        return f"{ground.table.name}.{column}: {values[column]!r} -> {other!r}"

    return corrupt


def another(value: object, table: Table, column: str, random: Random) -> object:
    """A value that differs."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, bytes):
        place = random.randrange(len(value))
        return value[:place] + bytes([value[place] ^ 1 << random.randrange(8)]) + value[place + 1 :]
    if isinstance(value, int):
        return 1 - value if column == "floored" else value + random.choice((1, -1, 1000))
    if isinstance(value, str):
        swapped, length = value.swapcase(), getattr(table.c[column].type, "length", None)
        longer = f"{value[:-1]}-" if length == len(value) else f"{value} "  # PostgreSQL cuts blanks that are too many
        return random.choice((f"{value[:-1]}x", longer, swapped if swapped != value else f"{value[:-1]}+"))
    if isinstance(value, date):
        return value + timedelta(days=random.choice((1, -1, 1000)))
    kind = table.c[column].type
    if isinstance(kind, LargeBinary):
        return b"\1" * 32
    return {int: 1, str: "other", date: date(2026, 7, 1)}.get(kind.python_type, 1)


def change_rows(kind: str, ground: Ground) -> Corruption:
    """Rows of a table deleted, inserted, swapped or cut off from one on."""

    def corrupt(connection: Connection, random: Random) -> str:
        done = ROW_KINDS[kind](connection, ground, ground.rows(connection), random)
        return f"{ground.table.name}: {kind} {done}" if done else ""

    return corrupt


def _delete(connection: Connection, ground: Ground, rows: Sequence[Values], random: Random) -> str:
    if not rows:
        return ""
    values = random.choice(rows)
    connection.execute(delete(ground.table).where(ground.is_one(values)))
    return str(values)


def _cut_off(connection: Connection, ground: Ground, rows: Sequence[Values], random: Random) -> str:
    if not rows:
        return ""
    first = random.randrange(len(rows))
    for values in rows[first:]:
        connection.execute(delete(ground.table).where(ground.is_one(values)))
    return f"from {rows[first]}"


def _insert(connection: Connection, ground: Ground, rows: Sequence[Values], random: Random) -> str:
    """One row more, like one that is there but for what must be unique."""
    values = dict(random.choice(rows)) if rows else dict.fromkeys(ground.columns, random.randrange(1, 5))
    keys = UNIQUE & values.keys() or {column.name for column in ground.table.primary_key}
    for name in keys if rows else ():
        if isinstance(values[name], int):
            values[name] += 10_000
        elif isinstance(values[name], str):
            values[name] = f"{values[name][:-1]}+"
    _put(connection, ground.table, values)
    return str(values)


def _swap(connection: Connection, ground: Ground, rows: Sequence[Values], random: Random) -> str:
    """Two rows in each other's places; nothing where they say the same."""
    if len(rows) < 2:
        return ""
    one, other = random.sample(rows, 2)
    keys = {column.name for column in ground.table.primary_key}
    if all(one[name] == other[name] for name in one if name not in keys):
        return ""
    for values in (one, other):
        connection.execute(delete(ground.table).where(ground.is_one(values)))
    for place, said in ((one, other), (other, one)):
        _put(connection, ground.table, {**said, **{name: place[name] for name in keys}})
    return f"{one} and {other}"


def _put(connection: Connection, table: Table, values: Values) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(text(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'), values)


ROW_KINDS: dict[str, Callable[[Connection, Ground, Sequence[Values], Random], str]] = {
    "deleted": _delete, "cut off": _cut_off, "inserted": _insert, "swapped": _swap,
}  # fmt: skip
