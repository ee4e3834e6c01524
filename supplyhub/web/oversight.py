"""Supervision: entries and movements, reversing an entry, proving the ledger."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from supplyhub.domain.people import Actor
from supplyhub.domain.refusals import words
from supplyhub.domain.stock import MovementFacts
from supplyhub.service import catalogue, oversight, stock
from supplyhub.service.unit_of_work import Work
from supplyhub.web.door import Page, perform, reading, redrawn_by
from supplyhub.web.drafts import Draft
from supplyhub.web.paging import PAGE, before_of, code_of, older_than

blueprint = Blueprint("oversight", __name__)


@blueprint.get("/entries")
def show_entries() -> str:
    """Entries of the district that moved stock, latest first."""
    with reading() as (work, actor):
        postings = oversight.list_postings(work, actor, before=before_of(request.args), limit=PAGE)
        return render_template("entries.html", postings=postings, older=older_than(postings))


def draw_entry(draft: Draft, posting_id: int) -> str:
    """One entry and its movements."""
    with reading() as (work, actor):
        posting, movements = oversight.read_posting(work, actor, posting_id)
        return render_template(
            "entry.html",
            draft=draft,
            posting=posting,
            movements=movements,
            may_reverse=actor.may("reverse_posting")
            and posting.verb in stock.REVERSIBLE
            and posting.reversed_by is None,
            **_names(work, actor, movements),
        )


@blueprint.get("/entries/<row:posting_id>")
def show_entry(posting_id: int) -> str:
    """One entry."""
    return draw_entry(Draft(), posting_id)


@blueprint.post("/entries/<row:posting_id>/reversal")
@redrawn_by(draw_entry)
def reverse_posting(posting_id: int) -> Page:
    """Answer a mistake with the same units the other way round."""

    def act(work: Work, actor: Actor) -> str:
        stock.reverse_posting(work, actor, posting_id)
        return f"/entries/{work.stamp.posting_id}"

    return perform("reverse_posting", act, words("The entry is reversed."), reverses_id=posting_id)


@blueprint.get("/movements")
def show_movements() -> str:
    """Movements with either end in the district, latest first."""
    depot, item = code_of(request.args, "depot"), code_of(request.args, "item")
    with reading() as (work, actor):
        movements = oversight.list_movements(
            work, actor, depot_code=depot or None, item_code=item or None, before=before_of(request.args), limit=PAGE
        )
        return render_template(
            "movements.html",
            movements=movements,
            depot=depot,
            item=item,
            items=catalogue.list_items(work, actor),
            older=older_than(movements),
            **_names(work, actor, movements),
        )


def _names(work: Work, actor: Actor, movements: list[MovementFacts]) -> dict[str, object]:
    depots = {depot for m in movements for depot in (m.from_depot_id, m.to_depot_id) if depot is not None}
    divisions = {division for m in movements for division in (m.from_division_id, m.to_division_id)}
    return {
        "item_by_id": {item.id: item for item in catalogue.list_items(work, actor)},
        "depot_names": work.places.name_depots(depots),
        "place_names": work.places.name_divisions(divisions),
    }


@blueprint.get("/ledger")
def show_ledger() -> str:
    """What proving the ledger means, and the button that does it."""
    with reading() as (_, actor):
        actor.must("verify_ledger")
    return render_template("ledger.html", verification=None)


@blueprint.post("/ledger")
def verify_ledger() -> str:
    """Prove the whole ledger; it only reads, so it needs no key."""
    with reading(steady=True) as (work, actor):
        return render_template("ledger.html", verification=oversight.verify_ledger(work, actor))
