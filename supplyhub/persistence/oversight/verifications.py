"""Proofs of the ledger as they are kept (监管): of the whole installation, whatever the scope."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from supplyhub.domain.oversight import LedgerFault, Verification, VerificationStatus
from supplyhub.domain.refusals import NotFound
from supplyhub.persistence.rows import VerificationRow
from supplyhub.persistence.scope import Repository

GOING_ON = (VerificationStatus.QUEUED.value, VerificationStatus.RUNNING.value)


class VerificationRows(Repository):
    """Queued, brought forward by a worker, and read by supervisors."""

    def add_verification(self, *, at: datetime, made_by: int | None = None, night: date | None = None) -> int | None:
        """A queued proof's id; None where that night has one already."""
        dialect = postgresql if self.connection.dialect.name == "postgresql" else sqlite
        verification_id: int | None = self.connection.scalar(
            dialect.insert(VerificationRow)
            .values(
                night=night, made_by=made_by, status=VerificationStatus.QUEUED.value, made_at=at, phase="",
                done_steps=0, total_steps=0, upto_seq=0, movements=0, balances=0, fault_count=0, faults=[],
            )
            .on_conflict_do_nothing(index_elements=["night"])
            .returning(VerificationRow.id)
        )  # fmt: skip
        return verification_id

    def get_verification(self, verification_id: int) -> Verification:
        """The proof, or `NotFound`."""
        found = self._list(VerificationRow.id == verification_id, limit=1)
        if not found:
            raise NotFound(noun="verification", key=str(verification_id))
        return found[0]

    def lock_verification(self, verification_id: int) -> Verification:
        """The proof with its row locked."""
        locked = select(VerificationRow.id).where(VerificationRow.id == verification_id).with_for_update()
        self.connection.execute(locked)
        return self.get_verification(verification_id)

    def save_verification(self, verification_id: int, **values: Any) -> None:
        """Change a proof that the caller has locked, or brings forward."""
        self.connection.execute(update(VerificationRow).where(VerificationRow.id == verification_id).values(**values))

    def list_verifications(self, *, before: int = 2**62, limit: int = 50) -> list[Verification]:
        """Proofs, latest first."""
        return self._list(VerificationRow.id < before, limit=limit)

    def find_going_verification(self) -> Verification | None:
        """The one that waits or goes on."""
        return next(iter(self._list(VerificationRow.status.in_(GOING_ON), limit=1)), None)

    def find_last_verification(self) -> Verification | None:
        """The newest that came to its end."""
        return next(iter(self._list(VerificationRow.status == VerificationStatus.DONE.value, limit=1)), None)

    def _list(self, condition: Any, *, limit: int) -> list[Verification]:
        columns = [column for column in VerificationRow.__table__.c if column.name != "made_by"]
        statement = select(*columns).where(condition).order_by(VerificationRow.id.desc()).limit(limit)
        with self.beyond():
            return [_verification(row) for row in self.connection.execute(statement)]


def _verification(row: Any) -> Verification:
    faults: Sequence[dict[str, Any]] = row.faults
    values = {**row._mapping, "status": VerificationStatus(row.status)}
    return Verification(**{**values, "faults": [LedgerFault(**fault) for fault in faults]})
