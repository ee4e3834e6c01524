"""The shape of every refusal: problem+json (RFC 9457) with the facts and the faults."""

from __future__ import annotations

from marshmallow import fields

from supplyhub.schemas.fields import Wire


class FaultSchema(Wire):
    """One thing wrong in what was sent."""

    where = fields.String(required=True, metadata={"description": "Path of the field, such as lines[3].item"})
    message = fields.String(required=True)
    facts = fields.Dict(required=True)


class ProblemSchema(Wire):
    """Why the answer is no."""

    type = fields.String(required=True, metadata={"description": "/problems/ and the name of the refusal"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True, metadata={"description": "The path that was asked"})
    facts = fields.Dict(required=True)
    faults = fields.List(fields.Nested(FaultSchema), required=True)
