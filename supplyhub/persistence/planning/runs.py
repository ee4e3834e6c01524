"""Planning runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from supplyhub.domain.places import Division
from supplyhub.domain.planning import (
    PlanStatus,
    Run,
    RunOptions,
    RunStatus,
)
from supplyhub.domain.refusals import NotFound
from supplyhub.persistence.rows import (
    PlanRow,
    RunRow,
)
from supplyhub.persistence.scope import AnySelect, Repository, within


class RunRows(Repository):
    """Runs, scoped by the place they plan for."""

    def add_run(self, division: Division, options: RunOptions, made_by: int, *, at: datetime) -> int:
        """A queued run; its id."""
        return self.connection.execute(
            insert(RunRow)
            .values(
                division_id=division.id, pos=division.lo, status=RunStatus.QUEUED.value,
                options=options.as_json(), made_by=made_by, made_at=at, phase="", done_steps=0, total_steps=0,
                error="", error_facts={}, version=1,
            )
            .returning(RunRow.id)
        ).scalar_one()  # fmt: skip

    def get_run(self, run_id: int) -> Run:
        """The run, or `NotFound`."""
        row = self.connection.execute(self._runs().where(RunRow.id == run_id)).one_or_none()
        if row is None:
            raise NotFound(noun="planning run", key=str(run_id))
        return _run(row)

    def lock_run(self, run_id: int) -> Run:
        """The run with its row locked."""
        self.connection.execute(select(RunRow.id).where(RunRow.id == run_id).with_for_update())
        return self.get_run(run_id)

    def list_runs(self, *, before: int = 2**62, limit: int = 50) -> list[Run]:
        """Runs, latest first."""
        statement = self._runs().where(RunRow.id < before).order_by(RunRow.id.desc()).limit(limit)
        return [_run(row) for row in self.connection.execute(statement)]

    def save_run(self, run_id: int, **values: Any) -> None:
        """Change a run that the caller has locked."""
        self.connection.execute(update(RunRow).where(RunRow.id == run_id).values(**values, version=RunRow.version + 1))

    def _runs(self) -> AnySelect:
        statement = select(
            RunRow.id, RunRow.division_id, RunRow.status, RunRow.options, RunRow.made_at, RunRow.started_at,
            RunRow.ended_at, RunRow.phase, RunRow.done_steps, RunRow.total_steps, RunRow.error, RunRow.error_facts,
            RunRow.version,
            PlanRow.id.label("plan_id"),
        ).outerjoin(
            PlanRow, (PlanRow.run_id == RunRow.id) & (PlanRow.status != PlanStatus.WRITING.value)
        )  # fmt: skip
        return within(statement, self.scope, RunRow.pos)


def _run(row: Any) -> Run:
    values = dict(row._mapping)
    return Run(**{**values, "status": RunStatus(row.status), "options": RunOptions.from_json(row.options)})
