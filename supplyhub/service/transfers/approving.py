"""A planner's yes: a plan, whole or by item or place, becomes orders with stock held for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from supplyhub.domain.people import Actor
from supplyhub.domain.places import Depot
from supplyhub.domain.planning import Approval, Plan, PlanShipment, PlanStatus, find_ways, plan_step
from supplyhub.domain.refusals import (
    ItemNotPlanned,
    VersionMismatch,
)
from supplyhub.domain.requests import LineState
from supplyhub.domain.stock import (
    hold,
    on_hand,
)
from supplyhub.domain.transfers import (
    OrderStatus,
)
from supplyhub.service.unit_of_work import Work

CHUNK_LINES = 500
"""Shipments that become order lines in one transaction: small enough that no other writer waits a second."""


def approve_plan(
    work: Work,
    actor: Actor,
    plan_id: int,
    *,
    item_id: int | None = None,
    division_code: str | None = None,
    seen_version: int | None = None,
) -> Approval:
    """Say yes to a plan, whole or by item or place. A job turns it into orders, one bounded transaction at a time."""
    actor.must("approve_plan")
    plan = work.planning.lock_plan(plan_id)
    if seen_version is not None and seen_version != plan.version:
        raise VersionMismatch
    status = plan_step(plan.status, "approve")
    if item_id is not None:
        _must_be_planned(work, plan, item_id)
    division = (
        work.places.get_division_by_id(plan.division_id)
        if division_code is None
        else work.places.get_division(division_code)
    )
    approval_id = work.planning.add_approval(plan_id, division, item_id, actor.user_id, at=work.at)
    work.planning.save_plan(plan_id, status=status.value, decided_by=actor.user_id, decided_at=work.at)
    work.jobs.add("approval", approval_id)
    return work.planning.get_approval(approval_id)


def _must_be_planned(work: Work, plan: Plan, item_id: int) -> None:
    """Of a partial plan, only items that it holds can be approved by name."""
    code = next(item.code for item in work.catalogue.list_items() if item.id == item_id)
    if code in plan.items_missing:
        raise ItemNotPlanned(plan_id=plan.id, item=code)


def order_next(work: Work, approval_id: int) -> bool:
    """Turn the next shipments of an approval, all from one depot, into orders; whether any were left.

    One bounded transaction. What no longer holds is named on the shipment; the others go through. A worker that
    dies between two calls loses nothing: what was ordered is marked so in the same transaction.
    """
    approval = work.planning.get_approval(approval_id)
    division = work.places.get_division_by_id(approval.division_id)
    shipments = work.planning.take_open_shipments(approval, division, limit=CHUNK_LINES)
    if not shipments:
        _settle(work, approval)
        return False
    depot = work.places.get_depot_by_id(shipments[0].depot_id)
    second_look = _SecondLook(work, approval.plan_id, depot, shipments)
    refusals = [second_look.hold(shipment) for shipment in shipments]
    second_look.save()
    held = [shipment for shipment, refusal in zip(shipments, refusals, strict=True) if not refusal]
    _write_orders(work, approval, depot, second_look.account_id, held)
    states = ["refused" if refusal else "ordered" for refusal in refusals]
    work.planning.settle_shipments([shipment.id for shipment in shipments], states, refusals)
    work.planning.count_approval(approval.id, depot_id=depot.id, ordered=len(held), refused=len(shipments) - len(held))
    return True


class _SecondLook:
    """Is a planned shipment still true? Its request open, its way open, its lot fresh and free: under locks."""

    def __init__(self, work: Work, plan_id: int, depot: Depot, shipments: Sequence[PlanShipment]) -> None:
        self._work = work
        self._lines = work.requests.lock_lines(shipment.request_line_id for shipment in shipments)
        self._ordered = {line.id: line.ordered_units for line in self._lines.values()}
        shelf = on_hand(depot)
        self.account_id = work.stock.make_accounts([shelf])[shelf]
        self._seen = work.stock.lock_balances((self.account_id, s.lot_id, s.item_id) for s in shipments)
        self._now = dict(self._seen)
        self._expires_on = work.stock.map_expiries(shipment.lot_id for shipment in shipments)
        self._is_reached = _find_reach(work, plan_id, depot, shipments)

    def hold(self, shipment: PlanShipment) -> str:
        """Hold the stock of a shipment that still holds; else the name of what changed since it was planned."""
        line, key = self._lines[shipment.request_line_id], (self.account_id, shipment.lot_id)
        expires_on = self._expires_on[shipment.lot_id]
        if line.state is not LineState.OPEN:
            return "request-withdrawn"
        if self._ordered[line.id] + shipment.quantity_units > line.ceiling_units:
            return "already-ordered"
        if not self._is_reached(shipment):
            return "way-closed"
        if expires_on is not None and expires_on <= self._work.at.date():
            return "lot-expired"
        if self._now[key].free < shipment.quantity_units:
            return "insufficient-stock"
        self._ordered[line.id] += shipment.quantity_units
        self._now[key] = hold(self._now[key], shipment.quantity_units)
        return ""

    def save(self) -> None:
        """Write what is held now, and how much of each line is ordered."""
        changed = {n: units for n, units in self._ordered.items() if units != self._lines[n].ordered_units}
        self._work.requests.set_ordered(changed)
        self._work.stock.save_balances(self._seen, self._now)


def _find_reach(
    work: Work, plan_id: int, depot: Depot, shipments: Sequence[PlanShipment]
) -> Callable[[PlanShipment], bool]:
    """Whether a shipment's way, among the arcs the plan uses, is still open; most days no road was cut."""
    closed_now = work.planning.list_closed_arcs()
    if not closed_now:
        return lambda shipment: True
    item_ids = sorted({shipment.item_id for shipment in shipments})
    codes = {item.id: item.code for item in work.catalogue.list_items()}
    arcs = work.planning.list_flow_arcs(plan_id, item_ids)
    names = work.places.name_divisions(shipment.division_id for shipment in shipments)
    reached = {
        item_id: find_ways(
            arcs.get(item_id, []),
            frozenset((a, b) for a, b, item in closed_now if item in ("", codes[item_id])),
            depot.code,
        )
        for item_id in item_ids
    }
    return lambda shipment: names[shipment.division_id][0] in reached[shipment.item_id]


def _write_orders(
    work: Work, approval: Approval, depot: Depot, account_id: int, shipments: Sequence[PlanShipment]
) -> None:
    """One order for each office that receives, its lines in the order of its communities."""
    if not shipments:
        return
    offices = work.transfers.find_townships([shipment.division_id for shipment in shipments])
    wanted = sorted({offices[shipment.division_id] for shipment in shipments}, key=lambda office: office[1])
    count = len(wanted)
    order_ids = work.transfers.add_orders(
        {
            "plan_id": [approval.plan_id] * count, "from_depot_id": [depot.id] * count,
            "from_pos": [depot.pos] * count, "to_division_id": [office for office, _ in wanted],
            "to_depot_id": [None] * count, "pos": [pos for _, pos in wanted],
            "status": [OrderStatus.APPROVED.value] * count, "note": [""] * count,
            "made_by": [approval.made_by] * count, "made_at": [work.at] * count, "version": [1] * count,
        }
    )  # fmt: skip
    order_of = dict(zip(wanted, order_ids, strict=True))
    filled = dict.fromkeys(order_ids, 0)
    line_numbers = []
    for shipment in shipments:
        order_id = order_of[offices[shipment.division_id]]
        filled[order_id] += 1
        line_numbers.append(filled[order_id])
    line_ids = work.transfers.add_lines(
        {
            "order_id": [order_of[offices[s.division_id]] for s in shipments],
            "line": line_numbers,
            "request_line_id": [s.request_line_id for s in shipments],
            "division_id": [s.division_id for s in shipments],
            "item_id": [s.item_id for s in shipments],
            "lot_id": [s.lot_id for s in shipments],
            "quantity_units": [s.quantity_units for s in shipments],
        }
    )
    work.stock.add_reservations(
        [account_id] * len(shipments),
        [s.lot_id for s in shipments],
        [s.quantity_units for s in shipments],
        line_ids,
    )


def stop_approval(work: Work, approval_id: int) -> None:
    """An approval that cannot go on: what was ordered stays, the rest of the plan may be approved again."""
    _settle(work, work.planning.get_approval(approval_id), "failed")


def _settle(work: Work, approval: Approval, status_after: str = "done") -> None:
    work.planning.set_approval_status(approval.id, status_after)
    plan = work.planning.lock_plan(approval.plan_id)
    if plan.status is PlanStatus.APPROVING:
        left = work.planning.count_open_shipments(plan.id)
        status = plan_step(plan.status, "pause" if left else "settle")
        work.planning.save_plan(plan.id, status=status.value)


def read_approval(work: Work, actor: Actor, approval_id: int) -> tuple[Approval, list[PlanShipment]]:
    """An approval with the shipments of its plan that no longer held, each named."""
    actor.must("read_plans")
    approval = work.planning.get_approval(approval_id)
    return approval, work.planning.list_refused_shipments(approval.plan_id)


def list_approvals(work: Work, actor: Actor, plan_id: int) -> list[Approval]:
    """The approvals of a plan, latest first."""
    actor.must("read_plans")
    return work.planning.list_approvals(work.planning.get_plan(plan_id).id)
