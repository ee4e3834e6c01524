"""Sets of a plan's lines that the same would help, and the question a plan answered."""

from __future__ import annotations

from sqlalchemy import select

from supplyhub.domain.planning import PlanSet, PlanStatus
from supplyhub.domain.refusals import NotFound
from supplyhub.persistence.rows import PlanRow, PlanSetRow
from supplyhub.persistence.scope import AnySelect, Repository, within


class SetRows(Repository):
    """Sets, seen by who sees the plan."""

    def list_plan_sets(self, plan_id: int, *, after: int = 0, limit: int = 100) -> list[PlanSet]:
        """Sets of a plan by number."""
        statement = self._sets(plan_id).where(PlanSetRow.number > after).order_by(PlanSetRow.number).limit(limit)
        return [PlanSet(**row._mapping) for row in self.connection.execute(statement)]

    def get_plan_set(self, plan_id: int, number: int) -> PlanSet:
        """The set, or `NotFound`."""
        row = self.connection.execute(self._sets(plan_id).where(PlanSetRow.number == number)).one_or_none()
        if row is None:
            raise NotFound(noun="set", key=str(number))
        return PlanSet(**row._mapping)

    def load_question_of_line(self, plan_id: int) -> bytes:
        """The packed instance folder that a plan was made from, for who has come by a line of the plan."""
        with self.beyond():
            packed: bytes = self.connection.execute(select(PlanRow.snapshot).where(PlanRow.id == plan_id)).scalar_one()
        return packed

    def _sets(self, plan_id: int) -> AnySelect:
        statement = select(*PlanSetRow.__table__.c).join(PlanRow, PlanRow.id == PlanSetRow.plan_id)
        return within(statement, self.scope, PlanRow.pos).where(
            PlanSetRow.plan_id == plan_id, PlanRow.status != PlanStatus.WRITING.value
        )
