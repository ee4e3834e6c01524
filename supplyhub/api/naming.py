"""Codes and facts: what a body's codes stand for, all unknown ones named at once, and the names an answer needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask_babel import get_locale
from marshmallow import Schema

from supplyhub.domain.catalogue import Item
from supplyhub.domain.refusals import Fault, InvalidInput, words
from supplyhub.domain.stock import UNITS_MAX
from supplyhub.schemas.names import Names, Naming
from supplyhub.service.unit_of_work import Work

Line = Mapping[str, Any]
NOTHING_NAMED = words("nothing in your district has the code {code}")


def each(lines: Sequence[Line], field: str) -> Iterator[tuple[str, str]]:
    """The codes that lines hold in a field, each with its path."""
    return ((f"lines[{place}].{field}", line[field]) for place, line in enumerate(lines) if line.get(field))


def one(sent: Line, field: str) -> list[tuple[str, str]]:
    """The code that a body holds in a field, with its path, if there is one."""
    return [(field, sent[field])] if sent.get(field) else []


def codes_of(*named: Iterable[tuple[str, str]]) -> list[str]:
    """The codes alone."""
    return [code for pairs in named for _, code in pairs]


def find_unknown(named: Iterable[tuple[str, str]], known: Collection[str]) -> list[Fault]:
    """Codes that name nothing here; what lies in a foreign district is not here."""
    return [Fault(where, NOTHING_NAMED, {"code": code}) for where, code in named if code not in known]


def find_too_large(lines: Sequence[Line], items: Mapping[str, Item]) -> list[Fault]:
    """Packs that make more units than any line may hold."""
    message = words("{packs} packs are more than {most} units")
    return [
        Fault(f"lines[{place}].packs", message, {"packs": line["packs"], "most": UNITS_MAX})
        for place, line in enumerate(lines)
        if line.get("packs") and line["item"] in items and line["packs"] * items[line["item"]].pack_size > UNITS_MAX
    ]


def must_be_known(*found: Iterable[Fault]) -> None:
    """Refuse with everything that was found wrong."""
    faults = [fault for faults in found for fault in faults]
    if faults:
        raise InvalidInput(faults=faults)


def units_of(line: Line, item: Item) -> int:
    """A line's quantity in units, whichever way it was given."""
    packs = line.get("packs")
    return int(line["quantity"]) if packs is None else int(packs) * item.pack_size


def language() -> str:
    """The reader's language as the catalogue names it."""
    return "en" if str(get_locale()) == "en" else "zh"


def name_all(
    work: Work,
    *,
    divisions: Iterable[int | None] = (),
    depots: Iterable[int | None] = (),
    institutions: Iterable[int | None] = (),
) -> Names:
    """The names of everything that an answer mentions; items are few and all come along."""
    return Names(
        language(),
        items={item.id: item for item in work.catalogue.list_items()},
        divisions=work.places.name_divisions(number for number in divisions if number is not None),
        depots=work.places.name_depots(number for number in depots if number is not None),
        institutions=work.places.name_institutions(number for number in institutions if number is not None),
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
