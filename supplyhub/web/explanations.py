"""Why lines of a plan got less: sets of lines that the same would help, and what each remedy would change."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from supplyhub.service import catalogue, explanations, planning, requests
from supplyhub.web.door import now, reading, the_actor, the_hub
from supplyhub.web.paging import number_of
from supplyhub.web.plans import LINES_SHOWN, name_askers

blueprint = Blueprint("explanations", __name__)


@blueprint.get("/plans/<row:plan_id>/sets")
def show_sets(plan_id: int) -> str:
    """The sets of a plan, each with why its lines got less."""
    with reading() as (work, actor):
        after = number_of(request.args, "after", 0)
        sets = planning.list_plan_sets(work, actor, plan_id, after=after, limit=LINES_SHOWN)
        return render_template(
            "plan_sets.html",
            plan=planning.read_plan(work, actor, plan_id),
            sets=sets,
            item_by_id={item.id: item for item in catalogue.list_items(work, actor)},
            more_after=sets[-1].number if len(sets) == LINES_SHOWN else None,
        )


@blueprint.get("/plans/<row:plan_id>/sets/<row:number>")
def show_set(plan_id: int, number: int) -> str:
    """One set: why its lines got less; what would help them is asked for on the spot."""
    with reading() as (work, actor):
        found = planning.read_plan_set(work, actor, plan_id, number)
        items = {item.id: item for item in catalogue.list_items(work, actor)}
        return render_template("plan_set.html", set=found, item=items[found.item_id])


@blueprint.get("/plans/<row:plan_id>/sets/<row:number>/explanation")
def explain_set(plan_id: int, number: int) -> str:
    """What would help all lines of a set together, worked out now."""
    found_set, found = explanations.explain_set(the_hub(), the_actor(), plan_id, number, at=now())
    return render_template("set_explanation.html", set=found_set, item=found.item, found=found)


@blueprint.get("/plans/<row:plan_id>/lines/<row:line_id>/explanation")
def explain_line(plan_id: int, line_id: int) -> str:
    """What would help a line, worked out now; also for the office that asked."""
    line, found = explanations.explain_line(the_hub(), the_actor(), plan_id, line_id, at=now())
    with reading() as (work, actor):
        return render_template(
            "line_explanation.html",
            actor=actor,
            plan_id=plan_id,
            asked=requests.read_line(work, actor, line_id),
            line=line,
            item=found.item,
            found=found,
            place_names=work.places.name_divisions([line.division_id]),
            askers=name_askers(work, [line]),
        )
