"""The life of an order: dispatched, received with differences, cancelled, recalled or lapsed; and reading it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from supplyhub.domain.people import Actor
from supplyhub.domain.places import Depot
from supplyhub.domain.refusals import (
    Fault,
    InvalidInput,
    NotAllowed,
    VersionMismatch,
    words,
)
from supplyhub.domain.stock import (
    AccountKey,
    AccountKind,
    NewMovement,
    Reason,
    on_hand,
    release,
)
from supplyhub.domain.transfers import (
    HELD_FOR,
    Arrival,
    ArrivalLine,
    Order,
    OrderLine,
    OrderStatus,
    Step,
    step,
)
from supplyhub.service.ledger import move
from supplyhub.service.unit_of_work import Work

LOSS_REASONS = frozenset({Reason.MISSING, Reason.DAMAGED, Reason.EXPIRED})


def dispatch_transfer(work: Work, actor: Actor, order_id: int, *, seen_version: int | None = None) -> Order:
    """The goods leave the depot: what was held is consumed and stands in transit."""
    order, taken = _take_step(work, order_id, "dispatch", seen_version)
    depot = work.places.get_named_depot(order.from_depot_id)
    actor.must_keep(taken.verb, depot.custodian_id)
    lines = work.transfers.list_lines(order.id)
    work.stock.end_reservations([line.id for line in lines], "consumed")
    transit = _transit(order)
    move(
        work,
        [
            NewMovement(on_hand(depot), transit, line.item_id, line.lot_id, line.quantity_units,
                        Reason.TRANSFER, reserved=True)
            for line in lines
        ],
    )  # fmt: skip
    work.transfers.set_status(order.id, taken.after)
    return work.transfers.get_order(order.id)


def receive_transfer(
    work: Work, actor: Actor, order_id: int, arrival: Arrival, *, seen_version: int | None = None
) -> Order:
    """The goods arrive: used where they were sent, or put on a shelf; what did not come is lost, for a reason.

    What was lost counts as not ordered again, so the next run plans it anew.
    """
    order, taken = _take_step(work, order_id, "receive", seen_version)
    lines = work.transfers.list_lines(order.id)
    shelf = _arrival_shelf(work, actor, order, taken, arrival)
    came = _must_fit(lines, arrival.lines)
    work.stock.add_note(work.stamp.posting_id, arrival.note)
    transit = _transit(order)
    wanted: list[NewMovement] = []
    for line in lines:
        received, reason = came[line.line].received_units, came[line.line].loss_reason
        target = shelf or AccountKey(AccountKind.USED, line.division_id)
        if received:
            wanted.append(NewMovement(transit, target, line.item_id, line.lot_id, received, Reason.TRANSFER))
        if received < line.quantity_units and reason is not None:
            lost = AccountKey(AccountKind.LOST, order.to_division_id)
            wanted.append(NewMovement(transit, lost, line.item_id, line.lot_id, line.quantity_units - received, reason))
    _give_back(work, {line: line.quantity_units - came[line.line].received_units for line in lines})
    move(work, wanted)
    work.transfers.set_arrival(
        [line.id for line in lines],
        [came[line.line].received_units for line in lines],
        [line.quantity_units - came[line.line].received_units for line in lines],
        [reason.value if (reason := came[line.line].loss_reason) else "" for line in lines],
    )
    work.transfers.set_status(order.id, taken.after)
    return work.transfers.get_order(order.id)


def cancel_transfer(work: Work, actor: Actor, order_id: int, *, seen_version: int | None = None) -> Order:
    """Nothing leaves: what was held is free again, and the requests are open again."""
    order, taken = _take_step(work, order_id, "cancel", seen_version)
    depot = work.places.get_named_depot(order.from_depot_id)
    actor.must(taken.verb)
    if depot.custodian_id != actor.division_id and not actor.may("approve_plan"):
        raise NotAllowed(role=actor.role.value, verb=taken.verb)
    _free_what_is_held(work, order, depot)
    work.transfers.set_status(order.id, taken.after)
    return work.transfers.get_order(order.id)


def list_overdue(work: Work) -> list[int]:
    """Orders that nobody dispatched in time, oldest first; a thousand at most."""
    return work.transfers.list_holding(made_until=work.at - HELD_FOR, limit=1000)


def lapse_transfer(work: Work, order_id: int) -> bool:
    """The installation lets an order end that nobody dispatched in time; False where somebody was quicker."""
    order = work.transfers.lock_order(order_id)
    if order.held_until is None or order.held_until > work.at:
        return False
    _free_what_is_held(work, order, work.places.get_depot_by_id(order.from_depot_id))
    work.transfers.set_status(order.id, OrderStatus.LAPSED)
    return True


def _free_what_is_held(work: Work, order: Order, depot: Depot) -> None:
    lines = work.transfers.list_lines(order.id)
    _give_back(work, {line: line.quantity_units for line in lines})
    work.stock.end_reservations([line.id for line in lines], "released")
    key = on_hand(depot)
    account_id = work.stock.make_accounts([key])[key]
    seen = work.stock.lock_balances((account_id, line.lot_id, line.item_id) for line in lines)
    now = dict(seen)
    for line in lines:
        now[account_id, line.lot_id] = release(now[account_id, line.lot_id], line.quantity_units)
    work.stock.save_balances(seen, now)


def recall_transfer(work: Work, actor: Actor, order_id: int, *, seen_version: int | None = None) -> Order:
    """Goods on their way turn back to the depot they came from; the requests are open again."""
    order, taken = _take_step(work, order_id, "recall", seen_version)
    depot = work.places.get_named_depot(order.from_depot_id)
    actor.must_keep(taken.verb, depot.custodian_id)
    lines = work.transfers.list_lines(order.id)
    _give_back(work, {line: line.quantity_units for line in lines})
    transit = _transit(order)
    move(
        work,
        [
            NewMovement(transit, on_hand(depot), line.item_id, line.lot_id, line.quantity_units, Reason.CORRECTION)
            for line in lines
        ],
    )
    work.transfers.set_status(order.id, taken.after)
    return work.transfers.get_order(order.id)


def _take_step(work: Work, order_id: int, name: str, seen_version: int | None) -> tuple[Order, Step]:
    order = work.transfers.lock_order(order_id)
    if seen_version is not None and seen_version != order.version:
        raise VersionMismatch
    return order, step(order.status, name)


def _transit(order: Order) -> AccountKey:
    return AccountKey(AccountKind.TRANSIT, order.to_division_id, order_id=order.id)


def _arrival_shelf(work: Work, actor: Actor, order: Order, taken: Step, arrival: Arrival) -> AccountKey | None:
    """The shelf that goods are put on, or None when they are used where they were sent; the receiver's own right."""
    depot_id = arrival.depot_id or order.to_depot_id
    if depot_id is None:
        actor.must_keep(taken.verb, order.to_division_id)
        return None
    depot = work.places.get_depot_by_id(depot_id)
    actor.must_keep(taken.verb, depot.custodian_id)
    if order.to_depot_id is not None and depot.id != order.to_depot_id:
        raise InvalidInput(faults=[Fault("depot", words("the order names another depot; its keeper receives"))])
    if depot.id != order.to_depot_id and depot.division_id != order.to_division_id:
        raise InvalidInput(
            faults=[Fault("depot", words("the goods were sent to another place than this depot's division"))]
        )
    return on_hand(depot)


def _must_fit(lines: Iterable[OrderLine], said: Sequence[ArrivalLine]) -> dict[int, ArrivalLine]:
    """What came, for every line; lines not named came in full. All faults at once."""
    came = {line.line: ArrivalLine(line.line, line.quantity_units) for line in lines}
    sent = {number: line.received_units for number, line in came.items()}
    faults = []
    for place, line in enumerate(said):
        where = f"lines[{place}]"
        if line.line not in sent:
            faults.append(Fault(f"{where}.line", words("the order has no line {line}"), {"line": line.line}))
        elif not 0 <= line.received_units <= sent[line.line]:
            faults.append(
                Fault(
                    f"{where}.received",
                    words("{received} units cannot have come of {sent} that were sent"),
                    {"received": line.received_units, "sent": sent[line.line]},
                )
            )
        elif line.received_units < sent[line.line] and line.loss_reason not in LOSS_REASONS:
            faults.append(
                Fault(
                    f"{where}.loss_reason",
                    words("{lost} units are missing; say why: missing, damaged or expired"),
                    {"lost": sent[line.line] - line.received_units},
                )
            )
        else:
            came[line.line] = line
    if faults:
        raise InvalidInput(faults=faults)
    return came


def _give_back(work: Work, units: Mapping[OrderLine, int]) -> None:
    """What an order will not bring is no longer ordered: the request lines are open for so much again."""
    back: dict[int, int] = {}
    for line, missing in units.items():
        if line.request_line_id is not None and missing:
            back[line.request_line_id] = back.get(line.request_line_id, 0) + missing
    if back:
        with work.requests.beyond() as requests:  # the sender gives back what another district had asked for
            locked = requests.lock_lines(back)
            requests.set_ordered(
                {line_id: locked[line_id].ordered_units - missing for line_id, missing in back.items()}
            )


def list_transfers(
    work: Work,
    actor: Actor,
    *,
    status: OrderStatus | None = None,
    plan_id: int | None = None,
    from_depot_id: int | None = None,
    to_division_id: int | None = None,
    before: int = 2**62,
    limit: int = 50,
) -> list[Order]:
    """Orders with either end in the district, latest first."""
    actor.must("read_transfers")
    return work.transfers.list_orders(
        status=status,
        plan_id=plan_id,
        from_depot_id=from_depot_id,
        to_division_id=to_division_id,
        before=before,
        limit=limit,
    )


def read_transfer(work: Work, actor: Actor, order_id: int) -> tuple[Order, list[OrderLine]]:
    """An order and its lines."""
    actor.must("read_transfers")
    order = work.transfers.get_order(order_id)
    return order, work.transfers.list_lines(order.id)
