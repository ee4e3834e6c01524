"""Asking: new requests, how they stand, what was granted and why not more, answers and withdrawals."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from flask import Blueprint, render_template, request

from supplyhub.domain.people import Actor
from supplyhub.domain.places import Division, Institution
from supplyhub.domain.refusals import NotFound, words
from supplyhub.domain.requests import PRIORITIES, NewRequest, NewRequestLine
from supplyhub.schemas.forms import AnswerForm, RequestForm, StepForm, naming_fields, read_form
from supplyhub.service import catalogue, places, requests
from supplyhub.service.unit_of_work import Work
from supplyhub.web.choices import Faults, items_by_code, own_places, rows_of, units_of
from supplyhub.web.door import Page, perform, reading, redrawn_by
from supplyhub.web.drafts import Draft
from supplyhub.web.paging import PAGE, before_of, number_of, older_than
from supplyhub.web.wording import CHINA

blueprint = Blueprint("requests", __name__)

LINES_SHOWN = 100


@blueprint.get("/requests")
def show_all() -> str:
    """Requests of the district, latest first."""
    with reading() as (work, actor):
        shown = requests.list_requests(work, actor, before=before_of(request.args), limit=PAGE)
        return render_template(
            "requests.html",
            actor=actor,
            requests=shown,
            older=older_than(shown),
            place_names=work.places.name_divisions(each.township_id for each in shown),
        )


def draw(draft: Draft, request_id: int, line_id: int = 0) -> str:
    """One request: each line with what was granted, why not more, and what is on its way."""
    with reading() as (work, actor):
        asked = requests.read_request(work, actor, request_id)
        after = number_of(request.args, "after", 0)
        lines = requests.read_request_lines(work, actor, request_id, after=after, limit=LINES_SHOWN)
        divisions = {asked.township_id, *(view.line.division_id for view in lines)}
        return render_template(
            "request.html",
            actor=actor,
            draft=draft,
            answering=line_id,
            request_=asked,
            lines=lines,
            more_after=lines[-1].line.id if len(lines) == LINES_SHOWN else None,
            item_by_id={item.id: item for item in catalogue.list_items(work, actor)},
            place_names=work.places.name_divisions(divisions),
            institution_names={
                institution.id: institution.name
                for institution in places.list_institutions(work, actor, actor.division_code)
            }
            if any(view.line.institution_id for view in lines)
            else {},
        )


@blueprint.get("/requests/<row:request_id>")
def show(request_id: int) -> str:
    """One request."""
    return draw(Draft(), request_id)


def draw_new(draft: Draft) -> str:
    """The form of a request."""
    with reading() as (work, actor):
        actor.must("make_request")
        return render_template(
            "request_new.html",
            draft=draft,
            places=own_places(work, actor),
            institutions=places.list_institutions(work, actor, actor.division_code),
            items=items_by_code(work, actor).values(),
            priorities=PRIORITIES,
        )


@blueprint.get("/requests/new")
def new_request() -> str:
    """Ask what is needed."""
    return draw_new(Draft(request.args))


@blueprint.post("/requests")
@redrawn_by(draw_new)
def make_request() -> Page:
    """Ask for communities and institutions of the own district."""
    form = read_form(RequestForm, request.form, frozenset({"priority"}))

    def act(work: Work, actor: Actor) -> str:
        wanted = _request(work, actor, form)
        with naming_fields(form["rows"]):
            return f"/requests/{requests.make_request(work, actor, wanted)}"

    return perform("make_request", act, words("The request is made; the next planning run takes it up."))


def _request(work: Work, actor: Actor, form: dict[str, Any]) -> NewRequest:
    faults = Faults()
    items = items_by_code(work, actor)
    institutions = {known.code: known for known in places.list_institutions(work, actor, actor.division_code)}
    lines = []
    for prefix, line in rows_of(form, faults):
        item = items.get(line["item"])
        target = _target(work, line["target"], institutions)
        unknown = line["amount_unknown"] and not line["packs"] and not line["units"]
        units = None if unknown else units_of(line, item, f"{prefix}quantity", faults)
        if item is None:
            faults.add(f"{prefix}item", words("choose one of the items shown"))
        if target is None:
            faults.add(f"{prefix}target", words("choose one of the places shown"))
        if item and target:
            division_id, institution_id = target
            lines.append(
                NewRequestLine(
                    division_id, item.id, units, line["priority"], institution_id,
                    needed_by=_end_of(line["needed_by"]), reason=line["reason"],
                    override_reason=line["override_reason"],
                )
            )  # fmt: skip
    faults.must_be_none()
    return NewRequest(form["reason"], tuple(lines))


def _target(work: Work, said: str, institutions: dict[str, Institution]) -> tuple[int, int | None] | None:
    """(division id, institution id or None) of `division:CODE` or `institution:CODE`."""
    kind, _, code = said.partition(":")
    institution = institutions.get(code) if kind == "institution" else None
    division: Division | None = work.places.find_division(code) if kind == "division" else None
    if institution is not None:
        return institution.division_id, institution.id
    return None if division is None else (division.id, None)


def _end_of(day: Any) -> datetime | None:
    """Needed by a day means before it is over, by China's clock."""
    return None if day is None else datetime.combine(day, time(23, 59), CHINA)


@blueprint.post("/requests/<row:request_id>/withdrawal")
@redrawn_by(draw)
def withdraw_request(request_id: int) -> Page:
    """Take a request back."""
    form = read_form(StepForm, request.form)

    def act(work: Work, actor: Actor) -> str:
        requests.withdraw_request(work, actor, request_id, seen_version=form["version"])
        return f"/requests/{request_id}"

    done = words("The request is withdrawn; what is on its way already still comes.")
    return perform("withdraw_request", act, done)


@blueprint.post("/requests/<row:request_id>/lines/<row:line_id>/answer")
@redrawn_by(draw)
def answer_request_line(request_id: int, line_id: int) -> Page:
    """Say how many are needed where the amount was unknown."""
    form = read_form(AnswerForm, request.form)

    def act(work: Work, actor: Actor) -> str:
        faults = Faults()
        line = work.requests.get_line(line_id)
        if line.request_id != request_id:
            raise NotFound(noun="request line", key=str(line_id))
        item = next(item for item in catalogue.list_items(work, actor) if item.id == line.item_id)
        units = units_of(form, item, "quantity", faults)
        faults.must_be_none()
        requests.answer_request_line(work, actor, line_id, units, form["override_reason"])
        return f"/requests/{line.request_id}"

    return perform("answer_request_line", act, words("Thank you: the line is planned from now on."))
