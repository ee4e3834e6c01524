"""Stock of the district, down the tree, and what stands on a depot's shelves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from supplyhub.domain.catalogue import Item
from supplyhub.domain.people import Actor
from supplyhub.domain.places import Depot, Division
from supplyhub.service import catalogue, places, rollups, stock
from supplyhub.service.unit_of_work import Work
from supplyhub.web.door import now, reading, the_actor
from supplyhub.web.paging import number_of

blueprint = Blueprint("stock", __name__)

DEPOTS_MAX = 500
LOTS_SHOWN = 500
SOON = timedelta(days=90)
"""Lots that expire within a quarter are marked: there is still time to use them up."""


@blueprint.get("/stock")
def show_own() -> Response:
    """My own district."""
    return redirect(url_for("stock.show", code=the_actor().division_code))


@blueprint.get("/stock/<word:code>")
def show(code: str) -> str:
    """A place: of one item exactly what stands where; of all items an overview, as of a moment ago."""
    with reading(steady=True) as (work, actor):
        path = places.read_path(work, actor, code)
        division = path[-1]
        items = catalogue.list_items(work, actor)
        item = find_item(items, request.args.get("item", ""))
        view = stock.read_stock(work, actor, division, item_id=item.id) if item else None
        return render_template(
            "stock.html",
            division=division,
            path=path,
            item=item,
            items=items,
            item_by_id={known.id: known for known in items},
            own=view.itself[0] if view and view.itself else None,
            whole=view.subtree[0] if view and view.subtree else None,
            overview=None if item else rollups.read_overview(work, actor, division),
            by_child=stock.read_stock_by_child(work, actor, division, item.id) if item else [],
            children=places.read_children(work, actor, code),
            depots=standing_at(work, actor, division),
        )


@blueprint.get("/depots/<word:code>")
def show_depot(code: str) -> str:
    """What stands in a depot, lot by lot, first to expire first."""
    with reading() as (work, actor):
        items = catalogue.list_items(work, actor)
        item = find_item(items, request.args.get("item", ""))
        skip = number_of(request.args, "skip", 0)
        depot, shelves = stock.read_shelves(
            work, actor, code, item_id=item.id if item else None, skip=skip, limit=LOTS_SHOWN
        )
        named = {depot.division_id, depot.custodian_id}
        for shelf in shelves:
            named |= {shelf.owner_id} | ({shelf.earmark_id} if shelf.earmark_id else set())
        return render_template(
            "depot.html",
            depot=depot,
            shelves=shelves,
            more_after=skip + LOTS_SHOWN if len(shelves) == LOTS_SHOWN else None,
            item=item,
            items=items,
            item_by_id={known.id: known for known in items},
            place_names=work.places.name_divisions(named),
            today=now().date(),
            soon=now().date() + SOON,
            keeps=depot.custodian_id == actor.division_id,
        )


def find_item(items: list[Item], code: str) -> Item | None:
    """The item of this code among them."""
    return next((item for item in items if item.code == code), None)


def standing_at(work: Work, actor: Actor, division: Division) -> list[Depot]:
    """Depots that stand at the place itself: they share its position, those of places below have later ones."""
    actor.must("read_places")
    return work.places.list_depots(below=replace(division, hi=division.lo + 1), limit=DEPOTS_MAX)
