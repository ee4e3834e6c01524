"""Writing a plan down, part by part, and what becomes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from supplyhub.domain.planning import (
    NewPlan,
    PlanStatus,
    Run,
    Snapshot,
)
from supplyhub.persistence.arrays import allocate_ids, insert_columns
from supplyhub.persistence.rows import (
    PlanFlowRow,
    PlanLineRow,
    PlanRow,
    PlanSetRow,
    PlanShipmentRow,
)
from supplyhub.persistence.scope import Repository


class PlanWriting(Repository):
    """A plan is written once; afterwards only its status changes."""

    def begin_plan(self, run: Run, pos: int, plan: NewPlan, *, at: datetime) -> int:
        """A plan that nobody sees until all its parts are written; its id."""
        return self.connection.execute(
            insert(PlanRow)
            .values(
                run_id=run.id, division_id=run.division_id, pos=pos, status=PlanStatus.WRITING.value,
                digest=plan.digest, solver_version=plan.solver_version, proved=plan.proved,
                summary=plan.summary, overview={}, seconds=plan.seconds, snapshot=plan.snapshot, made_at=at,
                decision_note="", version=1,
            )
            .returning(PlanRow.id)
        ).scalar_one()  # fmt: skip

    def discard_unfinished(self, run_id: int) -> None:
        """Remove what a lost worker left half written."""
        unfinished = select(PlanRow.id).where(PlanRow.run_id == run_id, PlanRow.status == PlanStatus.WRITING.value)
        for plan_id in self.connection.scalars(unfinished).all():
            self.discard_plan(plan_id)

    def discard_plan(self, plan_id: int) -> None:
        """Remove a plan that was never finished; one that was is left alone."""
        unfinished = select(PlanRow.id).where(PlanRow.id == plan_id, PlanRow.status == PlanStatus.WRITING.value)
        if self.connection.scalar(unfinished) is None:
            return
        for row in (PlanLineRow, PlanSetRow, PlanShipmentRow, PlanFlowRow):
            self.connection.execute(delete(row).where(row.plan_id == plan_id))
        self.connection.execute(
            delete(PlanRow).where(PlanRow.id == plan_id, PlanRow.status == PlanStatus.WRITING.value)
        )

    def add_plan_lines(self, plan_id: int, snapshot: Snapshot, plan: NewPlan, part: slice) -> None:
        """Append what a part of the request lines is granted."""
        places = snapshot.demand_division[part]
        insert_columns(
            self.connection,
            PlanLineRow,
            {
                "plan_id": [plan_id] * len(places),
                "request_line_id": snapshot.demand_line_id[part],
                "item_id": [snapshot.item_id[item] for item in snapshot.demand_item[part]],
                "division_id": [snapshot.division_id[place] for place in places],
                "pos": [snapshot.division_pos[place] for place in places],
                "priority": snapshot.demand_priority[part],
                "requested_units": snapshot.demand_units[part],
                "granted_units": plan.granted_units[part],
                "fill_millionths": plan.fill_millionths[part],
                "weight_thousandths": snapshot.demand_weight_thousandths[part],
                "limited_by": plan.limited_by[part],
                "set_number": plan.demand_set[part],
            },
        )

    def add_plan_sets(self, plan_id: int, snapshot: Snapshot, plan: NewPlan, part: slice) -> None:
        """Append a part of the sets of lines that the same would help."""
        items = plan.set_item[part]
        insert_columns(
            self.connection,
            PlanSetRow,
            {
                "plan_id": [plan_id] * len(items),
                "number": range(part.start + 1, part.start + 1 + len(items)),
                "item_id": [snapshot.item_id[item] for item in items],
                "first_line_id": [snapshot.demand_line_id[demand] for demand in plan.set_first[part]],
                "requests": plan.set_requests[part],
                "packs_missing": plan.set_packs_missing[part],
                "limited_by": plan.set_limited_by[part],
                "higher_class": plan.set_higher_class[part],
                "remedies": plan.set_remedies[part],
                "reason_zh": plan.set_say_zh[part],
                "reason_en": plan.set_say_en[part],
            },
        )

    def add_plan_shipments(self, plan_id: int, snapshot: Snapshot, plan: NewPlan, part: slice) -> None:
        """Append a part of the shipments."""
        asked, lots = plan.shipment_demand[part], plan.shipment_stock[part]
        places = [snapshot.demand_division[demand] for demand in asked]
        count = len(places)
        insert_columns(
            self.connection,
            PlanShipmentRow,
            {
                "id": allocate_ids(self.connection, PlanShipmentRow, count),
                "plan_id": [plan_id] * count,
                "request_line_id": [snapshot.demand_line_id[demand] for demand in asked],
                "depot_id": [snapshot.depot_id[snapshot.stock_depot[lot]] for lot in lots],
                "lot_id": [snapshot.stock_lot_id[lot] for lot in lots],
                "item_id": [snapshot.item_id[snapshot.demand_item[demand]] for demand in asked],
                "division_id": [snapshot.division_id[place] for place in places],
                "pos": [snapshot.division_pos[place] for place in places],
                "quantity_units": plan.shipment_units[part],
                "metres": plan.shipment_metres[part],
                "hours": plan.shipment_hours[part],
                "state": ["open"] * count,
                "refusal": [""] * count,
            },
        )

    def add_plan_flows(self, plan_id: int, snapshot: Snapshot, plan: NewPlan, part: slice) -> None:
        """Append a part of the flows."""
        items = plan.flow_item[part]
        insert_columns(
            self.connection,
            PlanFlowRow,
            {
                "plan_id": [plan_id] * len(items),
                "from_code": plan.flow_from[part],
                "to_code": plan.flow_to[part],
                "item_id": [snapshot.item_id[item] for item in items],
                "quantity_units": plan.flow_units[part],
            },
        )

    def save_plan(self, plan_id: int, **values: Any) -> None:
        """Change a plan that the caller has locked."""
        self.connection.execute(
            update(PlanRow).where(PlanRow.id == plan_id).values(**values, version=PlanRow.version + 1)
        )
