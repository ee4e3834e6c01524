"""Wire shapes of divisions, depots and institutions."""

from __future__ import annotations

from marshmallow import fields

from supplyhub.domain.places import DepotKind, Level, RiskClass
from supplyhub.schemas.fields import Choice, Code, PageQuery, QueryFlag, Text, Wire
from supplyhub.schemas.names import DivisionRef


class DivisionSchema(Wire):
    """An administrative division."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    level = fields.Enum(Level, by_value=True, required=True)
    parent = DivisionRef("parent_id", allow_none=True)
    population = fields.Integer(required=True, allow_none=True)
    population_source = fields.String(required=True)
    lon = fields.Float(required=True, allow_none=True)
    lat = fields.Float(required=True, allow_none=True)
    metres_to_parent = fields.Integer(required=True)
    risk_class = fields.Enum(RiskClass, by_value=True, required=True)
    weight_thousandths = fields.Integer(required=True)


class DivisionListSchema(Wire):
    """Divisions that belong together, all of them."""

    items = fields.List(fields.Nested(DivisionSchema), required=True)


class DepotSchema(Wire):
    """A depot: where it stands, who keeps it and in which form are three facts."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.Enum(DepotKind, by_value=True, required=True)
    division = DivisionRef()
    custodian = DivisionRef("custodian_id")
    metres_to_division = fields.Integer(required=True)


class InstitutionSchema(Wire):
    """A hospital, school or home."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    division = DivisionRef()


class InstitutionListSchema(Wire):
    """The institutions of a division's subtree."""

    items = fields.List(fields.Nested(InstitutionSchema), required=True)


class DivisionQuery(PageQuery):
    """Which divisions."""

    level = Choice(*Level, load_default=None)
    search = Text(60, load_default="")


class DepotQuery(PageQuery):
    """Which depots: of a division's subtree, or those that the own district keeps."""

    division = Code(load_default=None)
    mine = QueryFlag(load_default=False)
