"""Corruptions planted past all guards of a SQLite file: one value, or rows deleted, inserted, swapped, cut off."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from random import Random

UNIQUE = (
    "id", "seq", "number", "posting_id", "idem_key", "key", "identity", "line", "upto_seq", "order_line_id", "lot_id",
    "reverses_id",
)  # fmt: skip
"""Columns in which a row that is inserted must differ from the one it is copied from."""

Corruption = Callable[[sqlite3.Connection], str]
"""Changes a database; what was done, or "" where there was nothing to change."""


def plant(path: Path, corrupt: Corruption) -> str:
    """Corrupt a database whose triggers and checks are taken away; what was done, "" for nothing."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f'DROP TRIGGER "{name}"')
    try:
        done = corrupt(connection)
        connection.commit()
    except sqlite3.IntegrityError:  # the database's own index refused it: another is tried
        done = ""
    connection.close()
    return done


def change_a_value(table: str, column: str, random: Random) -> Corruption:
    """One value of a column, a little different, of the same type."""

    def corrupt(connection: sqlite3.Connection) -> str:
        rows = connection.execute(f'SELECT rowid, "{column}" FROM "{table}"').fetchall()
        rowid, value = random.choice(rows)
        other = another(value, random)
        connection.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', (other, rowid))
        return f"{table}.{column}: {value!r} -> {other!r}"

    return corrupt


def another(value: object, random: Random) -> object:
    """A value that differs."""
    if isinstance(value, bytes):
        place = random.randrange(len(value))
        return value[:place] + bytes([value[place] ^ 1 << random.randrange(8)]) + value[place + 1 :]
    if isinstance(value, int):
        return value + random.choice((1, -1, 1000))
    if isinstance(value, str):
        swapped = value.swapcase()
        return random.choice((f"{value} ", f"{value}x", swapped if swapped != value else "other"))
    return 1


def change_rows(kind: str, table: str, random: Random) -> Corruption:
    """Rows of a table deleted, inserted, swapped or truncated."""

    def corrupt(connection: sqlite3.Connection) -> str:
        rowids = [rowid for (rowid,) in connection.execute(f'SELECT rowid FROM "{table}"')]
        if kind == "swapped" and len(rowids) < 2:
            return ""
        return ROW_KINDS[kind](connection, table, random.sample(rowids, min(len(rowids), 2))) and f"{table}: {kind}"

    return corrupt


def _delete(connection: sqlite3.Connection, table: str, rowids: list[int]) -> bool:
    connection.execute(f'DELETE FROM "{table}" WHERE rowid = ?', rowids[:1])
    return True


def _truncate(connection: sqlite3.Connection, table: str, rowids: list[int]) -> bool:
    connection.execute(f'DELETE FROM "{table}" WHERE rowid >= ?', rowids[:1])
    return True


def _insert(connection: sqlite3.Connection, table: str, rowids: list[int]) -> bool:
    """One row more, like one that is there but for what must be unique."""
    found = connection.execute(f'SELECT * FROM "{table}" WHERE rowid = ?', rowids[:1])
    values = dict(zip([column[0] for column in found.description], found.fetchone(), strict=True))
    for name in UNIQUE:
        if isinstance(values.get(name), int):
            values[name] += 10_000
        elif isinstance(values.get(name), str):
            values[name] += "+"
    marks = ", ".join("?" * len(values))
    connection.execute(f'INSERT INTO "{table}" VALUES ({marks})', list(values.values()))
    return True


def _swap(connection: sqlite3.Connection, table: str, rowids: list[int]) -> bool:
    """Two rows in each other's places; false where they say the same."""
    names = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")') if not row[5]]
    listed, sets = ", ".join(f'"{name}"' for name in names), ", ".join(f'"{name}" = ?' for name in names)
    first, second = (
        connection.execute(f'SELECT {listed} FROM "{table}" WHERE rowid = ?', (rowid,)).fetchone() for rowid in rowids
    )
    one, other = rowids
    for rowid, values in ((one, [f"~{name}" for name in names]), (other, first), (one, second)):
        connection.execute(f'UPDATE "{table}" SET {sets} WHERE rowid = ?', (*values, rowid))
    return bool(first != second)


ROW_KINDS = {"deleted": _delete, "truncated": _truncate, "inserted": _insert, "swapped": _swap}
