"""Planning over HTTP: start and watch runs, read plans, approve or reject them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from supplyhub.api.door import Door
from supplyhub.api.naming import name_all, page, show
from supplyhub.api.problems import slug
from supplyhub.domain.codes import codes_of, find_unknown, must_be_known, one
from supplyhub.domain.people import Actor
from supplyhub.domain.planning import Approval, Plan, PlanLine, PlanShipment, Run, RunOptions
from supplyhub.domain.refusals import PlanOutOfDate
from supplyhub.schemas.fields import PageQuery, page_of
from supplyhub.schemas.names import Names
from supplyhub.schemas.planning import (
    ApprovalListSchema,
    ApprovalSchema,
    ApprovalViewSchema,
    CoverageQuery,
    NewApprovalSchema,
    NewRunSchema,
    PlanLineQuery,
    PlanLineSchema,
    PlanSchema,
    PlanViewSchema,
    RejectionSchema,
    RunSchema,
    ShipmentListSchema,
)
from supplyhub.schemas.problems import say, title
from supplyhub.service import catalogue, places, planning, transfers
from supplyhub.service.unit_of_work import Answer, Work

door = Door("planning", "Planning runs, and the plans they find")
RunPage, PlanPage, PlanLinePage = page_of(RunSchema), page_of(PlanSchema), page_of(PlanLineSchema)
RUNS = "/api/v1/planning-runs"


# --- runs -----------------------------------------------------------------------------------------------------


def _show_run(work: Work, run: Run) -> Any:
    return show(RunSchema, run, name_all(work, divisions=[run.division_id]))


@door.reads("/planning-runs", "read_plans", RunPage, PageQuery)
def list_runs(work: Work, actor: Actor, query: Mapping[str, Any]) -> Any:
    """Runs of your district, latest first."""
    found = planning.list_runs(work, actor, before=query["cursor"] or 2**62, limit=query["limit"] + 1)
    return page(RunPage, found, query["limit"], "id", name_all(work, divisions=[run.division_id for run in found]))


@door.reads("/planning-runs/<number:run_id>", "read_plans", RunSchema, versioned=True)
def read_run(work: Work, actor: Actor, run_id: int) -> Any:
    """One run: how far it has come, and its plan once it is done."""
    return _show_run(work, planning.read_run(work, actor, run_id))


@door.performs("/planning-runs", "start_run", RunSchema, NewRunSchema, status=202)
def start_run(work: Work, actor: Actor, sent: Mapping[str, Any]) -> Answer:
    """Queue a run over what is still open; a worker takes it up."""
    must_be_known(find_unknown(one(sent, "division"), work.places.map_divisions(codes_of(one(sent, "division")))))
    options = RunOptions(
        as_of=sent["as_of"] or work.at.date(),
        **{name: value for name, value in sent.items() if name not in ("division", "as_of")},
    )
    run_id = planning.start_run(work, actor, sent["division"] or actor.division_code, options)
    return Answer(_show_run(work, planning.read_run(work, actor, run_id)), 202, f"{RUNS}/{run_id}")


@door.performs("/planning-runs/<number:run_id>/cancellation", "cancel_run", RunSchema)
def cancel_run(work: Work, actor: Actor, run_id: int) -> Answer:
    """Stop a run: at once if it waits, at the next step if it runs."""
    return Answer(_show_run(work, planning.cancel_run(work, actor, run_id)), 200)


# --- plans ----------------------------------------------------------------------------------------------------


def _show_plan(work: Work, plan: Plan) -> Any:
    return show(PlanSchema, plan, name_all(work, divisions=[plan.division_id]))


@door.reads("/plans", "read_plans", PlanPage, PageQuery)
def list_plans(work: Work, actor: Actor, query: Mapping[str, Any]) -> Any:
    """Plans of your district, latest first."""
    found = planning.list_plans(work, actor, before=query["cursor"] or 2**62, limit=query["limit"] + 1)
    return page(PlanPage, found, query["limit"], "id", name_all(work, divisions=[plan.division_id for plan in found]))


@door.reads("/plans/<number:plan_id>", "read_plans", PlanSchema, versioned=True)
def read_plan(work: Work, actor: Actor, plan_id: int) -> Any:
    """One plan as it stands."""
    return _show_plan(work, planning.read_plan(work, actor, plan_id))


@door.reads("/plans/<number:plan_id>/coverage", "read_plans", PlanViewSchema, CoverageQuery)
def view_plan(work: Work, actor: Actor, query: Mapping[str, Any], plan_id: int) -> Any:
    """How far a plan reaches: by class, item and place, the worst-off, what limits, and flows between tiers."""
    place = places.read_division(work, actor, query["division"]) if query["division"] else None
    plan, view = planning.view_plan(work, actor, plan_id, place=place)
    shown = place or work.places.get_division_by_id(plan.division_id)
    facts = {
        "plan": plan_id,
        "division": shown,
        "by_class": view.by_class,
        "by_item": view.by_item,
        "by_place": view.by_place,
        "worst_off": view.worst,
        "limits": [{"limited_by": cause, "lines": count} for cause, count in sorted(view.limits.items())],
        "flows": [{"from_tier": source, "to_tier": target, "quantity": units} for source, target, units in view.flows],
    }
    divisions = [*(group.key for group in view.by_place), *(line.division_id for line in view.worst)]
    institutions = [line.institution_id for line in view.worst]
    return show(PlanViewSchema, facts, name_all(work, divisions=divisions, institutions=institutions))


@door.reads("/plans/<number:plan_id>/lines", "read_plans", PlanLinePage, PlanLineQuery)
def read_plan_lines(work: Work, actor: Actor, query: Mapping[str, Any], plan_id: int) -> Any:
    """What each request line is granted, and why not more."""
    found = planning.read_plan_lines(
        work,
        actor,
        plan_id,
        item_id=catalogue.read_item(work, actor, query["item"]).id if query["item"] else None,
        below=places.read_division(work, actor, query["division"]) if query["division"] else None,
        priority=query["priority"],
        unfilled=query["unfilled"],
        set_number=query["set"],
        after=query["cursor"] or 0,
        limit=query["limit"] + 1,
    )
    return page(PlanLinePage, found, query["limit"], "request_line_id", _places_of(work, found))


def _places_of(work: Work, lines: Iterable[PlanLine]) -> Names:
    return name_all(
        work,
        divisions=[line.division_id for line in lines],
        institutions=[line.institution_id for line in lines],
    )


@door.reads("/plans/<number:plan_id>/lines/<number:request_line_id>/shipments", "read_requests", ShipmentListSchema)
def read_line_shipments(work: Work, actor: Actor, plan_id: int, request_line_id: int) -> Any:
    """Where one line's grant comes from and over how many metres; also for the office that asked."""
    found = planning.read_line_shipments(work, actor, plan_id, request_line_id)
    return show(ShipmentListSchema, {"items": found}, _ends(work, found))


def _ends(work: Work, shipments: Iterable[PlanShipment], *divisions: int) -> Names:
    found = list(shipments)
    return name_all(
        work,
        divisions=[*divisions, *(shipment.division_id for shipment in found)],
        depots=[shipment.depot_id for shipment in found],
    )


# --- decisions ------------------------------------------------------------------------------------------------


@door.reads("/plans/<number:plan_id>/approvals", "read_plans", ApprovalListSchema)
def list_approvals(work: Work, actor: Actor, plan_id: int) -> Any:
    """The approvals of a plan, latest first."""
    found = transfers.list_approvals(work, actor, plan_id)
    names = name_all(work, divisions=[approval.division_id for approval in found])
    return show(ApprovalListSchema, {"items": found}, names)


@door.reads("/approvals/<number:approval_id>", "read_plans", ApprovalViewSchema, versioned=True)
def read_approval(work: Work, actor: Actor, approval_id: int) -> Any:
    """How far an approval's orders have come, and what of the plan no longer held, by name."""
    approval, refused = transfers.read_approval(work, actor, approval_id)
    problem = _out_of_date(approval, refused) if refused else None
    return show(ApprovalViewSchema, {**vars(approval), "problem": problem}, _ends(work, refused, approval.division_id))


def _out_of_date(approval: Approval, refused: list[PlanShipment]) -> dict[str, Any]:
    """The refusal that names what no longer holds, with the offer of a new run for what is open."""
    refusal = PlanOutOfDate(count=approval.refused_count, lines=[])
    return {
        "type": f"/problems/{slug(PlanOutOfDate)}",
        "title": title(PlanOutOfDate),
        "detail": say(refusal),
        "lines": refused,
        "new_run": RUNS,
    }


@door.performs(
    "/plans/<number:plan_id>/approvals",
    "approve_plan",
    ApprovalSchema,
    NewApprovalSchema,
    status=202,
    conditional=True,
)
def approve_plan(work: Work, actor: Actor, sent: Mapping[str, Any], plan_id: int, seen_version: int | None) -> Answer:
    """Say yes to a plan, whole or by item or place; a worker turns it into transfer orders."""
    items, division = work.catalogue.map_items(), one(sent, "division")
    must_be_known(
        find_unknown(one(sent, "item"), items), find_unknown(division, work.places.map_divisions(codes_of(division)))
    )
    approval = transfers.approve_plan(
        work,
        actor,
        plan_id,
        item_id=items[sent["item"]].id if sent["item"] else None,
        division_code=sent["division"],
        seen_version=seen_version,
    )
    body = show(ApprovalSchema, approval, name_all(work, divisions=[approval.division_id]))
    return Answer(body, 202, f"/api/v1/approvals/{approval.id}")


@door.performs("/plans/<number:plan_id>/rejection", "reject_plan", PlanSchema, RejectionSchema, conditional=True)
def reject_plan(work: Work, actor: Actor, sent: Mapping[str, Any], plan_id: int, seen_version: int | None) -> Answer:
    """Say no to a plan, or to what of it is not ordered yet."""
    plan = planning.reject_plan(work, actor, plan_id, sent["note"], seen_version=seen_version)
    return Answer(_show_plan(work, plan), 200)
