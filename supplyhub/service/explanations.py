"""Verbs of explaining: on demand, what would help a line of a plan or the lines of a set, and how much."""

from __future__ import annotations

from datetime import datetime

from supplyhub.bridge import explain
from supplyhub.domain.catalogue import Item
from supplyhub.domain.explanations import Explanation
from supplyhub.domain.people import Actor
from supplyhub.domain.planning import PlanLine, PlanSet
from supplyhub.domain.refusals import ItemNotPlanned
from supplyhub.service.unit_of_work import Hub, Work


def explain_line(
    hub: Hub, actor: Actor | None, plan_id: int, line_id: int, *, at: datetime
) -> tuple[PlanLine, Explanation]:
    """A line of a plan and what would help it, also for the office that asked; None is the installation itself.

    The question is read in one short transaction and answered with none open.
    """
    if actor is not None:
        actor.must("read_requests")
    with hub.read(actor, at=at) as work:
        line = work.planning.get_plan_line(plan_id, line_id)
        if not line.is_planned:
            raise ItemNotPlanned(plan_id=plan_id, item=_item(work, line.item_id).code)
        packed, item = work.planning.load_question_of_line(plan_id), _item(work, line.item_id)
    return line, explain(packed, line_id, item)


def explain_set(
    hub: Hub, actor: Actor | None, plan_id: int, number: int, *, at: datetime
) -> tuple[PlanSet, Explanation]:
    """A set of a plan and what would help all its lines together."""
    if actor is not None:
        actor.must("read_plans")
    with hub.read(actor, at=at) as work:
        found = work.planning.get_plan_set(work.planning.get_plan(plan_id).id, number)
        packed, item = work.planning.load_question(plan_id), _item(work, found.item_id)
    return found, explain(packed, found.first_line_id, item, whole_set=True)


def _item(work: Work, item_id: int) -> Item:
    return next(item for item in work.catalogue.list_items() if item.id == item_id)
