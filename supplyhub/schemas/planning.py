"""Wire shapes of planning: runs, plans, their lines with reasons, coverage, flows, shipments and approvals."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from marshmallow import fields, validate

from supplyhub.domain.places import Level
from supplyhub.domain.planning import PlanStatus, RunStatus
from supplyhub.domain.refusals import words
from supplyhub.schemas.explanations import in_language
from supplyhub.schemas.fields import (
    BASICS,
    ID_MAX,
    NOT_AN_OBJECT,
    NOTE_MAX,
    Choice,
    Code,
    Day,
    Flag,
    PageQuery,
    QueryFlag,
    QueryNumber,
    Text,
    Whole,
    Wire,
)
from supplyhub.schemas.glossary import LIMITS, SHIPMENT_REFUSALS
from supplyhub.schemas.names import DepotRef, DivisionRef, InPacks, InstitutionRef, ItemRef, PlaceRefSchema, Spoken
from supplyhub.schemas.problems import say_filled

PENALTY_METRES_MAX = 10**9
NOT_A_SHARE = lazy_gettext(words("must be a share from 0 to 1 with at most six decimals, as text: 0.2"))


class Shares(fields.Dict):
    """By tier, the share of its stock that a place gives to neighbours of that tier."""

    default_error_messages = {**BASICS, "invalid": NOT_AN_OBJECT}  # noqa: RUF012 - marshmallow reads this class attribute as it is

    def __init__(self, **settings: Any) -> None:
        share = validate.Regexp(r"(0(\.\d{1,6})?|1(\.0{1,6})?)\Z", error=NOT_A_SHARE)
        super().__init__(keys=Choice(*Level), values=fields.String(validate=share), **settings)


class NewRunSchema(Wire):
    """What to plan and how; your district, today, reserves kept and no mutual aid if nothing is said."""

    division = Code(load_default=None, allow_none=True)
    as_of = Day(load_default=None, allow_none=True)
    release_reserves = Flag(load_default=False)
    mutual_aid = Shares(load_default=dict)
    mutual_aid_basis = Choice("stock", "surplus", load_default="stock")
    mutual_aid_penalty_metres = Whole(0, PENALTY_METRES_MAX, load_default=0)


class OptionsSchema(Wire):
    """What the planner chose."""

    as_of = fields.Date(required=True)
    release_reserves = fields.Boolean(required=True)
    mutual_aid = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    mutual_aid_basis = fields.String(required=True)
    mutual_aid_penalty_metres = fields.Integer(required=True)


class RunSchema(Wire):
    """A planning run, and how far it has come.

    One that was cancelled is still going on while a worker keeps what was planned by then; `plan` is there after that.
    """

    id = fields.Integer(required=True)
    division = DivisionRef()
    status = fields.Enum(RunStatus, by_value=True, required=True)
    is_going_on = fields.Boolean(required=True)
    options = fields.Nested(OptionsSchema, required=True)
    made_at = fields.AwareDateTime(required=True)
    started_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    phase = fields.String(required=True)
    done_steps = fields.Integer(required=True)
    total_steps = fields.Integer(required=True)
    error = fields.Function(lambda run: say_filled(run.error, run.error_facts), metadata={"type": "string"})
    version = fields.Integer(required=True)
    plan = fields.Integer(required=True, allow_none=True, attribute="plan_id")


class PlanSchema(Wire):
    """A plan as it stands; `proved` says that the checker found it true.

    `items_missing` are codes of items that a run which was stopped did not come to; their lines are not planned.
    """

    id = fields.Integer(required=True)
    run = fields.Integer(required=True, attribute="run_id")
    division = DivisionRef()
    status = fields.Enum(PlanStatus, by_value=True, required=True)
    digest = fields.String(required=True)
    solver_version = fields.String(required=True)
    proved = fields.Boolean(required=True)
    items_missing = fields.List(fields.String(), required=True)
    summary = fields.Dict(required=True)
    seconds = fields.Dict(required=True)
    made_at = fields.AwareDateTime(required=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)
    decision_note = fields.String(required=True)
    version = fields.Integer(required=True)


class PlanLineSchema(Wire):
    """What one request line is granted; `fill` is the share of it in millionths.

    Where it is less than was asked, `reason` says why, and `set` is the set of lines that the same would help.
    """

    request_line = fields.Integer(required=True, attribute="request_line_id")
    division = DivisionRef()
    item = ItemRef()
    priority = fields.Integer(required=True)
    requested = fields.Integer(required=True, attribute="requested_units")
    granted = fields.Integer(required=True, attribute="granted_units")
    granted_in_packs = InPacks("granted_units")
    fill_millionths = fields.Integer(required=True)
    weight_thousandths = fields.Integer(required=True)
    limited_by = Spoken(LIMITS)
    set = fields.Function(lambda line: line.set_number or None, metadata={"type": ["integer", "null"]})
    reason = in_language("reason")
    institution = InstitutionRef()


class CoverageSchema(Wire):
    """A group of lines: how many, how many filled, and units asked and granted."""

    lines = fields.Integer(required=True)
    filled = fields.Integer(required=True)
    requested = fields.Integer(required=True, attribute="requested_units")
    granted = fields.Integer(required=True, attribute="granted_units")


class ClassCoverageSchema(CoverageSchema):
    """Coverage of a priority class."""

    priority = fields.Integer(required=True, attribute="key")


class ItemCoverageSchema(CoverageSchema):
    """Coverage of an item."""

    item = ItemRef("key")


class PlaceCoverageSchema(CoverageSchema):
    """Coverage of a division's subtree, or of the place itself."""

    division = DivisionRef("key")


class FlowSchema(Wire):
    """Units of all items carried between two tiers; "depot" stands for the depots."""

    from_tier = fields.String(required=True)
    to_tier = fields.String(required=True)
    quantity = fields.Integer(required=True)


class LimitCountSchema(Wire):
    """How many lines one cause limits."""

    limited_by = Spoken(LIMITS)
    lines = fields.Integer(required=True)


class PlanViewSchema(Wire):
    """Coverage three ways, the five worst-off lines, what limits, and flows between tiers."""

    plan = fields.Integer(required=True)
    division = fields.Nested(PlaceRefSchema, required=True)
    by_class = fields.List(fields.Nested(ClassCoverageSchema), required=True)
    by_item = fields.List(fields.Nested(ItemCoverageSchema), required=True)
    by_place = fields.List(fields.Nested(PlaceCoverageSchema), required=True)
    worst_off = fields.List(fields.Nested(PlanLineSchema), required=True)
    limits = fields.List(fields.Nested(LimitCountSchema), required=True)
    flows = fields.List(fields.Nested(FlowSchema), required=True)


class ShipmentSchema(Wire):
    """Where a grant comes from: depot, lot, way; and whether it is ordered, open, or no longer holds."""

    id = fields.Integer(required=True)
    request_line = fields.Integer(required=True, attribute="request_line_id")
    depot = DepotRef()
    lot_id = fields.Integer(required=True)
    lot = fields.String(required=True, attribute="lot_code")
    item = ItemRef()
    division = DivisionRef()
    quantity = fields.Integer(required=True, attribute="quantity_units")
    in_packs = InPacks("quantity_units")
    metres = fields.Integer(required=True)
    hours = fields.String(required=True)
    state = fields.String(required=True)
    refusal = Spoken(SHIPMENT_REFUSALS)


class ShipmentListSchema(Wire):
    """The shipments of one plan line."""

    items = fields.List(fields.Nested(ShipmentSchema), required=True)


class NewApprovalSchema(Wire):
    """Which part of a plan: all of it if nothing is named."""

    item = Code(load_default=None, allow_none=True)
    division = Code(load_default=None, allow_none=True)


class ApprovalSchema(Wire):
    """Somebody's yes, and how far its orders have come."""

    id = fields.Integer(required=True)
    plan = fields.Integer(required=True, attribute="plan_id")
    item = ItemRef(allow_none=True)
    division = DivisionRef()
    status = fields.String(required=True)
    total = fields.Integer(required=True, attribute="total_count")
    ordered = fields.Integer(required=True, attribute="ordered_count")
    refused = fields.Integer(required=True, attribute="refused_count")
    made_at = fields.AwareDateTime(required=True)
    version = fields.Integer(required=True)


class OutOfDateSchema(Wire):
    """What of a plan no longer held, by name, and where to ask for a new run."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    detail = fields.String(required=True)
    lines = fields.List(fields.Nested(ShipmentSchema), required=True)
    new_run = fields.String(required=True)


class ApprovalViewSchema(ApprovalSchema):
    """An approval with the problem of what it could not order, if there is any."""

    problem = fields.Nested(OutOfDateSchema, required=True, allow_none=True)


class ApprovalListSchema(Wire):
    """The approvals of a plan, latest first."""

    items = fields.List(fields.Nested(ApprovalSchema), required=True)


class RejectionSchema(Wire):
    """Why not."""

    note = Text(NOTE_MAX, load_default="")


class CoverageQuery(Wire):
    """Below which place (the plan's own if none is named)."""

    division = Code(load_default=None)


class PlanLineQuery(PageQuery):
    """Which lines of a plan."""

    item = Code(load_default=None)
    division = Code(load_default=None)
    priority = QueryNumber(1, 4, load_default=None)
    unfilled = QueryFlag(load_default=False)
    set = QueryNumber(1, ID_MAX, load_default=None)
