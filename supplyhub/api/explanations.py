"""Why lines of plans got less, and what would help them, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g

from supplyhub.api.door import Door, now, the_hub
from supplyhub.api.naming import language, name_all, page, show
from supplyhub.domain.explanations import Explanation
from supplyhub.domain.people import Actor
from supplyhub.domain.planning import PlanLine, PlanSet
from supplyhub.schemas.explanations import ExplanationSchema, PlanSetSchema
from supplyhub.schemas.fields import PageQuery, page_of
from supplyhub.schemas.names import Names
from supplyhub.service import explanations, planning
from supplyhub.service.unit_of_work import Work

door = Door("explanations", "Why lines of plans got less, and what would help them")
PlanSetPage = page_of(PlanSetSchema)


@door.reads("/plans/<number:plan_id>/sets", "read_plans", PlanSetPage, PageQuery)
def list_plan_sets(work: Work, actor: Actor, query: Mapping[str, Any], plan_id: int) -> Any:
    """Sets of unfilled lines that the same would help, with why they got less."""
    limit = query["limit"]
    found = planning.list_plan_sets(work, actor, plan_id, after=query["cursor"] or 0, limit=limit + 1)
    return page(PlanSetPage, found, limit, "number", name_all(work))


@door.serves(
    "/plans/<number:plan_id>/lines/<number:request_line_id>/explanation", "GET", "read_requests",
    status=200, answer=ExplanationSchema,
)  # fmt: skip
def explain_line(plan_id: int, request_line_id: int) -> Any:
    """Why a line got less and what would help it, worked out now, in about a second; also for the office that asked."""
    line, found = explanations.explain_line(the_hub(), g.actor, plan_id, request_line_id, at=now())
    return _show(plan_id, line, found, request_line=request_line_id, set=line.set_number or None)


@door.serves(
    "/plans/<number:plan_id>/sets/<number:set_number>/explanation", "GET", "read_plans",
    status=200, answer=ExplanationSchema,
)  # fmt: skip
def explain_set(plan_id: int, set_number: int) -> Any:
    """Why the lines of a set got less and what would help them all together, worked out now, in about a second."""
    about, found = explanations.explain_set(the_hub(), g.actor, plan_id, set_number, at=now())
    return _show(plan_id, about, found, request_line=None, set=set_number)


def _show(plan_id: int, about: PlanLine | PlanSet, found: Explanation, **named: int | None) -> Any:
    told = {"says": found.says(language()), "reason": about.reason(language())}
    facts = {**vars(found), "item_id": found.item.id, "plan": plan_id, **told, **named}
    return show(ExplanationSchema, facts, Names(language(), {found.item.id: found.item}, {}, {}, {}))
