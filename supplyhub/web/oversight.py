"""Supervision: entries and movements, reversing an entry, proving the ledger."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext

from supplyhub.domain.people import Actor
from supplyhub.domain.refusals import words
from supplyhub.domain.stock import MovementFacts
from supplyhub.service import catalogue, oversight, proving, stock
from supplyhub.service.unit_of_work import Work
from supplyhub.web.door import Page, now, perform, reading, redrawn_by, the_actor, the_hub
from supplyhub.web.drafts import Draft
from supplyhub.web.paging import PAGE, before_of, code_of, older_than

blueprint = Blueprint("oversight", __name__)

FORMS = {
    "post_receipt": ("documents.new_receipt", words("Receive more")),
    "post_issue": ("documents.new_issue", words("Issue more")),
    "post_count": ("documents.new_count", words("Count more")),
}
"""What a keeper goes on with after an entry of a kind: a form, and what the way there is called."""


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
            more=FORMS.get(posting.verb),
            may_more=actor.may(posting.verb),
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


def draw_ledger(draft: Draft) -> str:
    """The last proof, the nights before it, the newest seal, and the button that has the ledger proved now."""
    with reading() as (work, actor):
        proofs = proving.list_verifications(work, actor, before=before_of(request.args), limit=PAGE)
        return render_template(
            "ledger.html",
            actor=actor,
            draft=draft,
            last=proving.read_last_verification(work, actor),
            proofs=proofs,
            older=older_than(proofs),
            seal=oversight.find_last_seal(work),
        )


@blueprint.get("/ledger")
def show_ledger() -> str:
    """What the ledger was found to be."""
    return draw_ledger(Draft())


@blueprint.post("/ledger")
@redrawn_by(draw_ledger)
def start_verification() -> Page:
    """Have the whole ledger proved now; a second wish means the proof that goes on, so that it needs no key."""
    actor = the_actor()
    number = the_hub().write(lambda work: proving.start_verification(work, actor), at=now())
    return redirect(f"/ledger/verifications/{number}", 303)


def draw_verification(draft: Draft, verification_id: int) -> str:
    """One proof: how far it is, or what it found."""
    return _draw_verification("verification.html", draft, verification_id)


@blueprint.get("/ledger/verifications/<row:verification_id>")
def show_verification(verification_id: int) -> str:
    """One proof."""
    return draw_verification(Draft(), verification_id)


@blueprint.get("/ledger/verifications/<row:verification_id>/progress")
def show_verification_progress(verification_id: int) -> str:
    """The part of the page that changes while the proof goes on."""
    return _draw_verification("_verification_progress.html", Draft(), verification_id)


def _draw_verification(template: str, draft: Draft, verification_id: int) -> str:
    with reading() as (work, actor):
        proof = proving.read_verification(work, actor, verification_id)
        return render_template(template, actor=actor, draft=draft, proof=proof)


@blueprint.post("/ledger/verifications/<row:verification_id>/cancellation")
@redrawn_by(draw_verification)
def cancel_verification(verification_id: int) -> Page:
    """Stop a proof."""
    actor = the_actor()
    the_hub().write(lambda work: proving.cancel_verification(work, actor, verification_id), at=now())
    flash(gettext("The proof is stopped."), "success")
    return redirect(f"/ledger/verifications/{verification_id}", 303)
