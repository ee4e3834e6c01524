"""What a keeper writes down: receipts, issues and counts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from supplyhub.domain.people import Actor
from supplyhub.domain.places import Depot
from supplyhub.domain.refusals import words
from supplyhub.domain.stock import (
    AccountKind,
    Condition,
    LotFacts,
    NewCount,
    NewCountLine,
    NewIssue,
    NewIssueLine,
    NewReceipt,
    NewReceiptLine,
    Reason,
)
from supplyhub.schemas.forms import CountForm, IssueForm, ReceiptForm, naming_fields, read_form
from supplyhub.service import stock
from supplyhub.service.unit_of_work import Work
from supplyhub.web.choices import (
    Faults,
    find_goods,
    find_place,
    items_by_code,
    kept_depots,
    own_places,
    possible_owners,
    rows_of,
    units_of,
)
from supplyhub.web.door import Page, now, perform, reading, redrawn_by
from supplyhub.web.drafts import Draft
from supplyhub.web.paging import number_of
from supplyhub.web.stock import LOTS_SHOWN

blueprint = Blueprint("documents", __name__)

RECEIVED_FOR = (Reason.DELIVERY, Reason.DONATION, Reason.RETURN)
ISSUED_TO = {
    Reason.USE: AccountKind.USED,
    Reason.EXPIRED: AccountKind.SCRAPPED,
    Reason.DAMAGED: AccountKind.SCRAPPED,
    Reason.MISSING: AccountKind.LOST,
}
"""What for decides where to: what is used, scrapped or lost stands in accounts of its own."""

CHOSEN_BEFORE = frozenset({"owner", "condition"})
"""Fields of a line that hold something before anything is typed."""


def draw_receipt(draft: Draft) -> str:
    """The form of a receipt."""
    with reading() as (work, actor):
        actor.must("post_receipt")
        return render_template(
            "receipt.html",
            draft=draft,
            depots=kept_depots(work, actor),
            items=items_by_code(work, actor).values(),
            owners=possible_owners(work, actor),
            own_code=actor.division_code,
            reasons=RECEIVED_FOR,
            conditions=list(Condition),
        )


@blueprint.get("/receipts/new")
def new_receipt() -> str:
    """Ask what has arrived."""
    return draw_receipt(Draft(request.args))


@blueprint.post("/receipts")
@redrawn_by(draw_receipt)
def post_receipt() -> Page:
    """Put what has arrived on the shelf."""
    form = read_form(ReceiptForm, request.form, CHOSEN_BEFORE)

    def act(work: Work, actor: Actor) -> str:
        receipt = _receipt(work, actor, form)
        with naming_fields(form["rows"]):
            stock.post_receipt(work, actor, receipt)
        return f"/entries/{work.stamp.posting_id}"

    return perform("post_receipt", act, words("The receipt is posted."))


def _receipt(work: Work, actor: Actor, form: dict[str, Any]) -> NewReceipt:
    faults = Faults()
    items = items_by_code(work, actor)
    depot = work.places.get_depot(form["depot"])
    owners = {owner.code: owner for owner in possible_owners(work, actor)}
    if form["reason"] not in RECEIVED_FOR:
        faults.add("reason", words("choose one of the reasons shown"))
    lines = []
    for prefix, line in rows_of(form, faults):
        item, owner = items.get(line["item"]), owners.get(line["owner"] or actor.division_code)
        units = units_of(line, item, f"{prefix}quantity", faults)
        if item is None:
            faults.add(f"{prefix}item", words("choose one of the items shown"))
        if owner is None:
            faults.add(f"{prefix}owner", words("choose one of the owners shown"))
        made, ends = line["produced_on"], line["expires_on"]
        if made and ends and made >= ends:
            faults.add(f"{prefix}expires_on", words("a lot expires after the day it was produced on"))
        if made and made > now().date():
            faults.add(f"{prefix}produced_on", words("this day has not come yet"))
        if item and owner:
            lot = LotFacts(item.id, owner.id, line["lot"], produced_on=made, expires_on=ends, origin=line["origin"])
            lines.append(NewReceiptLine(lot, units, line["condition"]))
    faults.must_be_none()
    return NewReceipt(depot.id, form["reason"], tuple(lines), form["note"])


def shelf_of(work: Work, actor: Actor, draft: Draft) -> tuple[list[Depot], Depot | None, list[Any]]:
    """The keeper's depots, the one the form is about, and what stands in it, a page of lots at a time."""
    depots = kept_depots(work, actor)
    chosen = draft.value("depot") or (depots[0].code if depots else "")
    depot = next((kept for kept in depots if kept.code == chosen), None)
    skip = number_of(draft.typed, "skip", 0)
    shelves = stock.read_shelves(work, actor, depot.code, skip=skip, limit=LOTS_SHOWN)[1] if depot else []
    return depots, depot, shelves


def draw_issue(draft: Draft) -> str:
    """The form of an issue."""
    with reading() as (work, actor):
        actor.must("post_issue")
        depots, depot, shelves = shelf_of(work, actor, draft)
        return render_template(
            "issue.html",
            draft=draft,
            depots=depots,
            depot=depot,
            shelves=shelves,
            item_by_id={item.id: item for item in items_by_code(work, actor).values()},
            places=own_places(work, actor),
            purposes=tuple(ISSUED_TO),
            today=now().date(),
        )


@blueprint.get("/issues/new")
def new_issue() -> str:
    """Ask what leaves for good."""
    return draw_issue(Draft(request.args))


@blueprint.post("/issues")
@redrawn_by(draw_issue)
def post_issue() -> Page:
    """Take goods off the shelf."""
    form = read_form(IssueForm, request.form)

    def act(work: Work, actor: Actor) -> str:
        issue = _issue(work, actor, form)
        with naming_fields(form["rows"]):
            stock.post_issue(work, actor, issue)
        return f"/entries/{work.stamp.posting_id}"

    return perform("post_issue", act, words("The issue is posted."))


def _issue(work: Work, actor: Actor, form: dict[str, Any]) -> NewIssue:
    faults = Faults()
    items = items_by_code(work, actor)
    depot = work.places.get_depot(form["depot"])
    place = find_place(work, form["place"] or actor.division_code)
    if place is None:
        faults.add("place", words("no place of your district has this code or, alone, this name"))
    if form["purpose"] not in ISSUED_TO:
        faults.add("purpose", words("choose one of the purposes shown"))
    lines = []
    for prefix, line in rows_of(form, faults):
        item, lot_id, condition = find_goods(line["goods"], items)
        units = units_of(line, item, f"{prefix}quantity", faults)
        if item is None:
            faults.add(f"{prefix}goods", words("choose from the goods shown"))
        else:
            lines.append(NewIssueLine(item.id, units, lot_id, condition))
    faults.must_be_none()
    to_id = place.id if place else depot.division_id
    return NewIssue(depot.id, ISSUED_TO[form["purpose"]], to_id, form["purpose"], tuple(lines), form["note"])


def draw_count(draft: Draft) -> str:
    """The form of a count: every shelf of a depot, with what the book says."""
    with reading() as (work, actor):
        actor.must("post_count")
        depots, depot, shelves = shelf_of(work, actor, draft)
        return render_template(
            "count.html",
            draft=draft,
            depots=depots,
            depot=depot,
            shelves=shelves,
            more_after=number_of(draft.typed, "skip", 0) + LOTS_SHOWN if len(shelves) == LOTS_SHOWN else None,
            item_by_id={item.id: item for item in items_by_code(work, actor).values()},
        )


@blueprint.get("/counts/new")
def new_count() -> str:
    """Ask what was counted."""
    return draw_count(Draft(request.args))


@blueprint.post("/counts")
@redrawn_by(draw_count)
def post_count() -> Page:
    """Bring the book to what was counted."""
    form = read_form(CountForm, request.form, frozenset({"shelf", "seen"}))

    def act(work: Work, actor: Actor) -> str:
        count = _count(work, actor, form)
        with naming_fields(form["rows"]):
            moved = stock.post_count(work, actor, count)
        return f"/entries/{work.stamp.posting_id}" if moved else f"/depots/{form['depot']}"

    return perform("post_count", act, words("The count is posted; where book and shelf agreed, nothing changed."))


def _count(work: Work, actor: Actor, form: dict[str, Any]) -> NewCount:
    faults = Faults()
    items = items_by_code(work, actor)
    depot = work.places.get_depot(form["depot"])
    lines = []
    for prefix, line in rows_of(form, faults):
        item, lot_id, condition = find_goods(line["shelf"], items)
        if item is None or lot_id is None:
            faults.add(f"{prefix}shelf", words("choose from the goods shown"))
        else:
            counted = (line["packs"] or 0) * item.pack_size + (line["units"] or 0)
            lines.append(NewCountLine(lot_id, line["seen"], counted, condition))
    faults.must_be_none()
    return NewCount(depot.id, tuple(lines), form["note"])
