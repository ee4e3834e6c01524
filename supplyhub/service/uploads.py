"""What a sheet may name: the items of the catalogue, and the lots that stand in a depot."""

from __future__ import annotations

from supplyhub.domain.catalogue import Item
from supplyhub.domain.people import Actor
from supplyhub.domain.stock import Shelf
from supplyhub.service.unit_of_work import Work

LOTS_MAX = 20_000
"""More lots than any one depot has shelves for."""


def list_goods(work: Work, actor: Actor, depot_code: str | None) -> tuple[list[Item], list[Shelf]]:
    """Every item, and what stands in the depot of this code; nothing stands in one that is not there to be seen."""
    actor.must("read_stock")
    depot = work.places.map_depots([depot_code]).get(depot_code) if depot_code else None
    shelves = work.stock.list_shelves(depot_id=depot.id, limit=LOTS_MAX) if depot else []
    return work.catalogue.list_items(), shelves
