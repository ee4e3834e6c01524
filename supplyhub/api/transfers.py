"""Transfer orders over HTTP: make, dispatch, receive with differences, cancel, recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from supplyhub.api.door import Door
from supplyhub.api.naming import name_all, show
from supplyhub.domain.codes import codes_of, each, find_too_large, find_unknown, must_be_known, one, units_of
from supplyhub.domain.people import Actor
from supplyhub.domain.refusals import Fault, words
from supplyhub.domain.stock import Reason
from supplyhub.domain.transfers import (
    Arrival,
    ArrivalLine,
    NewTransfer,
    NewTransferLine,
    Order,
    OrderStatus,
    steps_from,
)
from supplyhub.schemas.fields import page_of
from supplyhub.schemas.names import Names
from supplyhub.schemas.transfers import (
    ArrivalSchema,
    NewTransferSchema,
    TransferQuery,
    TransferSchema,
    TransferViewSchema,
)
from supplyhub.service import places, transfers
from supplyhub.service.unit_of_work import Answer, Work

door = Door("transfers", "Orders that carry goods from a depot to a depot or an office")
TransferPage = page_of(TransferSchema)
NO_TARGET = words("name to_depot or to_division")


def _ends(work: Work, orders: Sequence[Order], *divisions: int) -> Names:
    return name_all(
        work,
        divisions=[*divisions, *(order.to_division_id for order in orders)],
        depots=[number for order in orders for number in (order.from_depot_id, order.to_depot_id)],
    )


def _facts(order: Order) -> dict[str, Any]:
    return {**vars(order), "held_until": order.held_until, "steps": steps_from(order.status)}


@door.reads("/transfers", "read_transfers", TransferPage, TransferQuery)
def list_transfers(work: Work, actor: Actor, query: Mapping[str, Any]) -> Any:
    """Orders with either end in your district, latest first."""
    depot = places.read_depot(work, actor, query["from_depot"]) if query["from_depot"] else None
    division = places.read_division(work, actor, query["to_division"]) if query["to_division"] else None
    found = transfers.list_transfers(
        work,
        actor,
        status=OrderStatus(query["status"]) if query["status"] else None,
        plan_id=query["plan"],
        from_depot_id=depot.id if depot else None,
        to_division_id=division.id if division else None,
        before=query["cursor"] or 2**62,
        limit=query["limit"] + 1,
    )
    limit = query["limit"]
    following = found[limit - 1].id if len(found) > limit else None
    facts = {"items": [_facts(order) for order in found[:limit]], "next": following}
    return show(TransferPage, facts, _ends(work, found))


@door.reads("/transfers/<number:order_id>", "read_transfers", TransferViewSchema, versioned=True)
def read_transfer(work: Work, actor: Actor, order_id: int) -> Any:
    """One order with its lines."""
    return _show(work, actor, order_id)


def _show(work: Work, actor: Actor, order_id: int) -> Any:
    order, lines = transfers.read_transfer(work, actor, order_id)
    names = _ends(work, [order], *(line.division_id for line in lines))
    return show(TransferViewSchema, {**_facts(order), "lines": lines}, names)


@door.performs("/transfers", "make_transfer", TransferViewSchema, NewTransferSchema, status=201)
def make_transfer(work: Work, actor: Actor, sent: Mapping[str, Any]) -> Answer:
    """Order goods from one of your depots, and hold them on its shelf."""
    order_id = transfers.make_transfer(work, actor, _transfer(work, sent))
    return Answer(_show(work, actor, order_id), 201, f"/api/v1/transfers/{order_id}")


def _transfer(work: Work, sent: Mapping[str, Any]) -> NewTransfer:
    lines, items = sent["lines"], work.catalogue.map_items()
    ends = [*one(sent, "from_depot"), *one(sent, "to_depot")]
    depots = work.places.map_depots(codes_of(ends))
    # A county may send to its neighbour: division codes are public, what stands in a division is not.
    divisions = work.everywhere.map_divisions(codes_of(one(sent, "to_division")))
    must_be_known(
        find_unknown(ends, depots),
        find_unknown(one(sent, "to_division"), divisions),
        find_unknown(each(lines, "item"), items),
        find_too_large(lines, items),
        [] if sent["to_depot"] or sent["to_division"] else [Fault("to_division", NO_TARGET)],
    )
    to_depot = depots[sent["to_depot"]] if sent["to_depot"] else None
    return NewTransfer(
        depots[sent["from_depot"]].id,
        to_depot.division_id if to_depot else divisions[sent["to_division"]].id,
        to_depot.id if to_depot else None,
        tuple(
            NewTransferLine(items[line["item"]].id, units_of(line, items[line["item"]]), line["lot_id"])
            for line in lines
        ),
        sent["note"],
    )


@door.performs("/transfers/<number:order_id>/dispatch", "dispatch_transfer", TransferViewSchema, conditional=True)
def dispatch_transfer(work: Work, actor: Actor, order_id: int, seen_version: int | None) -> Answer:
    """The goods leave the depot and stand in transit."""
    transfers.dispatch_transfer(work, actor, order_id, seen_version=seen_version)
    return Answer(_show(work, actor, order_id), 200)


@door.performs(
    "/transfers/<number:order_id>/arrival", "receive_transfer", TransferViewSchema, ArrivalSchema, conditional=True
)
def receive_transfer(
    work: Work, actor: Actor, sent: Mapping[str, Any], order_id: int, seen_version: int | None
) -> Answer:
    """The goods arrive; what did not come is lost, for a reason."""
    depots = work.places.map_depots(codes_of(one(sent, "depot")))
    must_be_known(find_unknown(one(sent, "depot"), depots))
    lines = tuple(
        ArrivalLine(line["line"], line["received"], Reason(line["loss_reason"]) if line["loss_reason"] else None)
        for line in sent["lines"]
    )
    arrival = Arrival(lines, depots[sent["depot"]].id if sent["depot"] else None, sent["note"])
    transfers.receive_transfer(work, actor, order_id, arrival, seen_version=seen_version)
    return Answer(_show(work, actor, order_id), 200)


@door.performs("/transfers/<number:order_id>/cancellation", "cancel_transfer", TransferViewSchema, conditional=True)
def cancel_transfer(work: Work, actor: Actor, order_id: int, seen_version: int | None) -> Answer:
    """Nothing leaves: what was held is free again, and the requests are open again."""
    transfers.cancel_transfer(work, actor, order_id, seen_version=seen_version)
    return Answer(_show(work, actor, order_id), 200)


@door.performs("/transfers/<number:order_id>/recall", "recall_transfer", TransferViewSchema, conditional=True)
def recall_transfer(work: Work, actor: Actor, order_id: int, seen_version: int | None) -> Answer:
    """What is under way comes back to the depot it left."""
    transfers.recall_transfer(work, actor, order_id, seen_version=seen_version)
    return Answer(_show(work, actor, order_id), 200)
