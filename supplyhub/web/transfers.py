"""Transfer orders: what is to leave, what is on its way, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request

from supplyhub.domain.people import Actor
from supplyhub.domain.refusals import words
from supplyhub.domain.stock import Reason
from supplyhub.domain.transfers import (
    STEPS,
    Arrival,
    ArrivalLine,
    NewTransfer,
    NewTransferLine,
    Order,
    OrderStatus,
    steps_from,
)
from supplyhub.schemas.forms import ArrivalForm, StepForm, TransferForm, naming_fields, read_form
from supplyhub.service import transfers
from supplyhub.service.unit_of_work import Work
from supplyhub.web.choices import Faults, find_goods, items_by_code, kept_depots, rows_of, units_of
from supplyhub.web.documents import shelf_of
from supplyhub.web.door import Page, now, perform, reading, redrawn_by
from supplyhub.web.drafts import Draft
from supplyhub.web.paging import PAGE, before_of, older_than
from supplyhub.web.stock import standing_at

blueprint = Blueprint("transfers", __name__)

LOSS_REASONS = (Reason.MISSING, Reason.DAMAGED, Reason.EXPIRED)


@blueprint.get("/transfers")
def show_all() -> str:
    """Orders with either end in the district, latest first."""
    status = next((known for known in OrderStatus if known == request.args.get("status")), None)
    with reading() as (work, actor):
        orders = transfers.list_transfers(work, actor, status=status, before=before_of(request.args), limit=PAGE)
        return render_template(
            "transfers.html",
            actor=actor,
            orders=orders,
            status=status,
            statuses=list(OrderStatus),
            older=older_than(orders),
            depot_names=work.places.name_depots(order.from_depot_id for order in orders),
            place_names=work.places.name_divisions(order.to_division_id for order in orders),
        )


def draw(draft: Draft, order_id: int) -> str:
    """One order, with the buttons of the steps that its state and the reader's place in it allow."""
    with reading() as (work, actor):
        order, lines = transfers.read_transfer(work, actor, order_id)
        depot = work.places.get_named_depot(order.from_depot_id)
        items = items_by_code(work, actor)
        to_depots = [order.to_depot_id] if order.to_depot_id else []
        return render_template(
            "transfer.html",
            actor=actor,
            draft=draft,
            order=order,
            lines=lines,
            depot=depot,
            steps=_steps(work, actor, order, depot.custodian_id),
            item_by_id={item.id: item for item in items.values()},
            depot_names=work.places.name_depots([order.from_depot_id, *to_depots]),
            place_names=work.places.name_divisions({order.to_division_id, *(line.division_id for line in lines)}),
            shelves=_arrival_depots(work, actor, order),
            loss_reasons=LOSS_REASONS,
        )


def _steps(work: Work, actor: Actor, order: Order, custodian_id: int) -> list[str]:
    """The steps this reader may take; the verb itself looks again."""
    receiver_id = order.to_division_id
    if order.to_depot_id is not None:
        receiver_id = work.places.get_named_depot(order.to_depot_id).custodian_id
    sends = custodian_id == actor.division_id
    mine = {
        "dispatch": sends,
        "recall": sends,
        "cancel": sends or actor.may("approve_plan"),
        "receive": receiver_id == actor.division_id,
    }
    return [name for name in steps_from(order.status) if mine[name] and actor.may(STEPS[order.status, name].verb)]


def _arrival_depots(work: Work, actor: Actor, order: Order) -> list[Any]:
    """The own depots that the goods may be put into: those that stand where they were sent."""
    return [depot for depot in kept_depots(work, actor) if depot.division_id == order.to_division_id]


@blueprint.get("/transfers/<row:order_id>")
def show(order_id: int) -> str:
    """One order."""
    return draw(Draft(), order_id)


Step = Callable[..., Order]


def _take(verb: str, step: Step, done: str, order_id: int) -> Page:
    form = read_form(StepForm, request.form)

    def act(work: Work, actor: Actor) -> str:
        step(work, actor, order_id, seen_version=form["version"])
        return f"/transfers/{order_id}"

    return perform(verb, act, done)


@blueprint.post("/transfers/<row:order_id>/dispatch")
@redrawn_by(draw)
def dispatch_transfer(order_id: int) -> Page:
    """The goods leave."""
    return _take("dispatch_transfer", transfers.dispatch_transfer, words("The goods are on their way."), order_id)


@blueprint.post("/transfers/<row:order_id>/cancel")
@redrawn_by(draw)
def cancel_transfer(order_id: int) -> Page:
    """Nothing leaves."""
    return _take("cancel_transfer", transfers.cancel_transfer, words("The order is cancelled."), order_id)


@blueprint.post("/transfers/<row:order_id>/recall")
@redrawn_by(draw)
def recall_transfer(order_id: int) -> Page:
    """The goods turn back."""
    return _take("recall_transfer", transfers.recall_transfer, words("The goods are back on the shelf."), order_id)


@blueprint.post("/transfers/<row:order_id>/receive")
@redrawn_by(draw)
def receive_transfer(order_id: int) -> Page:
    """The goods arrive, with differences if there are any."""
    form = read_form(ArrivalForm, request.form)  # a line whose amount was cleared means that nothing of it came

    def act(work: Work, actor: Actor) -> str:
        arrival = _arrival(work, actor, order_id, form)
        with naming_fields(form["rows"]):
            transfers.receive_transfer(work, actor, order_id, arrival, seen_version=form["version"])
        return f"/transfers/{order_id}"

    return perform("receive_transfer", act, words("The arrival is confirmed."))


def _arrival(work: Work, actor: Actor, order_id: int, form: dict[str, Any]) -> Arrival:
    _, sent = transfers.read_transfer(work, actor, order_id)
    pack_sizes = {item.id: item.pack_size for item in items_by_code(work, actor).values()}
    pack_of = {line.line: pack_sizes[line.item_id] for line in sent}
    lines = tuple(
        ArrivalLine(line["line"], line["packs"] * pack_of.get(line["line"], 1) + line["units"], line["loss_reason"])
        for line in form["lines"]
    )
    depot = work.places.get_depot(form["depot"]) if form["depot"] else None
    return Arrival(lines, depot.id if depot else None, form["note"])


def draw_new(draft: Draft) -> str:
    """The form of a direct transfer."""
    with reading() as (work, actor):
        actor.must("make_transfer")
        depots, depot, shelves = shelf_of(work, actor, draft)
        return render_template(
            "transfer_new.html",
            draft=draft,
            depots=depots,
            depot=depot,
            shelves=shelves,
            item_by_id={item.id: item for item in items_by_code(work, actor).values()},
            targets=_targets(work, actor),
            today=now().date(),
        )


def _targets(work: Work, actor: Actor) -> list[tuple[str, str]]:
    """(choice, name) of where goods are mostly sent: the places right below, and the depots of the district."""
    own = work.places.get_division(actor.division_code)
    children = work.places.list_children(own)
    depots = [depot for place in (own, *children) for depot in standing_at(work, actor, place)]
    return [*((depot.code, depot.name) for depot in depots), *((child.code, child.name) for child in children)]


@blueprint.get("/transfers/new")
def new_transfer() -> str:
    """Ask what to send where."""
    return draw_new(Draft(request.args))


@blueprint.post("/transfers")
@redrawn_by(draw_new)
def make_transfer() -> Page:
    """Order goods from one of the own depots to another depot or to a place."""
    form = read_form(TransferForm, request.form)

    def act(work: Work, actor: Actor) -> str:
        transfer = _transfer(work, actor, form)
        with naming_fields(form["rows"]):
            return f"/transfers/{transfers.make_transfer(work, actor, transfer)}"

    return perform("make_transfer", act, words("The order is made and its goods are held for it."))


def _transfer(work: Work, actor: Actor, form: dict[str, Any]) -> NewTransfer:
    faults = Faults()
    items = items_by_code(work, actor)
    depot = work.places.get_depot(form["depot"])
    # Help goes across borders (互通有无): a transfer may be sent to a place outside the sender's own district.
    code = form["to"].split(" ", 1)[0]
    to_depot = work.places.map_depots([code]).get(code)
    to_place = work.everywhere.find_division(code)
    if to_depot is None and to_place is None:
        faults.add("to", words("no depot and no place has the code {code}"), code=code)
    lines = []
    for prefix, line in rows_of(form, faults):
        item, lot_id, _ = find_goods(line["goods"], items)
        units = units_of(line, item, f"{prefix}quantity", faults)
        if item is None:
            faults.add(f"{prefix}goods", words("choose from the goods shown"))
        else:
            lines.append(NewTransferLine(item.id, units, lot_id))
    faults.must_be_none()
    to_id = to_depot.division_id if to_depot else to_place.id if to_place else 0
    return NewTransfer(depot.id, to_id, to_depot.id if to_depot else None, tuple(lines), form["note"])
