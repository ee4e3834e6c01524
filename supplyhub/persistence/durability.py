"""Whether a database keeps what it has acknowledged when the power goes: read back from it, never assumed."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

POSTGRESQL: Mapping[str, frozenset[str]] = {
    "fsync": frozenset({"on"}),
    "full_page_writes": frozenset({"on"}),
    # remote_write waits for the local disk too; off and only off acknowledges before it.
    "synchronous_commit": frozenset({"on", "local", "remote_write", "remote_apply"}),
    "data_checksums": frozenset({"on"}),
}
SQLITE: Mapping[str, frozenset[str]] = {
    "journal_mode": frozenset({"wal"}),
    "synchronous": frozenset({"2", "3"}),  # FULL, EXTRA
    "foreign_keys": frozenset({"1"}),
}
"""What each setting must say for a commit to outlive a power cut, and for a torn page to be noticed."""


def find_unsafe(connection: Connection) -> list[str]:
    """Settings under which what was acknowledged may be lost, or damage go unnoticed: `fsync = off (must be on)`."""
    safe, read = (POSTGRESQL, _of_postgresql) if connection.dialect.name == "postgresql" else (SQLITE, _of_sqlite)
    return [
        f"{name} = {value} (must be {' / '.join(sorted(safe[name]))})"
        for name, value in read(connection).items()
        if value not in safe[name]
    ]


def _of_postgresql(connection: Connection) -> dict[str, str]:
    rows = connection.execute(
        text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)"), {"names": list(POSTGRESQL)}
    )
    return {row.name: row.setting for row in rows}


def _of_sqlite(connection: Connection) -> dict[str, str]:
    return {name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()).lower() for name in SQLITE}
