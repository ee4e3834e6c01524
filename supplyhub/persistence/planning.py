"""Planning runs, their job, the snapshot they look at, and the plans they leave."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.orm import aliased

from supplyhub.domain.places import Division, Level
from supplyhub.domain.planning import (
    PLANNED_KINDS,
    Approval,
    Coverage,
    NewPlan,
    Overview,
    Plan,
    PlanLine,
    PlanShipment,
    PlanStatus,
    Run,
    RunOptions,
    RunStatus,
    Snapshot,
)
from supplyhub.domain.refusals import NotFound
from supplyhub.persistence.arrays import allocate_ids, insert_columns, key_table, update_columns
from supplyhub.persistence.rows import (
    AccountRow,
    ApprovalRow,
    BalanceRow,
    DepotRow,
    DivisionRow,
    ItemRow,
    LotRow,
    PlanFlowRow,
    PlanLineRow,
    PlanRow,
    PlanShipmentRow,
    RequestLineRow,
    ReserveFloorRow,
    RunRow,
    WayRow,
)
from supplyhub.persistence.scope import AnySelect, Repository, within


class PlanningRepository(Repository):
    """Runs and plans, scoped by the place they plan for."""

    # --- looking ----------------------------------------------------------------------------------------------

    def take_snapshot(self, division: Division, options: RunOptions) -> Snapshot:
        """Everything a run plans with, below one division, as it stands in this transaction.

        Stock is what is free and good, of no earmark, in the kinds of depot that plans draw on; demand is
        what is open: asked, minus ordered and not cancelled.
        """
        inside = {"lo": division.lo, "hi": division.hi}
        divisions = self._columns(
            select(
                DivisionRow.id, DivisionRow.code, DivisionRow.name, DivisionRow.parent_id, DivisionRow.level,
                DivisionRow.metres_to_parent, DivisionRow.population, DivisionRow.weight_thousandths, DivisionRow.lo,
            ).where(DivisionRow.lo >= inside["lo"], DivisionRow.lo < inside["hi"], DivisionRow.valid_to.is_(None))
            .order_by(DivisionRow.lo)
        )  # fmt: skip
        division_at = {division_id: place for place, division_id in enumerate(divisions["id"])}
        depots = self._columns(
            select(
                DepotRow.id, DepotRow.code, DepotRow.name, DepotRow.division_id, DepotRow.metres_to_division,
                DepotRow.kind,
            ).where(
                DepotRow.pos >= inside["lo"], DepotRow.pos < inside["hi"],
                DepotRow.kind.in_([kind.value for kind in PLANNED_KINDS]),
            ).order_by(DepotRow.id)
        )  # fmt: skip
        depot_at = {depot_id: place for place, depot_id in enumerate(depots["id"])}
        items = self._columns(
            select(
                ItemRow.id, ItemRow.code, ItemRow.name_zh, ItemRow.pack_size, ItemRow.unit_zh,
                ItemRow.category_code, ItemRow.weight_g,
            ).order_by(ItemRow.code)
        )  # fmt: skip
        item_at = {item_id: place for place, item_id in enumerate(items["id"])}
        stock = self._columns(
            select(
                AccountRow.depot_id, BalanceRow.item_id, (BalanceRow.on_hand - BalanceRow.reserved).label("units"),
                BalanceRow.lot_id, LotRow.code, LotRow.expires_on,
            )
            .join(AccountRow, AccountRow.id == BalanceRow.account_id)
            .join(LotRow, LotRow.id == BalanceRow.lot_id)
            .join(DepotRow, DepotRow.id == AccountRow.depot_id)
            .where(
                BalanceRow.pos >= inside["lo"], BalanceRow.pos < inside["hi"], AccountRow.kind == "on_hand",
                AccountRow.condition == "good", BalanceRow.on_hand > BalanceRow.reserved,
                LotRow.earmark_id.is_(None), DepotRow.kind.in_([kind.value for kind in PLANNED_KINDS]),
            )
            .order_by(AccountRow.depot_id, BalanceRow.item_id, BalanceRow.lot_id)
        )  # fmt: skip
        floors = self._columns(
            select(ReserveFloorRow.depot_id, ReserveFloorRow.item_id, ReserveFloorRow.quantity_units)
            .join(DepotRow, DepotRow.id == ReserveFloorRow.depot_id)
            .where(
                DepotRow.pos >= inside["lo"], DepotRow.pos < inside["hi"],
                DepotRow.kind.in_([kind.value for kind in PLANNED_KINDS]),
            )
            .order_by(ReserveFloorRow.depot_id, ReserveFloorRow.item_id)
        )  # fmt: skip
        demand = self._columns(
            select(
                RequestLineRow.id, RequestLineRow.division_id, RequestLineRow.item_id,
                (RequestLineRow.quantity_units - RequestLineRow.ordered_units).label("units"),
                RequestLineRow.priority,
            )
            .where(
                RequestLineRow.pos >= inside["lo"], RequestLineRow.pos < inside["hi"],
                RequestLineRow.state == "open", RequestLineRow.quantity_units > RequestLineRow.ordered_units,
            )
            .order_by(RequestLineRow.id)
        )  # fmt: skip
        known = set(divisions["code"]) | set(depots["code"])
        ways = self._columns(
            select(
                WayRow.from_code, WayRow.to_code, WayRow.item_key, WayRow.metres, WayRow.penalty_metres,
                WayRow.capacity_units, WayRow.open, WayRow.hours_thousandths,
            )
            .order_by(WayRow.id),
            keep=lambda row: row.from_code in known and row.to_code in known,
        )  # fmt: skip
        item_of_code = {code: place for place, code in enumerate(items["code"])}
        weights = divisions["weight_thousandths"]
        demand_division = [division_at[division_id] for division_id in demand["division_id"]]
        return Snapshot(
            options=options,
            division_id=divisions["id"],
            division_code=divisions["code"],
            division_name=divisions["name"],
            division_parent=[division_at.get(parent, -1) for parent in divisions["parent_id"]],
            division_level=[Level(level) for level in divisions["level"]],
            division_metres=divisions["metres_to_parent"],
            division_population=divisions["population"],
            division_pos=divisions["lo"],
            depot_id=depots["id"],
            depot_code=depots["code"],
            depot_name=depots["name"],
            depot_division=[division_at[division_id] for division_id in depots["division_id"]],
            depot_metres=depots["metres_to_division"],
            depot_kind=depots["kind"],
            item_id=items["id"],
            item_code=items["code"],
            item_name=items["name_zh"],
            item_pack_size=items["pack_size"],
            item_unit=items["unit_zh"],
            item_category=items["category_code"],
            item_weight_g=items["weight_g"],
            stock_depot=[depot_at[depot_id] for depot_id in stock["depot_id"]],
            stock_item=[item_at[item_id] for item_id in stock["item_id"]],
            stock_units=stock["units"],
            stock_lot_id=stock["lot_id"],
            stock_lot_code=stock["code"],
            stock_expires_on=stock["expires_on"],
            floor_depot=[depot_at[depot_id] for depot_id in floors["depot_id"]],
            floor_item=[item_at[item_id] for item_id in floors["item_id"]],
            floor_units=floors["quantity_units"],
            demand_line_id=demand["id"],
            demand_division=demand_division,
            demand_item=[item_at[item_id] for item_id in demand["item_id"]],
            demand_units=demand["units"],
            demand_priority=demand["priority"],
            demand_weight_thousandths=[weights[place] for place in demand_division],
            way_from=ways["from_code"],
            way_to=ways["to_code"],
            way_item=[item_of_code.get(key, -1) for key in ways["item_key"]],
            way_metres=ways["metres"],
            way_penalty_metres=ways["penalty_metres"],
            way_capacity_units=ways["capacity_units"],
            way_open=ways["open"],
            way_hours_thousandths=ways["hours_thousandths"],
        )

    def _columns(self, statement: AnySelect, keep: Any = None) -> dict[str, list[Any]]:
        result = self.connection.execute(statement)
        names = list(result.keys())
        rows = [row for row in result.all() if keep is None or keep(row)]
        columns = zip(*rows, strict=True) if rows else ([] for _ in names)
        return dict(zip(names, map(list, columns), strict=True))

    # --- runs -------------------------------------------------------------------------------------------------

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

    # --- plans ------------------------------------------------------------------------------------------------

    def begin_plan(self, run: Run, pos: int, plan: NewPlan, *, at: datetime) -> int:
        """A plan that nobody sees until all its parts are written; its id. What a lost worker left is removed."""
        for left in self.connection.scalars(select(PlanRow.id).where(PlanRow.run_id == run.id)):
            self.discard_plan(left)
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

    def discard_plan(self, plan_id: int) -> None:
        """Remove a plan that was never finished."""
        for row in (PlanLineRow, PlanShipmentRow, PlanFlowRow):
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

    def load_question(self, plan_id: int) -> bytes:
        """The packed instance folder that a plan was made from."""
        packed: bytes | None = self.connection.scalar(
            within(select(PlanRow.snapshot), self.scope, PlanRow.pos).where(PlanRow.id == plan_id)
        )
        if packed is None:
            raise NotFound(noun="plan", key=str(plan_id))
        return packed

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

    def save_plan(self, plan_id: int, **values: Any) -> None:
        """Change a plan that the caller has locked."""
        self.connection.execute(
            update(PlanRow).where(PlanRow.id == plan_id).values(**values, version=PlanRow.version + 1)
        )

    # --- reading a plan ---------------------------------------------------------------------------------------

    def list_plan_lines(
        self,
        plan_id: int,
        *,
        item_id: int | None = None,
        below: Division | None = None,
        priority: int | None = None,
        unfilled: bool = False,
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
            statement = statement.where(PlanLineRow.granted_units < PlanLineRow.requested_units)
        rows = self.connection.execute(statement.order_by(PlanLineRow.request_line_id).limit(limit))
        return [_plan_line(row) for row in rows]

    def _list_worst_lines(self, plan_id: int, *, limit: int = 5) -> list[PlanLine]:
        """The worst-off lines: by class, then by level (fill over vulnerability weight), then by size."""
        level = PlanLineRow.fill_millionths * 1000 / PlanLineRow.weight_thousandths
        statement = (
            self._plan_lines(plan_id)
            .where(PlanLineRow.granted_units < PlanLineRow.requested_units)
            .order_by(PlanLineRow.priority, level, PlanLineRow.requested_units.desc(), PlanLineRow.request_line_id)
            .limit(limit)
        )
        return [_plan_line(row) for row in self.connection.execute(statement)]

    def list_grants(self, line_ids: Sequence[int]) -> list[tuple[int, PlanLine]]:
        """What plans gave to request lines of the district: (plan id, line), latest plan first."""
        keys = key_table(self.connection, PlanLineRow, request_line_id=line_ids)
        statement = within(
            select(*PlanLineRow.__table__.c)
            .join(keys, keys.c.request_line_id == PlanLineRow.request_line_id)
            .join(PlanRow, PlanRow.id == PlanLineRow.plan_id),
            self.scope,
            PlanLineRow.pos,
        ).where(PlanRow.status != PlanStatus.REJECTED.value)
        rows = self.connection.execute(statement.order_by(PlanLineRow.plan_id.desc(), PlanLineRow.request_line_id))
        return [(row.plan_id, _plan_line(row)) for row in rows]

    def _cover(self, plan_id: int, key: Any) -> list[Coverage]:
        statement = within(select(key, *_coverage()), self.scope, PlanLineRow.pos).where(PlanLineRow.plan_id == plan_id)
        return [Coverage(*map(int, row)) for row in self.connection.execute(statement.group_by(key).order_by(key))]

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
            PlanLineRow.plan_id == plan_id, PlanLineRow.pos >= parent.lo, PlanLineRow.pos < parent.hi
        )
        sums: dict[int, list[int]] = {}
        for pos, *counts in self.connection.execute(statement.group_by(PlanLineRow.pos)):
            place = bisect_right(starts, pos) - 1
            key = children[place].id if place >= 0 and pos < children[place].hi else parent.id
            so_far = sums.setdefault(key, [0, 0, 0, 0])
            sums[key] = [before + int(more) for before, more in zip(so_far, counts, strict=True)]
        return [Coverage(key, *sums[key]) for key in sorted(sums)]

    def _count_limits(self, plan_id: int) -> dict[str, int]:
        """How many unfilled lines each cause limits."""
        statement = within(select(PlanLineRow.limited_by, func.count()), self.scope, PlanLineRow.pos).where(
            PlanLineRow.plan_id == plan_id, PlanLineRow.limited_by != ""
        )
        return {row[0]: row[1] for row in self.connection.execute(statement.group_by(PlanLineRow.limited_by))}

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

    def load_overview(self, plan_id: int) -> Overview:
        """The sums kept with a plan the caller has come by."""
        kept = self.connection.execute(select(PlanRow.overview).where(PlanRow.id == plan_id)).scalar_one()
        return Overview.from_json(kept)

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

    def list_shipments(self, plan_id: int, request_line_id: int) -> list[PlanShipment]:
        """Where one line's grant comes from."""
        statement = within(select(*_SHIPMENT), self.scope, PlanShipmentRow.pos).where(
            PlanShipmentRow.plan_id == plan_id, PlanShipmentRow.request_line_id == request_line_id
        )
        rows = self.connection.execute(statement.order_by(PlanShipmentRow.id))
        return [PlanShipment(**row._mapping) for row in rows]

    # --- approving --------------------------------------------------------------------------------------------

    def add_approval(self, plan_id: int, division: Division, item_id: int | None, made_by: int, *, at: datetime) -> int:
        """Somebody's yes; its id. `total_count` is how many shipments it is about."""
        total = self.connection.scalar(
            select(func.count()).select_from(self._open_shipments(plan_id, division, item_id).subquery())
        )
        return self.connection.execute(
            insert(ApprovalRow)
            .values(
                plan_id=plan_id, item_id=item_id, division_id=division.id, status="queued", ordered_count=0,
                refused_count=0, total_count=total or 0, made_by=made_by, made_at=at, version=1,
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

    def count_approval(self, approval_id: int, *, ordered: int, refused: int) -> None:
        """Add what one step of an approval ordered and refused."""
        self.connection.execute(
            update(ApprovalRow)
            .where(ApprovalRow.id == approval_id)
            .values(
                status="running",
                ordered_count=ApprovalRow.ordered_count + ordered,
                refused_count=ApprovalRow.refused_count + refused,
                version=ApprovalRow.version + 1,
            )
        )

    def take_open_shipments(
        self, plan_id: int, division: Division, item_id: int | None, *, limit: int
    ) -> list[PlanShipment]:
        """The next open shipments of an approval, all of one depot, locked; empty when none is left."""
        open_ones = self._open_shipments(plan_id, division, item_id)
        # Ordered, not min(): the index (plan, state, depot) then yields the first row without reading the rest.
        first = open_ones.with_only_columns(PlanShipmentRow.depot_id).order_by(PlanShipmentRow.depot_id).limit(1)
        depot_id = self.connection.scalar(first)
        if depot_id is None:
            return []
        statement = (
            open_ones.where(PlanShipmentRow.depot_id == depot_id)
            .order_by(PlanShipmentRow.pos, PlanShipmentRow.id)
            .limit(limit)
            .with_for_update()
        )
        return [PlanShipment(**row._mapping) for row in self.connection.execute(statement)]

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
        statement = within(select(*_SHIPMENT), self.scope, PlanShipmentRow.pos).where(
            PlanShipmentRow.plan_id == plan_id, PlanShipmentRow.state == "refused"
        )
        rows = self.connection.execute(statement.order_by(PlanShipmentRow.id).limit(limit))
        return [PlanShipment(**row._mapping) for row in rows]

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
        statement = select(*_SHIPMENT).where(
            PlanShipmentRow.plan_id == plan_id, PlanShipmentRow.state == "open",
            PlanShipmentRow.pos >= division.lo, PlanShipmentRow.pos < division.hi,
        )  # fmt: skip
        return statement if item_id is None else statement.where(PlanShipmentRow.item_id == item_id)

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

    def _plans(self) -> AnySelect:
        statement = select(
            PlanRow.id, PlanRow.run_id, PlanRow.division_id, PlanRow.status, PlanRow.digest,
            PlanRow.solver_version, PlanRow.proved, PlanRow.summary, PlanRow.seconds, PlanRow.made_at,
            PlanRow.decided_at, PlanRow.decision_note, PlanRow.version,
        ).where(PlanRow.status != PlanStatus.WRITING.value)  # fmt: skip
        return within(statement, self.scope, PlanRow.pos)

    def _plan_lines(self, plan_id: int) -> AnySelect:
        statement = within(select(*PlanLineRow.__table__.c), self.scope, PlanLineRow.pos)
        return statement.where(PlanLineRow.plan_id == plan_id)


_SHIPMENT = (
    PlanShipmentRow.id, PlanShipmentRow.request_line_id, PlanShipmentRow.depot_id, PlanShipmentRow.lot_id,
    PlanShipmentRow.item_id, PlanShipmentRow.division_id, PlanShipmentRow.quantity_units,
    PlanShipmentRow.metres, PlanShipmentRow.hours, PlanShipmentRow.state, PlanShipmentRow.refusal,
)  # fmt: skip


def _coverage() -> tuple[Any, ...]:
    filled = case((PlanLineRow.granted_units >= PlanLineRow.requested_units, 1), else_=0)
    return (
        func.count(),
        func.sum(filled),
        func.sum(PlanLineRow.requested_units),
        func.sum(PlanLineRow.granted_units),
    )


def _run(row: Any) -> Run:
    values = dict(row._mapping)
    return Run(**{**values, "status": RunStatus(row.status), "options": RunOptions.from_json(row.options)})


def _plan(row: Any) -> Plan:
    return Plan(**{**row._mapping, "status": PlanStatus(row.status)})


def _plan_line(row: Any) -> PlanLine:
    return PlanLine(
        request_line_id=row.request_line_id, item_id=row.item_id, division_id=row.division_id,
        priority=row.priority, requested_units=row.requested_units, granted_units=row.granted_units,
        fill_millionths=row.fill_millionths, weight_thousandths=row.weight_thousandths,
        limited_by=row.limited_by,
    )  # fmt: skip
