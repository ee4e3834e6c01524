"""Plans: who gets what, how far that goes round, why not more; approving and rejecting them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, render_template, request

from supplyhub.domain.people import Actor
from supplyhub.domain.places import Division
from supplyhub.domain.planning import LIMITS, PLAN_STEPS, PlanLine
from supplyhub.domain.refusals import words
from supplyhub.domain.requests import PRIORITIES
from supplyhub.schemas.forms import ApprovalForm, RejectionForm, read_form
from supplyhub.service import catalogue, places, planning, transfers
from supplyhub.service.unit_of_work import Work
from supplyhub.web.door import Page, perform, reading, redrawn_by
from supplyhub.web.drafts import Draft
from supplyhub.web.flow_picture import draw_flows
from supplyhub.web.paging import PAGE, before_of, code_of, number_of, older_than
from supplyhub.web.stock import find_item

blueprint = Blueprint("plans", __name__)

LINES_SHOWN = 100


@blueprint.get("/plans")
def show_all() -> str:
    """Plans of the district, latest first."""
    with reading() as (work, actor):
        shown = planning.list_plans(work, actor, before=before_of(request.args), limit=PAGE)
        return render_template(
            "plans.html",
            plans=shown,
            older=older_than(shown),
            place_names=work.places.name_divisions(plan.division_id for plan in shown),
        )


def draw(draft: Draft, plan_id: int) -> str:
    """A plan: coverage by class, item and place, the worst-off and why, what limits, and where goods flow."""
    with reading() as (work, actor):
        place = _chosen_place(work, actor)
        plan, view = planning.view_plan(work, actor, plan_id, place=place)
        top = place or work.places.get_division_by_id(plan.division_id)
        items = {item.id: item for item in catalogue.list_items(work, actor)}
        return render_template(
            "plan.html",
            actor=actor,
            draft=draft,
            view=view,
            plan=plan,
            top=top,
            path=_below(work, plan.division_id, top),
            steps=[name for status, name in PLAN_STEPS if status is plan.status],
            item_by_id=items,
            place_names=work.places.name_divisions(
                {*(row.key for row in view.by_place), *(line.division_id for line in view.worst)}
            ),
            worst_paths=_paths(work, view.worst),
            askers=name_askers(work, view.worst),
            limits=[cause for cause in LIMITS if cause in view.limits],
            picture=draw_flows(view.flows),
            approvals=transfers.list_approvals(work, actor, plan_id),
        )


def name_askers(work: Work, lines: Iterable[PlanLine]) -> dict[int | None, str]:
    """The names of the institutions that ask; a community asks in its own name."""
    ids = {line.institution_id for line in lines if line.institution_id is not None}
    return {number: name for number, (_, name) in work.places.name_institutions(ids).items()}


def _chosen_place(work: Work, actor: Actor) -> Division | None:
    actor.must("read_plans")
    code = code_of(request.args, "place")
    return places.read_division(work, actor, code) if code else None


def _below(work: Work, plan_division_id: int, top: Division) -> list[Division]:
    """From the plan's own place down to the one looked at."""
    path = work.places.list_path(top)
    starts = [place.id for place in path]
    return path[starts.index(plan_division_id) :] if plan_division_id in starts else [top]


def _paths(work: Work, lines: Iterable[PlanLine]) -> dict[int, str]:
    """Where the places of lines lie: the names above each, by division id."""
    ids = {line.division_id for line in lines}
    return {
        division_id: " › ".join(
            above.name for above in work.places.list_path(work.places.get_division_by_id(division_id))[1:-1]
        )
        for division_id in ids
    }


@blueprint.get("/plans/<row:plan_id>")
def show(plan_id: int) -> str:
    """One plan."""
    return draw(Draft(), plan_id)


@blueprint.get("/plans/<row:plan_id>/lines")
def show_lines(plan_id: int) -> str:
    """The lines of a plan, each with its reason; of one item, place or class, or only those not filled."""
    with reading() as (work, actor):
        items = catalogue.list_items(work, actor)
        item = find_item(items, request.args.get("item", ""))
        place = _chosen_place(work, actor)
        priority = number_of(request.args, "class", 0)
        unfilled = request.args.get("unfilled") == "1"
        set_number = number_of(request.args, "set", 0) or None
        lines = planning.read_plan_lines(
            work,
            actor,
            plan_id,
            item_id=item.id if item else None,
            below=place,
            priority=priority if priority in PRIORITIES else None,
            unfilled=unfilled,
            set_number=set_number,
            after=number_of(request.args, "after", 0),
            limit=LINES_SHOWN,
        )
        return render_template(
            "plan_lines.html",
            plan=planning.read_plan(work, actor, plan_id),
            lines=lines,
            items=items,
            item=item,
            place=place,
            priority=priority,
            priorities=PRIORITIES,
            unfilled=unfilled,
            set_number=set_number,
            more_after=lines[-1].request_line_id if len(lines) == LINES_SHOWN else None,
            item_by_id={known.id: known for known in items},
            place_names=work.places.name_divisions(line.division_id for line in lines),
            askers=name_askers(work, lines),
        )


@blueprint.get("/plans/<row:plan_id>/lines/<row:line_id>")
def show_line(plan_id: int, line_id: int) -> str:
    """Where one line's grant comes from: depots, lots, kilometres."""
    with reading() as (work, actor):
        plan = planning.read_plan(work, actor, plan_id)
        shipments = planning.read_line_shipments(work, actor, plan_id, line_id)
        line = planning.read_plan_line(work, actor, plan_id, line_id)
        return render_template(
            "plan_line.html",
            plan=plan,
            line=line,
            shipments=shipments,
            item_by_id={item.id: item for item in catalogue.list_items(work, actor)},
            depot_names=work.places.name_depots(shipment.depot_id for shipment in shipments),
            place_names=work.places.name_divisions([line.division_id]),
            askers=name_askers(work, [line]),
        )


@blueprint.post("/plans/<row:plan_id>/approvals")
@redrawn_by(draw)
def approve_plan(plan_id: int) -> Page:
    """Say yes: whole, or to one item or place."""
    form = read_form(ApprovalForm, request.form)

    def act(work: Work, actor: Actor) -> str:
        item = catalogue.read_item(work, actor, form["item"]) if form["item"] else None
        approval = transfers.approve_plan(
            work,
            actor,
            plan_id,
            item_id=item.id if item else None,
            division_code=form["division"],
            seen_version=form["version"],
        )
        return f"/approvals/{approval.id}"

    return perform("approve_plan", act, words("The plan is approved; its orders are being made."))


@blueprint.post("/plans/<row:plan_id>/rejection")
@redrawn_by(draw)
def reject_plan(plan_id: int) -> Page:
    """Say no, and why."""
    form = read_form(RejectionForm, request.form)

    def act(work: Work, actor: Actor) -> str:
        planning.reject_plan(work, actor, plan_id, form["note"], seen_version=form["version"])
        return f"/plans/{plan_id}"

    return perform("reject_plan", act, words("The plan is rejected; its requests stay open."))


@blueprint.get("/approvals/<row:approval_id>")
def show_approval(approval_id: int) -> str:
    """How far an approval has come, and which lines no longer held."""
    return _draw_approval("approval.html", approval_id)


@blueprint.get("/approvals/<row:approval_id>/progress")
def show_approval_progress(approval_id: int) -> str:
    """The part of that page that changes."""
    return _draw_approval("_approval_progress.html", approval_id)


def _draw_approval(template: str, approval_id: int) -> str:
    with reading() as (work, actor):
        approval, refused = transfers.read_approval(work, actor, approval_id)
        items = {item.id: item for item in catalogue.list_items(work, actor)}
        facts: dict[str, Any] = {
            "depot_names": work.places.name_depots(shipment.depot_id for shipment in refused),
            "place_names": work.places.name_divisions(
                {approval.division_id, *(shipment.division_id for shipment in refused)}
            ),
        }
        return render_template(
            template,
            actor=actor,
            approval=approval,
            going=approval.status in ("queued", "running"),
            refused=refused,
            item_by_id=items,
            **facts,
        )
