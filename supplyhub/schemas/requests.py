"""Wire shapes of requests: what an office asks, and what became of each line."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from marshmallow import fields, validates_schema

from supplyhub.domain.planning import PlanStatus
from supplyhub.domain.refusals import words
from supplyhub.domain.requests import PRIORITIES, LineState
from supplyhub.domain.transfers import OrderStatus
from supplyhub.schemas.fields import NOTE_MAX, Code, Lines, Moment, Text, Whole, Wire, must_be_valid
from supplyhub.schemas.glossary import LIMITS
from supplyhub.schemas.names import DivisionRef, InPacks, InstitutionRef, ItemRef, Spoken
from supplyhub.schemas.stock import ONE_QUANTITY, QuantitySchema

ONE_PLACE = lazy_gettext(words("name the division or an institution of it"))


class NewRequestLineSchema(Wire):
    """One item for one community or institution; a quantity of null means that the amount is not known yet."""

    division = Code(load_default=None, allow_none=True)
    institution = Code(load_default=None, allow_none=True)
    item = Code(required=True)
    quantity = Whole(1, allow_none=True)
    packs = Whole(1)
    priority = Whole(min(PRIORITIES), max(PRIORITIES), required=True)
    needed_by = Moment(load_default=None, allow_none=True)
    reason = Text(NOTE_MAX, load_default="")
    override_reason = Text(NOTE_MAX, load_default="")

    @validates_schema
    def must_be_whole(self, line: dict[str, Any], **_settings: Any) -> None:
        """One quantity, and a place."""
        found = {} if ("quantity" in line) != ("packs" in line) else {"quantity": [ONE_QUANTITY]}
        must_be_valid(found if line["division"] or line["institution"] else {**found, "division": [ONE_PLACE]})


class NewRequestSchema(Wire):
    """What one office asks for in one go."""

    reason = Text(NOTE_MAX, load_default="")
    lines = Lines(NewRequestLineSchema, required=True)


class AnswerLineSchema(QuantitySchema):
    """How many are needed, where the amount was not known."""

    override_reason = Text(NOTE_MAX, load_default="")


class RequestSchema(Wire):
    """A request as it stands."""

    id = fields.Integer(required=True)
    township = DivisionRef("township_id")
    status = fields.String(required=True)
    reason = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)
    version = fields.Integer(required=True)
    line_count = fields.Integer(required=True)
    asked_back_count = fields.Integer(required=True)


class GrantSchema(Wire):
    """What a plan gives to a line, and why not more."""

    plan = fields.Integer(required=True, attribute="plan_id")
    status = fields.Enum(PlanStatus, by_value=True, required=True)
    requested = fields.Integer(required=True, attribute="requested_units")
    granted = fields.Integer(required=True, attribute="granted_units")
    granted_in_packs = InPacks("granted_units")
    limited_by = Spoken(LIMITS)
    reason = fields.String(required=True)


class OnItsWaySchema(Wire):
    """What a transfer order carries for a line."""

    transfer = fields.Integer(required=True, attribute="order_id")
    status = fields.Enum(OrderStatus, by_value=True, required=True)
    quantity = fields.Integer(required=True, attribute="quantity_units")
    in_packs = InPacks("quantity_units")
    received = fields.Integer(required=True, attribute="received_units")
    lost = fields.Integer(required=True, attribute="lost_units")


class RequestLineSchema(Wire):
    """A line with what was granted, why not more, and what is on its way."""

    id = fields.Integer(required=True)
    request = fields.Integer(required=True, attribute="request_id")
    line = fields.Integer(required=True)
    division = DivisionRef()
    institution = InstitutionRef()
    item = ItemRef()
    quantity = fields.Integer(required=True, allow_none=True, attribute="quantity_units")
    in_packs = InPacks("quantity_units", allow_none=True)
    ordered = fields.Integer(required=True, attribute="ordered_units")
    open = fields.Integer(required=True, attribute="open_units")
    priority = fields.Integer(required=True)
    needed_by = fields.AwareDateTime(required=True, allow_none=True)
    reason = fields.String(required=True)
    override_reason = fields.String(required=True)
    state = fields.Enum(LineState, by_value=True, required=True)


class RequestLineViewSchema(RequestLineSchema):
    """A line with what became of it."""

    grants = fields.List(fields.Nested(GrantSchema), required=True)
    orders = fields.List(fields.Nested(OnItsWaySchema), required=True)
