"""Reading plans: themselves, their lines, and what they sum up to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from supplyhub.domain.places import Division
from supplyhub.domain.planning import (
    NOT_PLANNED,
    Coverage,
    Grant,
    Overview,
    Plan,
    PlanLine,
    PlanShipment,
    PlanStatus,
)
from supplyhub.domain.refusals import NotFound
from supplyhub.persistence.arrays import key_table
from supplyhub.persistence.rows import (
    DivisionRow,
    LotRow,
    PlanFlowRow,
    PlanLineRow,
    PlanRow,
    PlanSetRow,
    PlanShipmentRow,
    RequestLineRow,
)
from supplyhub.persistence.scope import AnySelect, within
from supplyhub.persistence.stock.lots import LotNaming


def select_shipments() -> AnySelect:
    """Shipments with the code of their lot, where the reader sees it."""
    return select(
        PlanShipmentRow.id, PlanShipmentRow.request_line_id, PlanShipmentRow.depot_id, PlanShipmentRow.lot_id,
        PlanShipmentRow.item_id, PlanShipmentRow.division_id, PlanShipmentRow.quantity_units,
        PlanShipmentRow.metres, PlanShipmentRow.hours, PlanShipmentRow.state, PlanShipmentRow.refusal,
        LotRow.code.label("lot_code"),
    ).outerjoin(LotRow, LotRow.id == PlanShipmentRow.lot_id)  # fmt: skip


class PlanReading(LotNaming):
    """Plans, scoped by the place they plan for; lines and shipments by the place that asked."""

    def get_plan(self, plan_id: int) -> Plan:
        """The plan, or `NotFound`."""
        row = self.connection.execute(self._plans().where(PlanRow.id == plan_id)).one_or_none()
        if row is None:
            raise NotFound(noun="plan", key=str(plan_id))
        return _plan(row)

    def lock_plan(self, plan_id: int) -> Plan:
        """The plan with its row locked."""
        self.connection.execute(select(PlanRow.id).where(PlanRow.id == plan_id).with_for_update())
        return self.get_plan(plan_id)

    def list_plans(self, *, before: int = 2**62, limit: int = 50) -> list[Plan]:
        """Plans, latest first."""
        statement = self._plans().where(PlanRow.id < before).order_by(PlanRow.id.desc()).limit(limit)
        return [_plan(row) for row in self.connection.execute(statement)]

    def load_question(self, plan_id: int) -> bytes:
        """The packed instance folder that a plan was made from."""
        packed: bytes | None = self.connection.scalar(
            within(select(PlanRow.snapshot), self.scope, PlanRow.pos).where(PlanRow.id == plan_id)
        )
        if packed is None:
            raise NotFound(noun="plan", key=str(plan_id))
        return packed

    def list_plan_lines(
        self,
        plan_id: int,
        *,
        item_id: int | None = None,
        below: Division | None = None,
        priority: int | None = None,
        unfilled: bool = False,
        set_number: int | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> list[PlanLine]:
        """Lines of a plan that lie in the reader's district, by request line."""
        statement = self._plan_lines(plan_id).where(PlanLineRow.request_line_id > after)
        if item_id is not None:
            statement = statement.where(PlanLineRow.item_id == item_id)
        if below is not None:
            statement = statement.where(PlanLineRow.pos >= below.lo, PlanLineRow.pos < below.hi)
        if priority is not None:
            statement = statement.where(PlanLineRow.priority == priority)
        if unfilled:
            statement = statement.where(PlanLineRow.granted_units < PlanLineRow.requested_units, _is_planned())
        if set_number is not None:
            statement = statement.where(PlanLineRow.set_number == set_number)
        rows = self.connection.execute(statement.order_by(PlanLineRow.request_line_id).limit(limit))
        return [_plan_line(row) for row in rows]

    def get_plan_line(self, plan_id: int, request_line_id: int) -> PlanLine:
        """A line of a plan that lies in the reader's district, or `NotFound`."""
        statement = self._plan_lines(plan_id).where(PlanLineRow.request_line_id == request_line_id)
        row = self.connection.execute(statement).one_or_none()
        if row is None or not self._statuses([plan_id]):
            raise NotFound(noun="request line", key=str(request_line_id))
        return _plan_line(row)

    def list_grants(self, line_ids: Sequence[int]) -> list[Grant]:
        """What plans give to request lines of the district; plans that are decided first, then the latest first."""
        keys = key_table(self.connection, PlanLineRow, request_line_id=line_ids)

        def of_lines(statement: AnySelect) -> AnySelect:
            joined = statement.join(keys, keys.c.request_line_id == PlanLineRow.request_line_id)
            return within(joined, self.scope, PlanLineRow.pos).where(_is_planned())

        plans = of_lines(select(PlanLineRow.plan_id).distinct().select_from(PlanLineRow))
        statuses = self._statuses(list(self.connection.scalars(plans)))
        closed = [plan_id for plan_id, status in statuses.items() if status is PlanStatus.CLOSED]
        alive = [plan_id for plan_id in statuses if statuses[plan_id] not in (PlanStatus.CLOSED, PlanStatus.REJECTED)]
        # Of a plan that was closed half-way, what was ordered stays granted; the rest was rejected.
        granted = or_(PlanLineRow.plan_id.in_(alive), and_(PlanLineRow.plan_id.in_(closed), _is_ordered()))
        rows = self.connection.execute(of_lines(_select_lines()).where(granted))
        grants = [Grant(row.plan_id, statuses[row.plan_id], _plan_line(row)) for row in rows]
        return sorted(
            grants, key=lambda one: (one.status is PlanStatus.PROPOSED, -one.plan_id, one.line.request_line_id)
        )

    def _statuses(self, plan_ids: Sequence[int]) -> dict[int, PlanStatus]:
        """Where written plans stand, for who has come by lines of them."""
        keys = key_table(self.connection, PlanRow, id=plan_ids)
        statement = select(PlanRow.id, PlanRow.status).join(keys, keys.c.id == PlanRow.id)
        with self.beyond():
            rows = self.connection.execute(statement.where(PlanRow.status != PlanStatus.WRITING.value)).all()
        return {row.id: PlanStatus(row.status) for row in rows}

    def list_shipments(self, plan_id: int, request_line_id: int) -> list[PlanShipment]:
        """Where one line's grant comes from."""
        statement = within(select_shipments(), self.scope, PlanShipmentRow.pos).where(
            PlanShipmentRow.plan_id == plan_id, PlanShipmentRow.request_line_id == request_line_id
        )
        return self.load_shipments(statement.order_by(PlanShipmentRow.id)) if self._statuses([plan_id]) else []

    def load_shipments(self, statement: AnySelect) -> list[PlanShipment]:
        """What a select of shipments finds."""
        return [PlanShipment(**values) for values in self.with_lot_codes(self.connection.execute(statement))]

    def load_overview(self, plan_id: int) -> Overview:
        """The sums kept with a plan the caller has come by."""
        kept = self.connection.execute(select(PlanRow.overview).where(PlanRow.id == plan_id)).scalar_one()
        return Overview.from_json(kept)

    def sum_up(self, plan_id: int, division: Division) -> Overview:
        """A whole plan summed up; it reads every line, so it is done once and kept."""
        return Overview(
            by_class=self._cover(plan_id, PlanLineRow.priority),
            by_item=self._cover(plan_id, PlanLineRow.item_id),
            by_place=self.cover_by_place(plan_id, division),
            worst=self._list_worst_lines(plan_id),
            limits=self._count_limits(plan_id),
            flows=self._sum_flows_by_tier(plan_id),
        )

    def cover_by_place(self, plan_id: int, parent: Division) -> list[Coverage]:
        """Coverage by the divisions right below a place; what the place asks for itself stands under its own id.

        Lines are summed by position and the sums put under the children here: a join of a province's lines with
        the intervals of its cities takes seconds.
        """
        children = self.connection.execute(
            select(DivisionRow.id, DivisionRow.lo, DivisionRow.hi)
            .where(DivisionRow.parent_id == parent.id, DivisionRow.valid_to.is_(None))
            .order_by(DivisionRow.lo)
        ).all()
        starts = [child.lo for child in children]
        statement = within(select(PlanLineRow.pos, *_coverage()), self.scope, PlanLineRow.pos).where(
            PlanLineRow.plan_id == plan_id, PlanLineRow.pos >= parent.lo, PlanLineRow.pos < parent.hi, _is_planned()
        )
        sums: dict[int, list[int]] = {}
        for pos, *counts in self.connection.execute(statement.group_by(PlanLineRow.pos)):
            place = bisect_right(starts, pos) - 1
            key = children[place].id if place >= 0 and pos < children[place].hi else parent.id
            so_far = sums.setdefault(key, [0, 0, 0, 0])
            sums[key] = [before + int(more) for before, more in zip(so_far, counts, strict=True)]
        return [Coverage(key, *sums[key]) for key in sorted(sums)]

    def _cover(self, plan_id: int, key: Any) -> list[Coverage]:
        statement = within(select(key, *_coverage()), self.scope, PlanLineRow.pos)
        statement = statement.where(PlanLineRow.plan_id == plan_id, _is_planned())
        return [Coverage(*map(int, row)) for row in self.connection.execute(statement.group_by(key).order_by(key))]

    def _list_worst_lines(self, plan_id: int, *, limit: int = 5) -> list[PlanLine]:
        """The worst-off lines: by class, then by level (fill over vulnerability weight), then by size."""
        level = PlanLineRow.fill_millionths * 1000 / PlanLineRow.weight_thousandths
        statement = (
            self._plan_lines(plan_id)
            .where(PlanLineRow.granted_units < PlanLineRow.requested_units, _is_planned())
            .order_by(PlanLineRow.priority, level, PlanLineRow.requested_units.desc(), PlanLineRow.request_line_id)
            .limit(limit)
        )
        return [_plan_line(row) for row in self.connection.execute(statement)]

    def _count_limits(self, plan_id: int) -> dict[str, int]:
        """How many unfilled lines each cause limits."""
        statement = within(select(PlanLineRow.limited_by, func.count()), self.scope, PlanLineRow.pos).where(
            PlanLineRow.plan_id == plan_id, PlanLineRow.limited_by != "", _is_planned()
        )
        return {row[0]: row[1] for row in self.connection.execute(statement.group_by(PlanLineRow.limited_by))}

    def _sum_flows_by_tier(self, plan_id: int) -> list[tuple[str, str, int]]:
        """Units carried between tiers; a depot counts as tier "depot"."""
        source, target = aliased(DivisionRow), aliased(DivisionRow)
        from_tier, to_tier = func.coalesce(source.level, "depot"), func.coalesce(target.level, "depot")
        rows = self.connection.execute(
            select(from_tier, to_tier, func.sum(PlanFlowRow.quantity_units))
            .select_from(PlanFlowRow)
            .outerjoin(source, (source.code == PlanFlowRow.from_code) & source.valid_to.is_(None))
            .outerjoin(target, (target.code == PlanFlowRow.to_code) & target.valid_to.is_(None))
            .where(PlanFlowRow.plan_id == plan_id)
            .group_by(from_tier, to_tier)
        )
        return [(row[0], row[1], int(row[2])) for row in rows]

    def _plans(self) -> AnySelect:
        statement = select(
            PlanRow.id, PlanRow.run_id, PlanRow.division_id, PlanRow.status, PlanRow.digest,
            PlanRow.solver_version, PlanRow.proved, PlanRow.summary, PlanRow.seconds, PlanRow.made_at,
            PlanRow.decided_at, PlanRow.decision_note, PlanRow.version,
        ).where(PlanRow.status != PlanStatus.WRITING.value)  # fmt: skip
        return within(statement, self.scope, PlanRow.pos)

    def _plan_lines(self, plan_id: int) -> AnySelect:
        return within(_select_lines(), self.scope, PlanLineRow.pos).where(PlanLineRow.plan_id == plan_id)


def _select_lines() -> AnySelect:
    """Plan lines with the institution that asks, and why the lines of their sets got less."""
    return (
        select(*PlanLineRow.__table__.c, RequestLineRow.institution_id, PlanSetRow.reason_zh, PlanSetRow.reason_en)
        .join(RequestLineRow, RequestLineRow.id == PlanLineRow.request_line_id)
        .outerjoin(
            PlanSetRow,
            (PlanSetRow.plan_id == PlanLineRow.plan_id) & (PlanSetRow.number == PlanLineRow.set_number),
        )
    )


def _is_planned() -> ColumnElement[bool]:
    """Whether the run came to the line's item: sums and searches are about what is planned."""
    return PlanLineRow.limited_by != NOT_PLANNED


def _is_ordered() -> ColumnElement[bool]:
    """Whether any of a line's shipments became an order."""
    return (
        select(PlanShipmentRow.id)
        .where(
            PlanShipmentRow.plan_id == PlanLineRow.plan_id,
            PlanShipmentRow.request_line_id == PlanLineRow.request_line_id,
            PlanShipmentRow.state == "ordered",
        )
        .exists()
    )


def _coverage() -> tuple[Any, ...]:
    filled = case((PlanLineRow.granted_units >= PlanLineRow.requested_units, 1), else_=0)
    return (
        func.count(),
        func.sum(filled),
        func.sum(PlanLineRow.requested_units),
        func.sum(PlanLineRow.granted_units),
    )


def _plan(row: Any) -> Plan:
    return Plan(**{**row._mapping, "status": PlanStatus(row.status)})


def _plan_line(row: Any) -> PlanLine:
    return PlanLine(
        request_line_id=row.request_line_id, item_id=row.item_id, division_id=row.division_id,
        priority=row.priority, requested_units=row.requested_units, granted_units=row.granted_units,
        fill_millionths=row.fill_millionths, weight_thousandths=row.weight_thousandths,
        limited_by=row.limited_by, institution_id=row.institution_id, set_number=row.set_number,
        reason_zh=row.reason_zh or "", reason_en=row.reason_en or "",
    )  # fmt: skip
