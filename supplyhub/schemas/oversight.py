"""Wire shapes of supervision: the outcome of proving the ledger, and the feed of changes."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext
from marshmallow import fields

from supplyhub.domain.oversight import FeedPlace, VerificationStatus
from supplyhub.domain.refusals import words
from supplyhub.schemas.fields import BASICS, QueryNumber, Wire
from supplyhub.schemas.problems import say_filled
from supplyhub.schemas.stock import PostingViewSchema

NO_PLACE = lazy_gettext(words("is no place in the feed; send back what `next` held, or 0 to begin"))


class LedgerFaultSchema(Wire):
    """One place where the ledger contradicts itself."""

    kind = fields.String(required=True)
    what = fields.Function(lambda fault: say_filled(fault.what, fault.facts), required=True)
    account_id = fields.Integer(required=True, allow_none=True)
    depot = fields.String(required=True, metadata={"description": "Whose account it is, where it is a depot's"})
    item = fields.String(required=True)
    lot = fields.String(required=True)
    lot_id = fields.Integer(required=True, allow_none=True)
    version = fields.Integer(required=True, allow_none=True)


class VerificationSchema(Wire):
    """A proof of the ledger: how far it is, or what it found up to a number of the feed.

    The first hundred faults are kept; those that lie in other districts are counted and not told.
    """

    id = fields.Integer(required=True)
    night = fields.Date(required=True, allow_none=True, metadata={"description": "None where somebody asked for it"})
    status = fields.Enum(VerificationStatus, by_value=True, required=True)
    is_going_on = fields.Boolean(required=True)
    made_at = fields.AwareDateTime(required=True)
    started_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    phase = fields.String(required=True)
    done_steps = fields.Integer(required=True)
    total_steps = fields.Integer(required=True)
    upto_seq = fields.Integer(required=True)
    movements = fields.Integer(required=True)
    balances = fields.Integer(required=True)
    fault_count = fields.Integer(required=True)
    faults = fields.List(fields.Nested(LedgerFaultSchema), required=True)


class Place(fields.String):
    """A place in the feed: a number, and after a hyphen its mark."""

    PATTERN = r"(\d{1,18})(?:-([0-9a-f]{12}))?"
    default_error_messages = {**BASICS, "invalid": NO_PLACE, "invalid_utf8": NO_PLACE}  # noqa: RUF012 - marshmallow reads this class attribute as it is

    def __init__(self, **settings: Any) -> None:
        super().__init__(metadata={"pattern": f"^{self.PATTERN}$"}, **settings)

    def _serialize(self, value: Any, *args: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        return f"{value.seq}-{value.mark}" if value.mark else str(value.seq)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> FeedPlace:  # type: ignore[override]
        match = re.fullmatch(self.PATTERN, str(value), re.ASCII)
        if match is None:
            raise self.make_error("invalid")
        return FeedPlace(int(match[1]), match[2] or "")


class ChangesQuery(Wire):
    """From which place on, and how many entries are looked at."""

    after = Place(load_default=FeedPlace(0))
    limit = QueryNumber(1, 500, load_default=100)


class ChangeSchema(PostingViewSchema):
    """An entry of the feed; `more_movements`: the posting has more than these, read them by its number."""

    seq = fields.Integer(required=True)
    more_movements = fields.Boolean(required=True)


class ChangesSchema(Wire):
    """Entries in the order of the feed; `next` is where to go on, `upto` the last number there is."""

    items = fields.List(fields.Nested(ChangeSchema), required=True)
    next = Place(required=True)
    upto = fields.Integer(required=True)
    more = fields.Boolean(required=True)
