"""Wire shapes of transfer orders: make, arrive, and read them."""

from __future__ import annotations

from marshmallow import fields

from supplyhub.domain.stock import Reason
from supplyhub.domain.transfers import OrderStatus
from supplyhub.schemas.fields import (
    ID_MAX,
    LINES_MAX,
    NOTE_MAX,
    Choice,
    Code,
    Lines,
    PageQuery,
    QueryNumber,
    Text,
    Whole,
    Wire,
)
from supplyhub.schemas.names import DepotRef, DivisionRef, InPacks, ItemRef
from supplyhub.schemas.stock import QuantitySchema

LOSS_REASONS = (Reason.MISSING, Reason.DAMAGED, Reason.EXPIRED)


class NewTransferLineSchema(QuantitySchema):
    """An item to send: from a named lot (its number), or from first-expired lots."""

    item = Code(required=True)
    lot_id = Whole(1, ID_MAX, load_default=None, allow_none=True)


class NewTransferSchema(Wire):
    """A direct transfer: to a depot of your district, or to any division, whose office receives it."""

    from_depot = Code(required=True)
    to_depot = Code(load_default=None, allow_none=True)
    to_division = Code(load_default=None, allow_none=True)
    note = Text(NOTE_MAX, load_default="")
    lines = Lines(NewTransferLineSchema, required=True)


class ArrivalLineSchema(Wire):
    """What came of one line of the order, and why the rest did not."""

    line = Whole(1, LINES_MAX * 1000, required=True)
    received = Whole(0, required=True)
    loss_reason = Choice(*LOSS_REASONS, load_default=None, allow_none=True)


class ArrivalSchema(Wire):
    """What arrived: lines not named came in full; onto a depot's shelf if one is named, else used where it was sent."""

    depot = Code(load_default=None, allow_none=True)
    note = Text(NOTE_MAX, load_default="")
    lines = Lines(ArrivalLineSchema, least=0, load_default=list)


class TransferSchema(Wire):
    """A transfer order as it stands, with the steps it allows now."""

    id = fields.Integer(required=True)
    plan = fields.Integer(required=True, allow_none=True, attribute="plan_id")
    from_depot = DepotRef("from_depot_id")
    to_division = DivisionRef("to_division_id")
    to_depot = DepotRef("to_depot_id", allow_none=True)
    status = fields.Enum(OrderStatus, by_value=True, required=True)
    steps = fields.List(fields.String(), required=True)
    note = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)
    held_until = fields.AwareDateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)
    line_count = fields.Integer(required=True)
    quantity = fields.Integer(required=True, attribute="quantity_units")


class TransferLineSchema(Wire):
    """A line of an order: what was sent, what came, what was lost and why."""

    line = fields.Integer(required=True)
    request_line = fields.Integer(required=True, allow_none=True, attribute="request_line_id")
    division = DivisionRef()
    item = ItemRef()
    lot_id = fields.Integer(required=True)
    lot = fields.String(required=True, attribute="lot_code")
    quantity = fields.Integer(required=True, attribute="quantity_units")
    in_packs = InPacks("quantity_units")
    received = fields.Integer(required=True, attribute="received_units")
    lost = fields.Integer(required=True, attribute="lost_units")
    loss_reason = fields.String(required=True)


class TransferViewSchema(TransferSchema):
    """A transfer order with its lines."""

    lines = fields.List(fields.Nested(TransferLineSchema), required=True)


class TransferQuery(PageQuery):
    """Which orders: in one state, of one plan, from one depot, to one division."""

    status = Choice(*OrderStatus, load_default=None)
    plan = QueryNumber(1, ID_MAX, load_default=None)
    from_depot = Code(load_default=None)
    to_division = Code(load_default=None)
