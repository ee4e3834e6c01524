"""Wire shapes of tokens and of the caller."""

from __future__ import annotations

from marshmallow import fields

from supplyhub.domain.people import Role
from supplyhub.schemas.fields import Text, Whole, Wire
from supplyhub.schemas.names import PlaceRefSchema

TOKEN_DAYS_MAX = 3650


class NewTokenSchema(Wire):
    """Name and password, and what the token is for."""

    username = Text(64, least=1, required=True)
    password = Text(200, least=1, required=True)
    label = Text(120, least=1, load_default="API")
    valid_days = Whole(1, TOKEN_DAYS_MAX, load_default=None, allow_none=True)


class NewTokenAnswerSchema(Wire):
    """A new token: shown here, and never again."""

    id = fields.Integer(required=True)
    token = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True, allow_none=True)


class TokenSchema(Wire):
    """A token of the caller's own, without the secret."""

    id = fields.Integer(required=True)
    label = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True, allow_none=True)
    revoked_at = fields.AwareDateTime(required=True, allow_none=True)


class TokenListSchema(Wire):
    """All tokens of the caller."""

    items = fields.List(fields.Nested(TokenSchema), required=True)


class MeSchema(Wire):
    """Who the caller is, and what he may do."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    role = fields.Enum(Role, by_value=True, required=True)
    division = fields.Nested(PlaceRefSchema, required=True)
    rights = fields.List(fields.String(), required=True)
