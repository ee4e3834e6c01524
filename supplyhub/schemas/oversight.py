"""Wire shapes of supervision: the outcome of proving the ledger."""

from __future__ import annotations

from marshmallow import fields

from supplyhub.domain.oversight import VerificationStatus
from supplyhub.schemas.fields import Wire
from supplyhub.schemas.problems import say_filled


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
