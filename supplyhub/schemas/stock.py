"""Wire shapes of the shelf: stock, receipts, issues, counts, postings and movements."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from marshmallow import fields, validates_schema

from supplyhub.domain.refusals import words
from supplyhub.domain.stock import ISSUE_REASONS, RECEIPT_REASONS, AccountKind, Condition, Reason
from supplyhub.schemas.fields import (
    CHOICES,
    ID_MAX,
    NOTE_MAX,
    Choice,
    Code,
    Day,
    Lines,
    Moment,
    PageQuery,
    QueryNumber,
    Text,
    Whole,
    Wire,
    must_be_valid,
)
from supplyhub.schemas.names import DepotRef, DivisionRef, InPacks, ItemRef, PlaceRefSchema

ONE_QUANTITY = lazy_gettext(words("give either the quantity or the packs, one of both"))
DATES_TURNED = lazy_gettext(words("must be after the day of production"))


class QuantitySchema(Wire):
    """What every line has: a quantity of at least one unit, in units or in whole packs."""

    quantity = Whole(1)
    packs = Whole(1)

    @validates_schema
    def must_have_one(self, line: dict[str, Any], **_settings: Any) -> None:
        """One of both."""
        must_be_valid({} if ("quantity" in line) != ("packs" in line) else {"quantity": [ONE_QUANTITY]})


class NewDocumentSchema(Wire):
    """What every document has: a note, and when it really happened if that was earlier."""

    note = Text(NOTE_MAX, load_default="")
    occurred_at = Moment(load_default=None, allow_none=True)


class NewReceiptLineSchema(QuantitySchema):
    """A lot of an item that has arrived; the owner is the depot's custodian if none is named."""

    item = Code(required=True)
    lot = Text(64, load_default="")
    owner = Code(load_default=None, allow_none=True)
    earmark = Code(load_default=None, allow_none=True)
    produced_on = Day(load_default=None, allow_none=True)
    expires_on = Day(load_default=None, allow_none=True)
    origin = Text(120, load_default="")
    condition = Choice(*Condition, load_default=Condition.GOOD.value)

    @validates_schema
    def must_expire_later(self, line: dict[str, Any], **_settings: Any) -> None:
        """Expiry comes after production."""
        made, gone = line.get("produced_on"), line.get("expires_on")
        must_be_valid({"expires_on": [DATES_TURNED]} if made and gone and gone <= made else {})


class NewReceiptSchema(NewDocumentSchema):
    """What has arrived at a depot."""

    depot = Code(required=True)
    reason = Choice(*RECEIPT_REASONS, load_default=Reason.DELIVERY.value)
    lines = Lines(NewReceiptLineSchema, required=True)


class NewIssueLineSchema(QuantitySchema):
    """An item to take off the shelf: from a named lot (its number), or first-expired lots when none is named."""

    item = Code(required=True)
    lot_id = Whole(1, ID_MAX, load_default=None, allow_none=True)
    condition = Choice(*Condition, load_default=Condition.GOOD.value)


class NewIssueSchema(NewDocumentSchema):
    """What leaves a depot for good; `division` is where it is used, the depot's own if none is named."""

    depot = Code(required=True)
    to = Choice(*ISSUE_REASONS, load_default=AccountKind.USED.value)
    division = Code(load_default=None, allow_none=True)
    reason = Choice(*[reason for reasons in ISSUE_REASONS.values() for reason in reasons], load_default=None)
    lines = Lines(NewIssueLineSchema, required=True)

    @validates_schema
    def must_fit(self, issue: dict[str, Any], **_settings: Any) -> None:
        """Goods used are used, goods scrapped are expired or damaged, goods lost are missing."""
        allowed = [reason.value for reason in ISSUE_REASONS[AccountKind(issue["to"])]]
        message = CHOICES.format(choices=", ".join(allowed))
        must_be_valid({} if issue["reason"] in (None, *allowed) else {"reason": [message]})


class NewCountLineSchema(Wire):
    """One shelf counted: the lot's number, what the book said when it was counted, and what was there."""

    lot_id = Whole(1, ID_MAX, required=True)
    seen = Whole(0, required=True)
    counted = Whole(0, required=True)
    condition = Choice(*Condition, load_default=Condition.GOOD.value)


class NewCountSchema(NewDocumentSchema):
    """A stock count; only differences are posted."""

    depot = Code(required=True)
    lines = Lines(NewCountLineSchema, required=True)


class MovementSchema(Wire):
    """Units of one lot on their way from one account to another; `hash` is the ledger's receipt for it."""

    id = fields.Integer(required=True)
    posting = fields.Integer(required=True, attribute="posting_id")
    line = fields.Integer(required=True)
    verb = fields.String(required=True)
    recorded_at = fields.AwareDateTime(required=True)
    from_kind = fields.String(required=True)
    from_depot = DepotRef("from_depot_id", allow_none=True)
    from_division = DivisionRef("from_division_id")
    to_kind = fields.String(required=True)
    to_depot = DepotRef("to_depot_id", allow_none=True)
    to_division = DivisionRef("to_division_id")
    item = ItemRef()
    lot_id = fields.Integer(required=True)
    lot = fields.String(required=True, attribute="lot_code")
    quantity = fields.Integer(required=True, attribute="quantity_units")
    in_packs = InPacks("quantity_units")
    reason = fields.String(required=True)
    hash = fields.String(required=True)


class PostingSchema(Wire):
    """An entry of the ledger."""

    id = fields.Integer(required=True)
    verb = fields.String(required=True)
    actor = fields.String(required=True)
    occurred_at = fields.AwareDateTime(required=True)
    recorded_at = fields.AwareDateTime(required=True)
    reverses = fields.Integer(required=True, allow_none=True, attribute="reverses_id")
    reversed_by = fields.Integer(required=True, allow_none=True)
    note = fields.String(required=True)


class PostingViewSchema(PostingSchema):
    """An entry of the ledger with its movements."""

    movements = fields.List(fields.Nested(MovementSchema), required=True)


class PostedMovementSchema(Wire):
    """What was moved, by code and number; `hash` is the ledger's receipt for it."""

    line = fields.Integer(required=True)
    item = fields.String(required=True)
    lot_id = fields.Integer(required=True)
    lot = fields.String(required=True)
    quantity = fields.Integer(required=True)
    reason = fields.String(required=True)
    hash = fields.String(required=True)


class PostedSchema(Wire):
    """The entry that a command has made; reading it by its number names everything."""

    id = fields.Integer(required=True)
    verb = fields.String(required=True)
    actor = fields.String(required=True)
    occurred_at = fields.AwareDateTime(required=True)
    recorded_at = fields.AwareDateTime(required=True)
    reverses = fields.Integer(required=True, allow_none=True)
    movements = fields.List(fields.Nested(PostedMovementSchema), required=True)


class StockQuantitySchema(Wire):
    """Units of one item: on hand, promised, free, and on their way."""

    on_hand = fields.Integer(required=True)
    reserved = fields.Integer(required=True)
    free = fields.Integer(required=True)
    in_transit = fields.Integer(required=True)
    on_hand_in_packs = InPacks("on_hand")
    free_in_packs = InPacks("free")


class ItemStockSchema(Wire):
    """One item at a place: the place alone, and with everything below it."""

    item = ItemRef()
    itself = fields.Nested(StockQuantitySchema, required=True)
    subtree = fields.Nested(StockQuantitySchema, required=True)


class StockSchema(Wire):
    """What a place holds."""

    division = fields.Nested(PlaceRefSchema, required=True)
    items = fields.List(fields.Nested(ItemStockSchema), required=True)


class ChildStockSchema(Wire):
    """One child's subtree."""

    division = fields.Nested(PlaceRefSchema, required=True)
    stock = fields.Nested(StockQuantitySchema, required=True)


class StockByChildSchema(Wire):
    """One item at a place, in the place itself, and under each division right below it."""

    division = fields.Nested(PlaceRefSchema, required=True)
    item = ItemRef()
    itself = fields.Nested(StockQuantitySchema, required=True)
    subtree = fields.Nested(StockQuantitySchema, required=True)
    children = fields.List(fields.Nested(ChildStockSchema), required=True)


class OverviewLineSchema(Wire):
    """One item in a place and all below it, and of it what the place itself holds."""

    item = ItemRef()
    on_hand = fields.Integer(required=True)
    in_transit = fields.Integer(required=True)
    here = fields.Integer(required=True)
    on_hand_in_packs = InPacks("on_hand")


class OverviewSchema(Wire):
    """Sums as of an entry of the feed; `behind` entries were committed since."""

    division = fields.Nested(PlaceRefSchema, required=True)
    seq = fields.Integer(required=True)
    as_of = fields.AwareDateTime(required=True, allow_none=True)
    behind = fields.Integer(required=True)
    items = fields.List(fields.Nested(OverviewLineSchema), required=True, attribute="lines")


class ShelfSchema(Wire):
    """One lot in one condition on a depot's shelf."""

    lot_id = fields.Integer(required=True)
    lot = fields.String(required=True, attribute="lot_code")
    item = ItemRef()
    condition = fields.Enum(Condition, by_value=True, required=True)
    on_hand = fields.Integer(required=True)
    reserved = fields.Integer(required=True)
    on_hand_in_packs = InPacks("on_hand")
    owner = DivisionRef("owner_id")
    earmark = DivisionRef("earmark_id", allow_none=True)
    produced_on = fields.Date(required=True, allow_none=True)
    expires_on = fields.Date(required=True, allow_none=True)
    origin = fields.String(required=True)


class StockQuery(Wire):
    """Which place (your district if none is named), and which item (all if none is named)."""

    division = Code(load_default=None)
    item = Code(load_default=None)


class OverviewQuery(Wire):
    """Which place (your district if none is named)."""

    division = Code(load_default=None)


class StockByChildQuery(Wire):
    """Which place (your district if none is named), and which item."""

    division = Code(load_default=None)
    item = Code(required=True)


class ShelfQuery(PageQuery):
    """Which item (all if none is named)."""

    item = Code(load_default=None)


class MovementQuery(PageQuery):
    """Which movements: of one depot, of one item, of one posting."""

    depot = Code(load_default=None)
    item = Code(load_default=None)
    posting = QueryNumber(1, ID_MAX, load_default=None)
