"""Engines: SQLite (embedded default) and PostgreSQL (production), each set up so that what is committed stays."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InvalidatePoolError

from supplyhub.persistence.hashes import sha256_of
from supplyhub.persistence.scope import Scope, scope_sql

LOCK_WAIT_SECONDS = 3
"""How long a writer waits for another before the try counts as failed."""

IMPATIENT_MILLISECONDS = 200
"""The same for a writer on whom others wait: what it waits for is then waited for by whom it concerns, alone."""

TRUSTED_SECONDS = 1
"""How long a connection is used again without a question whether PostgreSQL is still there: asking costs as much as a
small statement, and a transaction whose connection went in that second is run again anyway.
"""


def make_engine(url: str) -> Engine:
    """An engine for a database URL; a SQLite file's folder is made when missing."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            path = Path(parsed.database)
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.touch(mode=0o600)  # it holds password hashes; SQLite gives its other files the same rights
        engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": LOCK_WAIT_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.get_backend_name() == "postgresql":
        # jit: compiling a statement takes longer than any of ours runs; timezone: days are those of UTC.
        options = f"-c lock_timeout={LOCK_WAIT_SECONDS}s -c timezone=UTC -c jit=off"
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            isolation_level="AUTOCOMMIT",  # we say BEGIN ourselves, see below
            connect_args={"options": options},
        )
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _ask_whether_alive)
        event.listen(engine, "begin", _begin_postgresql)
        return engine
    raise ValueError(f"unknown database {parsed.get_backend_name()!r}: sqlite or postgresql")


def why_unreached(error: DBAPIError, address: URL) -> str:
    """What the server or its driver said last; only the name of the error where the password may stand in it.

    A password cut out of a sentence could be read from what is left.
    """
    kind = type(error.orig).__name__
    said = (str(error.orig).strip().splitlines() or [kind])[-1]
    return kind if address.password and address.password in said else said


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see below
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY",
                   "cache_size=-65536", "recursive_triggers=ON"):  # fmt: skip
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("sha256_of", 2, sha256_of, deterministic=True)


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _ask_whether_alive(connection: Any, record: Any, _proxy: Any) -> None:
    """What has been idle is asked; what does not answer is replaced, and so are those that were idle beside it."""
    used_at = record.info.get("used_at")
    if used_at is None or time.monotonic() - used_at < TRUSTED_SECONDS:  # new, or in use a moment ago
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except connection.OperationalError as away:
        raise InvalidatePoolError from away


def _begin_sqlite(connection: Connection) -> None:
    # A deferred BEGIN that turns into a write fails at once when another writer was faster.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    # One trip to the server begins the transaction and says what it may see; one without a scope sees nothing.
    options = connection.get_execution_options()
    if options.get("glance"):  # one statement, which is a transaction by itself
        return
    level = "REPEATABLE READ" if options.get("steady") else "READ COMMITTED"
    scope: Scope | None = options.get("scope")
    told = [f"BEGIN ISOLATION LEVEL {level}", *([scope_sql(scope)] if scope else [])]
    if options.get("writes"):  # these are short, run again and again, and take longer to plan anew than to run
        told.append("SET LOCAL plan_cache_mode = force_generic_plan")
    if options.get("impatient"):
        told.append(f"SET LOCAL lock_timeout = {IMPATIENT_MILLISECONDS}")
    connection.exec_driver_sql("; ".join(told))
