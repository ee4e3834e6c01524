"""Wire shapes of supervision: the outcome of proving the ledger."""

from __future__ import annotations

from marshmallow import fields

from supplyhub.schemas.fields import Wire


class LedgerFaultSchema(Wire):
    """One place where the ledger contradicts itself."""

    kind = fields.String(required=True)
    account_id = fields.Integer(required=True)
    lot_id = fields.Integer(required=True)
    version = fields.Integer(required=True)
    what = fields.String(required=True)


class VerificationSchema(Wire):
    """What was proved: ends of movements, balances, and every fault found."""

    movements = fields.Integer(required=True)
    balances = fields.Integer(required=True)
    faults = fields.List(fields.Nested(LedgerFaultSchema), required=True)
