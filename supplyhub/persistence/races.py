"""Lost races: which failures of a transaction may well pass when it is run again."""

from __future__ import annotations

import sys
from typing import Any

from sqlalchemy.exc import DBAPIError, IntegrityError


class StaleBalances(Exception):
    """A balance changed under the lock: the transaction is tried again, never forced."""


class TurnTaken(Exception):
    """It was somebody else's turn to write for longer than a writer waits."""


PASSING_STATES = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATEs of a lost race: serialisation failure, deadlock, lock not available."""


def may_pass(error: Exception) -> bool:
    """Whether the same transaction may well succeed on another try: a lost race, a lock, a lost connection."""
    if isinstance(error, StaleBalances | TurnTaken):
        return True
    if isinstance(error, IntegrityError):  # two reversals of one posting at once: the second finds the first
        return "reverses_id" in str(error.orig)
    if not isinstance(error, DBAPIError):
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
