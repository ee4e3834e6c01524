"""Approvals, and the shipments they settle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, update

from supplyhub.domain.places import Division
from supplyhub.domain.planning import (
    Approval,
    PlanShipment,
)
from supplyhub.domain.refusals import NotFound
from supplyhub.persistence.arrays import update_columns
from supplyhub.persistence.planning.reading import PlanReading, select_shipments
from supplyhub.persistence.rows import (
    ApprovalRow,
    PlanFlowRow,
    PlanRow,
    PlanShipmentRow,
    WayRow,
)
from supplyhub.persistence.scope import AnySelect, within


class ApprovalRows(PlanReading):
    """Somebody's yes to a plan, seen by who sees the plan."""

    def add_approval(self, plan_id: int, division: Division, item_id: int | None, made_by: int, *, at: datetime) -> int:
        """Somebody's yes; its id. `total_count` is how many shipments it is about."""
        total = self.connection.scalar(
            select(func.count()).select_from(self._open_shipments(plan_id, division, item_id).subquery())
        )
        return self.connection.execute(
            insert(ApprovalRow)
            .values(
                plan_id=plan_id, item_id=item_id, division_id=division.id, status="queued", ordered_count=0,
                refused_count=0, total_count=total or 0, next_depot_id=0, made_by=made_by, made_at=at, version=1,
            )
            .returning(ApprovalRow.id)
        ).scalar_one()  # fmt: skip

    def get_approval(self, approval_id: int) -> Approval:
        """The approval, or `NotFound`; seen by who sees the plan."""
        statement = within(
            select(*ApprovalRow.__table__.c).join(PlanRow, PlanRow.id == ApprovalRow.plan_id),
            self.scope,
            PlanRow.pos,
        )
        row = self.connection.execute(statement.where(ApprovalRow.id == approval_id)).one_or_none()
        if row is None:
            raise NotFound(noun="approval", key=str(approval_id))
        return Approval(**row._mapping)

    def list_approvals(self, plan_id: int) -> list[Approval]:
        """The approvals of a plan, latest first."""
        statement = within(
            select(*ApprovalRow.__table__.c).join(PlanRow, PlanRow.id == ApprovalRow.plan_id),
            self.scope,
            PlanRow.pos,
        )
        rows = self.connection.execute(statement.where(ApprovalRow.plan_id == plan_id).order_by(ApprovalRow.id.desc()))
        return [Approval(**row._mapping) for row in rows]

    def set_approval_status(self, approval_id: int, status: str) -> None:
        """Put an approval into a status."""
        self.connection.execute(
            update(ApprovalRow)
            .where(ApprovalRow.id == approval_id)
            .values(status=status, version=ApprovalRow.version + 1)
        )

    def count_approval(self, approval_id: int, *, depot_id: int, ordered: int, refused: int) -> None:
        """Add what one step of an approval ordered and refused, and remember at which depot it is."""
        self.connection.execute(
            update(ApprovalRow)
            .where(ApprovalRow.id == approval_id)
            .values(
                status="running",
                ordered_count=ApprovalRow.ordered_count + ordered,
                refused_count=ApprovalRow.refused_count + refused,
                next_depot_id=depot_id,
                version=ApprovalRow.version + 1,
            )
        )

    def take_open_shipments(self, approval: Approval, division: Division, *, limit: int) -> list[PlanShipment]:
        """The next open shipments of an approval, all of one depot, locked; empty when none is left."""
        open_ones = self._open_shipments(approval.plan_id, division, approval.item_id)
        # Ordered by the index (plan, state, depot), from the depot the approval is at: the first row is found
        # without reading past what other items left open at depots that are done with.
        first = (
            open_ones.with_only_columns(PlanShipmentRow.depot_id)
            .where(PlanShipmentRow.depot_id >= approval.next_depot_id)
            .order_by(PlanShipmentRow.depot_id)
            .limit(1)
        )
        depot_id = self.connection.scalar(first)
        if depot_id is None:
            return []
        statement = (
            open_ones.where(PlanShipmentRow.depot_id == depot_id)
            .order_by(PlanShipmentRow.pos, PlanShipmentRow.id)
            .limit(limit)
            .with_for_update(of=PlanShipmentRow)
        )
        return self.load_shipments(statement)

    def settle_shipments(self, shipment_ids: Sequence[int], states: Sequence[str], refusals: Sequence[str]) -> None:
        """Say what became of shipments."""
        update_columns(
            self.connection,
            PlanShipmentRow,
            match={"id": shipment_ids},
            change={"state": states, "refusal": refusals},
        )

    def count_open_shipments(self, plan_id: int) -> int:
        """Shipments of a plan nobody has decided on."""
        return (
            self.connection.scalar(
                select(func.count()).where(PlanShipmentRow.plan_id == plan_id, PlanShipmentRow.state == "open")
            )
            or 0
        )

    def list_refused_shipments(self, plan_id: int, *, limit: int = 100) -> list[PlanShipment]:
        """Shipments of a plan that no longer held when it was approved."""
        statement = within(select_shipments(), self.scope, PlanShipmentRow.pos).where(
            PlanShipmentRow.plan_id == plan_id, PlanShipmentRow.state == "refused"
        )
        return self.load_shipments(statement.order_by(PlanShipmentRow.id).limit(limit))

    def list_flow_arcs(self, plan_id: int, item_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
        """The arcs a plan uses, by item."""
        rows = self.connection.execute(
            select(PlanFlowRow.item_id, PlanFlowRow.from_code, PlanFlowRow.to_code).where(
                PlanFlowRow.plan_id == plan_id, PlanFlowRow.item_id.in_(item_ids)
            )
        )
        arcs: dict[int, list[tuple[str, str]]] = {}
        for row in rows:
            arcs.setdefault(row.item_id, []).append((row.from_code, row.to_code))
        return arcs

    def list_closed_arcs(self) -> list[tuple[str, str, str]]:
        """Ways that are cut now: from, to, item code ("" for every item)."""
        rows = self.connection.execute(
            select(WayRow.from_code, WayRow.to_code, WayRow.item_key).where(WayRow.open.is_(False))
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def _open_shipments(self, plan_id: int, division: Division, item_id: int | None) -> AnySelect:
        statement = select_shipments().where(
            PlanShipmentRow.plan_id == plan_id, PlanShipmentRow.state == "open",
            PlanShipmentRow.pos >= division.lo, PlanShipmentRow.pos < division.hi,
        )  # fmt: skip
        return statement if item_id is None else statement.where(PlanShipmentRow.item_id == item_id)
