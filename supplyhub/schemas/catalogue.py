"""Wire shapes of items and their categories."""

from __future__ import annotations

from marshmallow import fields

from supplyhub.schemas.fields import Wire


class ItemSchema(Wire):
    """An item: quantities count its smallest unit, of which weight and volume are given."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    unit = fields.String(required=True)
    name_zh = fields.String(required=True)
    name_en = fields.String(required=True)
    unit_zh = fields.String(required=True)
    unit_en = fields.String(required=True)
    pack_size = fields.Integer(required=True)
    weight_g = fields.Integer(required=True)
    volume_cm3 = fields.Integer(required=True)
    shelf_life_days = fields.Integer(required=True, allow_none=True)
    durable = fields.Boolean(required=True)
    recoverable = fields.Boolean(required=True)
    product_standard = fields.String(required=True)
    category = fields.String(required=True, attribute="category_code")
    norm_per_1000 = fields.Integer(required=True, allow_none=True)


class CategorySchema(Wire):
    """A category of GB/T 38565."""

    code = fields.String(required=True)
    name = fields.String(required=True)


class CategoryListSchema(Wire):
    """All categories by code."""

    items = fields.List(fields.Nested(CategorySchema), required=True)
