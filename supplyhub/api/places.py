"""Divisions, depots and institutions over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from supplyhub.api.door import Door
from supplyhub.api.naming import name_all, page, show
from supplyhub.domain.people import Actor
from supplyhub.domain.places import Depot, Division, Level
from supplyhub.schemas.fields import page_of
from supplyhub.schemas.names import Names
from supplyhub.schemas.places import (
    DepotQuery,
    DepotSchema,
    DivisionListSchema,
    DivisionQuery,
    DivisionSchema,
    InstitutionListSchema,
)
from supplyhub.service import places
from supplyhub.service.unit_of_work import Work

door = Door("places", "Divisions, depots and institutions of your district")
DivisionPage, DepotPage = page_of(DivisionSchema), page_of(DepotSchema)


def _parents(work: Work, divisions: Sequence[Division]) -> Names:
    return name_all(work, divisions=[division.parent_id for division in divisions])


def _whereabouts(work: Work, depots: Sequence[Depot]) -> Names:
    return name_all(work, divisions=[number for depot in depots for number in (depot.division_id, depot.custodian_id)])


@door.reads("/divisions", "read_places", DivisionPage, DivisionQuery)
def list_divisions(work: Work, actor: Actor, query: dict[str, Any]) -> Any:
    """Divisions of your district in tree order."""
    level = Level(query["level"]) if query["level"] else None
    after = -1 if query["cursor"] is None else query["cursor"]
    found = places.list_divisions(
        work, actor, level=level, search=query["search"], after=after, limit=query["limit"] + 1
    )
    return page(DivisionPage, found, query["limit"], "lo", _parents(work, found))


@door.reads("/divisions/<code:division>", "read_places", DivisionSchema)
def read_division(work: Work, actor: Actor, division: str) -> Any:
    """One division."""
    found = places.read_division(work, actor, division)
    return show(DivisionSchema, found, _parents(work, [found]))


@door.reads("/divisions/<code:division>/children", "read_places", DivisionListSchema)
def read_children(work: Work, actor: Actor, division: str) -> Any:
    """The divisions right below one, in tree order."""
    found = places.read_children(work, actor, division)
    return show(DivisionListSchema, {"items": found}, _parents(work, found))


@door.reads("/divisions/<code:division>/path", "read_places", DivisionListSchema)
def read_path(work: Work, actor: Actor, division: str) -> Any:
    """From the top of your district down to a division."""
    found = places.read_path(work, actor, division)
    return show(DivisionListSchema, {"items": found}, _parents(work, found))


@door.reads("/divisions/<code:division>/institutions", "read_places", InstitutionListSchema)
def list_institutions(work: Work, actor: Actor, division: str) -> Any:
    """The institutions of a division's subtree, by name."""
    found = places.list_institutions(work, actor, division)
    names = name_all(work, divisions=[institution.division_id for institution in found])
    return show(InstitutionListSchema, {"items": found}, names)


@door.reads("/depots", "read_places", DepotPage, DepotQuery)
def list_depots(work: Work, actor: Actor, query: dict[str, Any]) -> Any:
    """Depots that stand in your district or are kept by it."""
    found = places.list_depots(
        work,
        actor,
        below=query["division"],
        kept_by=actor.division_id if query["mine"] else None,
        after=query["cursor"] or 0,
        limit=query["limit"] + 1,
    )
    return page(DepotPage, found, query["limit"], "id", _whereabouts(work, found))


@door.reads("/depots/<code:depot>", "read_places", DepotSchema)
def read_depot(work: Work, actor: Actor, depot: str) -> Any:
    """One depot."""
    found = places.read_depot(work, actor, depot)
    return show(DepotSchema, found, _whereabouts(work, [found]))
