"""Failures of a transaction: which may well pass when it is run again, and what a caller is told of the others."""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

from sqlalchemy.exc import DBAPIError, IntegrityError

from supplyhub.domain.refusals import Busy, DatabaseAway, StorageFull, SupplyError


class StaleBalances(Exception):
    """A balance changed under the lock: the transaction is tried again, never forced."""


class TurnTaken(Exception):
    """It was somebody else's turn to write for longer than a writer waits."""


PASSING_STATES = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATEs of a lost race: serialisation failure, deadlock, lock not available."""

FULL_STATES = frozenset({"53100", "58030"})
"""SQLSTATEs of a disk that takes nothing more: disk full, input/output error."""

FULL_CODES = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC})
"""The same of SQLite, whose limit of a file's size is an input/output error too."""


def may_pass(error: Exception) -> bool:
    """Whether the same transaction may well succeed on another try: a lost race, a lock, a lost connection."""
    if isinstance(error, StaleBalances | TurnTaken):
        return True
    if isinstance(error, IntegrityError):  # two reversals of one posting at once: the second finds the first
        return "reverses_id" in str(error.orig)
    if not isinstance(error, DBAPIError) or is_full(error):
        return False
    if _is_away(error.orig):
        return True
    state = getattr(error.orig, "sqlstate", None)
    locked = "locked" in str(error.orig) or "busy" in str(error.orig)
    return error.connection_invalidated or state in PASSING_STATES or locked


def _is_away(error: Any) -> bool:
    """Whether PostgreSQL is away, going away, or coming back; its driver is loaded only where it is used."""
    driver = sys.modules.get("psycopg")
    return driver is not None and isinstance(error, driver.OperationalError)


def is_full(error: DBAPIError) -> bool:
    """Whether the disk takes nothing more; another try does not make room."""
    code, state = getattr(error.orig, "sqlite_errorcode", None), getattr(error.orig, "sqlstate", None)
    return code in FULL_CODES or state in FULL_STATES


def refusal_of(error: Exception, waited_seconds: int) -> SupplyError | None:
    """What the caller is told when no further try is made; None of what is our own fault."""
    if isinstance(error, DBAPIError) and is_full(error):
        return StorageFull()
    if not may_pass(error):
        return None
    cause = getattr(error, "orig", None)
    lost_race = getattr(cause, "sqlstate", None) in PASSING_STATES
    kind = DatabaseAway if _is_away(cause) and not lost_race else Busy
    return kind(seconds=waited_seconds)
