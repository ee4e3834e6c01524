"""Codes in what was sent: what they stand for, and everything that stands for nothing, told at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from supplyhub.domain.catalogue import Item
from supplyhub.domain.refusals import Fault, InvalidInput, words
from supplyhub.domain.stock import UNITS_MAX

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


def find_unknown_in(lines: Sequence[Line], field: str, known: Collection[str]) -> list[Fault]:
    """The same of the codes that lines hold in a field."""
    return [
        Fault(f"lines[{place}].{field}", NOTHING_NAMED, {"code": line[field]})
        for place, line in enumerate(lines)
        if line.get(field) and line[field] not in known
    ]


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
