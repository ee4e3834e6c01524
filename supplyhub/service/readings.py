"""What the database says of the installation itself: whether it can be served from, and what work waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from supplyhub.domain.oversight import Verification
from supplyhub.domain.refusals import SupplyError
from supplyhub.persistence.schema import head
from supplyhub.service.unit_of_work import Hub, Work


@dataclass(frozen=True)
class Readings:
    """How far behind the installation's own work is, at one moment."""

    jobs: Mapping[str, int]
    """Jobs by state."""
    oldest_waiting_at: datetime | None
    """When the job was asked for that waits longest."""
    unnumbered: int
    """Committed postings that have no number in the feed yet."""
    last_sealed_at: datetime | None
    """When the newest seal was made."""
    last_verification: Verification | None
    """The newest proof of the ledger that came to its end."""


def take_readings(work: Work) -> Readings:
    """Read them, without looking at any document."""
    seal = work.oversight.find_last_seal()
    return Readings(
        jobs=work.jobs.count_by_state(),
        oldest_waiting_at=work.jobs.find_oldest_waiting(),
        unnumbered=work.oversight.count_unnumbered(),
        last_sealed_at=None if seal is None else seal.sealed_at,
        last_verification=work.oversight.find_last_verification(),
    )


def find_unreadiness(hub: Hub, *, at: datetime) -> str:
    """Why this process cannot serve: `database-unreachable`, `schema-differs`; "" when it can."""
    try:
        with hub.read(None, at=at) as work:
            return "" if work.oversight.find_migration() == head() else "schema-differs"
    except (SQLAlchemyError, SupplyError):  # who is busy for so long cannot serve either
        return "database-unreachable"
