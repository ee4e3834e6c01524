"""What an answer shows: facts in their wire shape, with the names of everything they mention."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import get_locale
from marshmallow import Schema

from supplyhub.domain.catalogue import Item
from supplyhub.domain.stock import MovementFacts
from supplyhub.schemas.names import Names, Naming
from supplyhub.service.unit_of_work import Work


def language() -> str:
    """The reader's language as the catalogue names it."""
    return "en" if str(get_locale()) == "en" else "zh"


def name_all(
    work: Work,
    *,
    items: Sequence[Item] | None = None,
    divisions: Iterable[int | None] = (),
    depots: Iterable[int | None] = (),
    institutions: Iterable[int | None] = (),
) -> Names:
    """The names of everything that an answer mentions; items are few, and all come along unless some are at hand."""
    return Names(
        language(),
        items={item.id: item for item in (work.catalogue.list_items() if items is None else items)},
        divisions=work.places.name_divisions(number for number in divisions if number is not None),
        depots=work.places.name_depots(number for number in depots if number is not None),
        institutions=work.places.name_institutions(number for number in institutions if number is not None),
    )


def name_ends(work: Work, movements: Iterable[MovementFacts]) -> Names:
    """The names of everything between which movements go."""
    found = list(movements)
    return name_all(
        work,
        divisions=[number for one in found for number in (one.from_division_id, one.to_division_id)],
        depots=[number for one in found for number in (one.from_depot_id, one.to_depot_id)],
    )


def show(schema: type[Schema], facts: Any, names: Names | None = None) -> Any:
    """Facts in their wire shape."""
    if names is None:
        return schema().dump(facts)
    with Naming(names):
        return schema().dump(facts)


def page(schema: type[Schema], facts: Sequence[Any], limit: int, key: str, names: Names | None = None) -> Any:
    """One page of what was fetched with one more than `limit`; the next begins after the last one's `key`."""
    shown = facts[:limit]
    following = getattr(shown[-1], key) if len(facts) > limit else None
    return show(schema, {"items": shown, "next": following}, names)
