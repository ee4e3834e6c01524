"""Wire shapes of supervision: the outcome of proving the ledger."""

from __future__ import annotations

from marshmallow import fields

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
    """What was proved: movements, balances, and how many faults were found; the first hundred are told."""

    movements = fields.Integer(required=True)
    balances = fields.Integer(required=True)
    fault_count = fields.Integer(required=True)
    faults = fields.List(fields.Nested(LedgerFaultSchema), required=True)
