"""Shapes compiled for speed: what is sent right is loaded without marshmallow, at a tenth of its cost.

A compiled shape only ever says "this is what marshmallow would load" or "ask marshmallow", which then finds the words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any, TypeAlias

from marshmallow import Schema, ValidationError, fields, missing

from supplyhub.schemas.fields import Choice, Day, Lines, Text, Whole

ASK = object()
"""What a compiled shape gives for everything that it is not sure about."""

Load: TypeAlias = Callable[[Any], Any]


@cache
def compiled(schema: type[Schema]) -> Load:
    """What loads plain JSON values of a shape, or gives `ASK`."""
    shape = schema()
    loads = {name: _field(field) for name, field in shape.load_fields.items()}
    defaults = {
        name: field.load_default for name, field in shape.load_fields.items() if field.load_default is not missing
    }
    required = frozenset(name for name, field in shape.load_fields.items() if field.required)
    rules = [getattr(shape, hook[0]) for hook in shape._hooks.get("validates_schema", [])]
    plain = all(field.data_key is None and field.attribute is None for field in shape.load_fields.values())
    return _object(loads, defaults, required, rules) if plain and not _has_other_hooks(shape) else _ask


def _has_other_hooks(shape: Schema) -> bool:
    return any(shape._hooks.get(kind) for kind in ("pre_load", "post_load", "validates"))


def _object(
    loads: Mapping[str, Load], defaults: Mapping[str, Any], required: frozenset[str], rules: list[Callable[..., None]]
) -> Load:
    made_anew = {name: value for name, value in defaults.items() if callable(value)}

    def load(sent: Any) -> Any:
        if type(sent) is not dict or not required <= sent.keys():
            return ASK
        loaded = dict(defaults)
        for name, make in made_anew.items():
            loaded[name] = make()
        for name, value in sent.items():
            load_field = loads.get(name)
            if load_field is None:
                return ASK
            loaded[name] = made = load_field(value)
            if made is ASK:
                return ASK
        try:
            for rule in rules:
                rule(loaded)
        except ValidationError:
            return ASK
        return loaded

    return load


def _field(field: fields.Field[Any]) -> Load:
    load = next((make(field) for kind, make in KINDS if isinstance(field, kind)), _ask)

    def load_any(value: Any) -> Any:
        return None if value is None else load(value)

    return load_any if field.allow_none else load


def _ask(_value: Any) -> Any:
    return ASK


def _whole(field: Whole) -> Load:
    [bounds] = field.validators
    least, most = bounds.min, bounds.max  # type: ignore[attr-defined]  # every Whole has a Range
    return lambda value: value if type(value) is int and least <= value <= most else ASK


def _text(field: Text) -> Load:
    [length] = field.validators
    least, most = length.min, length.max  # type: ignore[attr-defined]  # every Text has a Length
    return lambda value: value if type(value) is str and least <= len(value) <= most else ASK


def _choice(field: Choice) -> Load:
    [one_of] = field.validators
    choices = frozenset(one_of.choices)  # type: ignore[attr-defined]  # every Choice has a OneOf
    return lambda value: value if type(value) is str and value in choices else ASK


@lru_cache(4096)
def _written_day(text: str) -> Any:
    try:
        day = date.fromisoformat(text) if len(text) == 10 and text[4] == text[7] == "-" else None
    except ValueError:
        return ASK
    return day if day is not None and 1900 <= day.year <= 2200 else ASK


def _day(value: Any) -> Any:
    return _written_day(value) if type(value) is str else ASK


def _days(_field: Day) -> Load:
    return _day


def _lines(field: Lines) -> Load:
    [length] = field.validators
    least, most = length.min, length.max  # type: ignore[attr-defined]  # all Lines have a Length
    line = compiled(field.inner.schema.__class__)  # type: ignore[attr-defined]  # the inner field of Lines is a nested shape

    def load(sent: Any) -> Any:
        if type(sent) is not list or not least <= len(sent) <= most:
            return ASK
        loaded = [line(each) for each in sent]
        return ASK if ASK in loaded else loaded

    return load


KINDS: tuple[tuple[type[fields.Field[Any]], Callable[[Any], Load]], ...] = (
    (Whole, _whole), (Choice, _choice), (Day, _days), (Lines, _lines), (Text, _text),
)  # fmt: skip
"""Fields that are compiled, and how; of any other kind marshmallow is asked."""
