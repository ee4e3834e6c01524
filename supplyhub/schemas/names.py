"""How answers name things: items, places and depots by code and name, quantities in units and in packs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from flask_babel import gettext
from marshmallow import fields
from marshmallow.experimental.context import Context
from marshmallow.utils import get_value

from supplyhub.domain.catalogue import Item, split_packs
from supplyhub.schemas.fields import Wire

Places: TypeAlias = Mapping[int, tuple[str, str]]
"""Code and name by row number."""


@dataclass(frozen=True)
class Names:
    """Everything that one answer names, by row number: items, and (code, name) of places."""

    language: str
    items: Mapping[int, Item]
    divisions: Places
    depots: Places
    institutions: Places


class Naming(Context[Names]):
    """While it is open, shapes are dumped with these names."""


class ItemRefSchema(Wire):
    """An item, named."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    unit = fields.String(required=True)
    pack_size = fields.Integer(required=True)


class PlaceRefSchema(Wire):
    """A division, depot or institution, named."""

    code = fields.String(required=True)
    name = fields.String(required=True)


class PacksSchema(Wire):
    """A quantity in whole packs and the units that are left."""

    packs = fields.Integer(required=True)
    units = fields.Integer(required=True)


class SpokenSchema(Wire):
    """A code of ours with its meaning in the reader's language."""

    code = fields.String(required=True)
    text = fields.String(required=True)


class ItemRef(fields.Nested):
    """An item's row number, dumped as its code, name, unit and pack."""

    def __init__(self, attribute: str = "item_id", **settings: Any) -> None:
        super().__init__(ItemRefSchema, attribute=attribute, required=True, **settings)

    def get_value(self, *args: Any, **kwargs: Any) -> Any:
        """The item as the reader calls it."""
        number, names = super().get_value(*args, **kwargs), Naming.get()
        if number is None:
            return None
        item = names.items[number]
        return {
            "code": item.code, "name": item.name(names.language), "unit": item.unit(names.language),
            "pack_size": item.pack_size,
        }  # fmt: skip


class PlaceRef(fields.Nested):
    """A place's row number, dumped as its code and name."""

    def __init__(self, attribute: str, known: Callable[[Names], Places], **settings: Any) -> None:
        super().__init__(PlaceRefSchema, attribute=attribute, required=True, **settings)
        self.known = known

    def get_value(self, *args: Any, **kwargs: Any) -> Any:
        """The place, named."""
        number = super().get_value(*args, **kwargs)
        if number is None:
            return None
        code, name = self.known(Naming.get())[number]
        return {"code": code, "name": name}


class DivisionRef(PlaceRef):
    """A division."""

    def __init__(self, attribute: str = "division_id", **settings: Any) -> None:
        super().__init__(attribute, lambda names: names.divisions, **settings)


class DepotRef(PlaceRef):
    """A depot."""

    def __init__(self, attribute: str = "depot_id", **settings: Any) -> None:
        super().__init__(attribute, lambda names: names.depots, **settings)


class InstitutionRef(PlaceRef):
    """An institution, where one is meant."""

    def __init__(self, attribute: str = "institution_id") -> None:
        super().__init__(attribute, lambda names: names.institutions, allow_none=True)


class InPacks(fields.Nested):
    """A quantity of units of the object's item, dumped in whole packs and the units that are left."""

    def __init__(self, units: str, **settings: Any) -> None:
        super().__init__(PacksSchema, required=True, **settings)
        self.units = units  # no `attribute`: another field shows the units as they are

    def get_value(self, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """The quantity, divided."""
        units = get_value(obj, self.units)
        if units is None:
            return None
        packs, loose = split_packs(units, Naming.get().items[get_value(obj, "item_id")].pack_size)
        return {"packs": packs, "units": loose}


class Spoken(fields.Nested):
    """A code of ours, dumped with its meaning; an empty one as null."""

    def __init__(self, meanings: Mapping[str, str], **settings: Any) -> None:
        super().__init__(SpokenSchema, allow_none=True, required=True, **settings)
        self.meanings = meanings

    def get_value(self, *args: Any, **kwargs: Any) -> Any:
        """The code and what it means."""
        code = super().get_value(*args, **kwargs)
        return {"code": code, "text": gettext(self.meanings[code])} if code else None
