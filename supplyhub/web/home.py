"""The first page: what waits for whoever is signed in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from supplyhub.domain.people import Actor, Role
from supplyhub.domain.places import Division
from supplyhub.domain.planning import PlanStatus, RunStatus
from supplyhub.domain.transfers import Order, OrderStatus
from supplyhub.service import (
    catalogue,
    oversight,
    people,
    places,
    planning,
    proving,
    requests,
    rollups,
    transfers,
)
from supplyhub.service.unit_of_work import Work
from supplyhub.web.door import reading
from supplyhub.web.stock import DEPOTS_MAX

blueprint = Blueprint("home", __name__)

SHOWN = 10


@blueprint.get("/")
def show() -> str:
    """What waits for me, by role."""
    with reading(steady=True) as (work, actor):
        waiting = WAITING[actor.role](work, actor)
        district = places.read_division(work, actor, actor.division_code)
        orders = [*waiting.get("to_dispatch", []), *waiting.get("to_confirm", [])]
        return render_template(
            "home.html",
            actor=actor,
            district=district,
            division=district,
            depot_names=work.places.name_depots(order.from_depot_id for order in orders),
            place_names=work.places.name_divisions(order.to_division_id for order in orders),
            **waiting,
            **_overview(work, actor, district),
        )


def _overview(work: Work, actor: Actor, district: Division) -> dict[str, Any]:
    """The stock of the district at a glance, for those who watch over it."""
    if actor.role not in (Role.PLANNER, Role.SUPERVISOR):
        return {}
    items = catalogue.list_items(work, actor)
    return {
        "overview": rollups.read_overview(work, actor, district),
        "item_by_id": {item.id: item for item in items},
    }


def _to_confirm(work: Work, actor: Actor) -> list[Order]:
    return transfers.list_transfers(
        work, actor, status=OrderStatus.DISPATCHED, to_division_id=actor.division_id, limit=SHOWN
    )


def _for_keeper(work: Work, actor: Actor) -> dict[str, Any]:
    depots = places.list_depots(work, actor, kept_by=actor.division_id, limit=DEPOTS_MAX)
    to_dispatch = [
        order
        for depot in depots
        for order in transfers.list_transfers(
            work, actor, status=OrderStatus.APPROVED, from_depot_id=depot.id, limit=SHOWN
        )
    ]
    return {"depots": depots, "to_dispatch": to_dispatch[:SHOWN], "to_confirm": _to_confirm(work, actor)}


def _for_township(work: Work, actor: Actor) -> dict[str, Any]:
    recent = requests.list_requests(work, actor, limit=SHOWN)
    asked_back = [request for request in recent if request.asked_back_count and request.status == "open"]
    return {"asked_back": asked_back, "requests": recent, "to_confirm": _to_confirm(work, actor)}


def _for_planner(work: Work, actor: Actor) -> dict[str, Any]:
    runs = planning.list_runs(work, actor, limit=SHOWN)
    plans = planning.list_plans(work, actor, limit=SHOWN)
    return {
        "running": [run for run in runs if run.status in (RunStatus.QUEUED, RunStatus.RUNNING)],
        "undecided": [plan for plan in plans if plan.status in (PlanStatus.PROPOSED, PlanStatus.PARTLY)],
        "approving": [plan for plan in plans if plan.status is PlanStatus.APPROVING],
        "requests": requests.list_requests(work, actor, limit=5),
    }


def _for_supervisor(work: Work, actor: Actor) -> dict[str, Any]:
    return {
        "proof": proving.read_last_verification(work, actor),
        "postings": oversight.list_postings(work, actor, limit=SHOWN),
    }


def _for_administrator(work: Work, actor: Actor) -> dict[str, Any]:
    return {"users": people.list_users(work, actor)}


WAITING = {
    Role.KEEPER: _for_keeper,
    Role.TOWNSHIP: _for_township,
    Role.PLANNER: _for_planner,
    Role.SUPERVISOR: _for_supervisor,
    Role.ADMINISTRATOR: _for_administrator,
}
