"""What forms offer to choose from, and what a choice that comes back stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from supplyhub.domain.catalogue import Item
from supplyhub.domain.people import Actor
from supplyhub.domain.places import Depot, Division
from supplyhub.domain.refusals import Fault, InvalidInput, words
from supplyhub.domain.stock import UNITS_MAX, Condition
from supplyhub.service import catalogue, places
from supplyhub.service.unit_of_work import Work

PLACES_MAX = 500
"""How many places a list to choose from holds; beyond, the code or the name is typed."""


class Faults:
    """Collects what is wrong, so that it is said all at once."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, where: str, message: str, **facts: Any) -> None:
        """One more fault."""
        self.found.append(Fault(where, message, facts))

    def must_be_none(self) -> None:
        """Refuse if there are any."""
        if self.found:
            raise InvalidInput(faults=self.found)


def kept_depots(work: Work, actor: Actor) -> list[Depot]:
    """The depots whose keeper the actor is."""
    return places.list_depots(work, actor, kept_by=actor.division_id, limit=PLACES_MAX)


def own_places(work: Work, actor: Actor) -> list[Division]:
    """The places of the district, in tree order."""
    return places.list_divisions(work, actor, limit=PLACES_MAX)


def possible_owners(work: Work, actor: Actor) -> list[Division]:
    """Who may own what the actor keeps: the own division and those above it."""
    return work.everywhere.list_path(work.places.get_division(actor.division_code))


def items_by_code(work: Work, actor: Actor) -> dict[str, Item]:
    """The catalogue."""
    return {item.code: item for item in catalogue.list_items(work, actor)}


def units_of(line: Mapping[str, Any], item: Item | None, where: str, faults: Faults) -> int:
    """Packs and units of a line together; at least one unit."""
    if item is None:
        return 0
    units: int = line["packs"] * item.pack_size + line["units"]
    if not 1 <= units <= UNITS_MAX:
        faults.add(where, words("write how many packs or units: at least 1 unit, at most {most}"), most=UNITS_MAX)
    return units


def find_place(work: Work, said: str) -> Division | None:
    """The place of the district whose code the text begins with, or whose name alone it is."""
    code = re.match(r"\d{12}", said, re.ASCII)
    if code:
        return work.places.find_division(code[0])
    named = [place for place in work.places.list_divisions(search=said, limit=PLACES_MAX) if place.name == said]
    return named[0] if len(named) == 1 else None


def find_goods(said: str, items: Mapping[str, Item]) -> tuple[Item | None, int | None, Condition]:
    """An item for first-expired lots (`item:CODE`), or a named lot (`lot:ID:CODE:CONDITION`)."""
    kind, _, rest = said.partition(":")
    if kind == "item":
        return items.get(rest), None, Condition.GOOD
    match = re.fullmatch(r"(\d{1,18}):([^:]+):(good|damaged|quarantined)", rest, re.ASCII) if kind == "lot" else None
    if match is None:
        return None, None, Condition.GOOD
    return items.get(match[2]), int(match[1]), Condition(match[3])


def rows_of(form: Mapping[str, Any], faults: Faults) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """(field prefix, line) for each filled line; a form without any is refused."""
    if not form["lines"]:
        faults.add("lines", words("fill in at least one line"))
    return [(f"lines-{row}-", line) for row, line in zip(form["rows"], form["lines"], strict=True)]
