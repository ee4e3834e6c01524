"""The queue: jobs written in the transaction of what they are about, claimed with a lease, swept when it ran out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, union_all, update

from supplyhub.domain.jobs import Beat, Job
from supplyhub.persistence.rows import ApprovalRow, JobRow, RunRow, VerificationRow
from supplyhub.persistence.scope import Repository

LEASE = timedelta(seconds=60)
"""How long a claimed job stays its worker's without a heartbeat."""

ATTEMPTS_MAX = 3
"""After so many lost workers a job is given up rather than started for ever."""

SUBJECTS: Mapping[str, Any] = {"planning_run": RunRow, "approval": ApprovalRow, "verification": VerificationRow}
"""What each kind of job is about, and says when it was asked for."""


class JobsRepository(Repository):
    """Jobs have no district: only the installation's own workers read them."""

    def add(self, kind: str, subject_id: int) -> int:
        """Queue a job; its id."""
        with self.beyond():
            return self.connection.execute(
                insert(JobRow)
                .values(kind=kind, subject_id=subject_id, state="queued", attempts=0, worker="", cancel_requested=False)
                .returning(JobRow.id)
            ).scalar_one()

    def claim(self, worker: str, *, at: datetime) -> Job | None:
        """The oldest job that waits, or whose worker was lost; it is the caller's while the heartbeat goes on."""
        statement = (
            select(JobRow.id, JobRow.kind, JobRow.subject_id, JobRow.attempts)
            .where(or_(JobRow.state == "queued", (JobRow.state == "running") & (JobRow.lease_until < at)))
            .order_by(JobRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = self.connection.execute(statement).one_or_none()
        if row is None:
            return None
        self.connection.execute(
            update(JobRow)
            .where(JobRow.id == row.id)
            .values(state="running", worker=worker, lease_until=at + LEASE, attempts=row.attempts + 1)
        )
        return Job(row.id, row.kind, row.subject_id, row.attempts + 1, given_up=row.attempts >= ATTEMPTS_MAX)

    def beat(self, job_id: int, worker: str, *, at: datetime) -> Beat:
        """Say that the job still lives, and learn whether it is still the worker's and wanted."""
        matched = self.connection.execute(
            update(JobRow).where(self._mine(job_id, worker)).values(lease_until=at + LEASE)
        ).rowcount
        if not matched:
            return Beat.LOST
        cancelled = self.connection.scalar(select(JobRow.cancel_requested).where(JobRow.id == job_id))
        return Beat.CANCELLED if cancelled else Beat.GO_ON

    def end(self, job_id: int, worker: str, state: str) -> bool:
        """The job is over: `done`, `failed` or `cancelled`; only whose it is may say so. Whether it was."""
        return bool(
            self.connection.execute(
                update(JobRow).where(self._mine(job_id, worker)).values(state=state, lease_until=None)
            ).rowcount
        )

    def give_back(self, job_id: int, worker: str) -> None:
        """Let the next worker begin the job anew, as if this one had not tried."""
        anew = {"state": "queued", "lease_until": None, "worker": "", "attempts": JobRow.attempts - 1}
        self.connection.execute(update(JobRow).where(self._mine(job_id, worker)).values(anew))

    def _mine(self, job_id: int, worker: str) -> ColumnElement[bool]:
        return and_(JobRow.id == job_id, JobRow.worker == worker, JobRow.state == "running")

    def count_by_state(self) -> dict[str, int]:
        """How many jobs are in each state."""
        counts = select(JobRow.state, func.count()).group_by(JobRow.state)
        return {row[0]: row[1] for row in self.connection.execute(counts)}

    def find_oldest_waiting(self) -> datetime | None:
        """When the job was asked for that waits longest; a job is asked for with what it is about."""
        asked = [
            select(row.made_at.label("at"))
            .join(JobRow, (JobRow.subject_id == row.id) & (JobRow.kind == kind))
            .where(JobRow.state == "queued")
            for kind, row in SUBJECTS.items()
        ]
        oldest: datetime | None = self.connection.scalar(select(func.min(union_all(*asked).subquery().c.at)))
        return oldest

    def request_cancel(self, kind: str, subject_id: int) -> None:
        """Ask whoever works on it to stop at the next step; a job that still waits never starts."""
        about = (JobRow.kind == kind) & (JobRow.subject_id == subject_id)
        running, queued = about & (JobRow.state == "running"), about & (JobRow.state == "queued")
        with self.beyond():
            self.connection.execute(update(JobRow).where(running).values(cancel_requested=True))
            self.connection.execute(update(JobRow).where(queued).values(state="cancelled"))
