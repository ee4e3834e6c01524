"""The fields that every wire shape is made of, each refusing in the reader's words."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, date, datetime
from typing import Any

from flask_babel import lazy_gettext
from marshmallow import Schema, ValidationError, fields, validate

from supplyhub.domain.refusals import words
from supplyhub.domain.stock import UNITS_MAX

ID_MAX = 2**62
"""Larger than any row number, smaller than what overflows in a database."""
LINES_MAX = 5000
"""Lines of one document."""
NOTE_MAX = 400

REQUIRED = lazy_gettext(words("is missing; it is required"))
NOT_NULL = lazy_gettext(words("may not be null"))
UNKNOWN = lazy_gettext(words("is no field of this"))
NOT_AN_OBJECT = lazy_gettext(words("must be a JSON object"))
NOT_A_LIST = lazy_gettext(words("must be a list"))
NOT_TEXT = lazy_gettext(words("must be text"))
NOT_WHOLE = lazy_gettext(words("must be a whole number, written as a number"))
NOT_BOOLEAN = lazy_gettext(words("must be true or false"))
NOT_A_DATE = lazy_gettext(words("must be a date such as 2026-07-01, between 1900 and 2200"))
NOT_A_MOMENT = lazy_gettext(words("must be a moment with its time zone, such as 2026-07-01T08:00:00Z"))
NOT_A_CURSOR = lazy_gettext(words("is no cursor; send back what `next` held, or leave it out"))
BETWEEN = lazy_gettext(words("must be between {min} and {max}"))
LENGTH = lazy_gettext(words("must have {min} to {max} characters"))
LINE_COUNT = lazy_gettext(words("must have {min} to {max} lines"))
CHOICES = lazy_gettext(words("must be one of: {choices}"))

BASICS = {"required": REQUIRED, "null": NOT_NULL, "validator_failed": NOT_TEXT}


class Wire(Schema):
    """A wire shape: takes no unknown fields, and says so in the reader's words."""

    error_messages = {"unknown": UNKNOWN, "type": NOT_AN_OBJECT}  # noqa: RUF012 - marshmallow reads this class attribute as it is


class Whole(fields.Integer):
    """A whole number; 3.0 is one too, as in JSON Schema, 3.5 and "3" and true are none."""

    default_error_messages = {**BASICS, "invalid": NOT_WHOLE, "too_large": NOT_WHOLE}  # noqa: RUF012 - as above

    def __init__(self, least: int = 0, most: int = UNITS_MAX, **settings: Any) -> None:
        super().__init__(validate=validate.Range(least, most, error=BETWEEN), **settings)

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
            raise self.make_error("invalid")
        return int(value)


class QueryNumber(fields.Integer):
    """A whole number in a query string."""

    default_error_messages = {**BASICS, "invalid": NOT_WHOLE, "too_large": NOT_WHOLE}  # noqa: RUF012 - as above

    def __init__(self, least: int, most: int, **settings: Any) -> None:
        super().__init__(validate=validate.Range(least, most, error=BETWEEN), **settings)


class Flag(fields.Boolean):
    """True or false in JSON; 1, "true" and "yes" are neither."""

    default_error_messages = {**BASICS, "invalid": NOT_BOOLEAN}  # noqa: RUF012 - as above

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class QueryFlag(fields.Boolean):
    """True or false in a query string, in these words."""

    default_error_messages = {**BASICS, "invalid": NOT_BOOLEAN}  # noqa: RUF012 - as above
    truthy = {"true"}  # noqa: RUF012 - marshmallow reads these class attributes as they are
    falsy = {"false"}  # noqa: RUF012 - as above


class Text(fields.String):
    """Text of bounded length."""

    default_error_messages = {**BASICS, "invalid": NOT_TEXT, "invalid_utf8": NOT_TEXT}  # noqa: RUF012 - as above

    def __init__(self, most: int, *, least: int = 0, **settings: Any) -> None:
        super().__init__(validate=validate.Length(least, most, error=LENGTH), **settings)


class Code(Text):
    """The code of a division, depot, item, institution or lot."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(64, least=1, **settings)


class Choice(fields.String):
    """One of a few codes."""

    default_error_messages = {**BASICS, "invalid": NOT_TEXT, "invalid_utf8": NOT_TEXT}  # noqa: RUF012 - as above

    def __init__(self, *choices: str, **settings: Any) -> None:
        super().__init__(validate=validate.OneOf(choices, error=CHOICES), **settings)


class Day(fields.Date):
    """A date."""

    default_error_messages = {**BASICS, "invalid": NOT_A_DATE, "format": NOT_A_DATE}  # noqa: RUF012 - as above

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> date:
        day = super()._deserialize(value, *args, **kwargs)
        if not 1900 <= day.year <= 2200:
            raise self.make_error("invalid", input=value, obj_type="date")
        return day


class Moment(fields.AwareDateTime):
    """A moment with its time zone; answered in UTC."""

    default_error_messages = {  # noqa: RUF012 - as above
        **BASICS,
        "invalid": NOT_A_MOMENT, "format": NOT_A_MOMENT, "invalid_awareness": NOT_A_MOMENT,
    }  # fmt: skip

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> datetime:
        moment = super()._deserialize(value, *args, **kwargs)
        if not 1900 <= moment.year <= 2200:
            raise self.make_error("invalid", input=value, obj_type="datetime")
        return moment.astimezone(UTC)


class Lines(fields.List[Any]):
    """The lines of a document: at least one, at most five thousand."""

    default_error_messages = {**BASICS, "invalid": NOT_A_LIST}  # noqa: RUF012 - as above

    def __init__(self, line: type[Schema], *, least: int = 1, **settings: Any) -> None:
        size = validate.Length(least, LINES_MAX, error=LINE_COUNT)
        super().__init__(Inner(line), validate=size, **settings)


class Inner(fields.Nested):
    """An object inside another."""

    default_error_messages = {**BASICS, "type": NOT_AN_OBJECT}  # noqa: RUF012 - as above


class Cursor(fields.Field[int]):
    """Where a list goes on: the last row number, wrapped so that nobody reckons with it."""

    default_error_messages = {**BASICS, "invalid": NOT_A_CURSOR}  # noqa: RUF012 - as above

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else base64.urlsafe_b64encode(f"after:{value}".encode()).decode().rstrip("=")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        try:
            text = base64.urlsafe_b64decode(f"{value}=="[: -(-len(str(value)) // 4) * 4]).decode()
            number = int(text.removeprefix("after:"))
        except (ValueError, binascii.Error) as error:
            raise self.make_error("invalid") from error
        if not text.startswith("after:") or not 0 <= number <= ID_MAX:
            raise self.make_error("invalid")
        return number


class PageQuery(Wire):
    """How much of a list, and from where on."""

    limit = QueryNumber(1, 500, load_default=50)
    cursor = Cursor(load_default=None)


def page_of(schema: type[Schema]) -> type[Schema]:
    """The shape of one page of a list."""
    name = schema.__name__.removesuffix("Schema") + "Page"
    return Wire.from_dict(
        {"items": fields.List(fields.Nested(schema), required=True), "next": Cursor(required=True, allow_none=True)},
        name=name,
    )


def must_be_valid(found: dict[str, Any]) -> None:
    """Refuse with every message found, by field."""
    if found:
        raise ValidationError(found)
