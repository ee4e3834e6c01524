"""The ground of the matrix: five places, each with five people and one of everything, the county in the middle."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from supplyhub.domain.columns import DepotColumns, InstitutionColumns
from supplyhub.domain.people import Actor, Role
from supplyhub.domain.places import DepotKind
from supplyhub.jobs.worker import run_due, seal_news
from supplyhub.service.people import make_token
from supplyhub.service.places import import_depots, import_institutions
from tests.calling import Caller, Callers
from tests.world import CITY, COUNTY, FOREIGN_COUNTY, NOW, World, add_user

RELATIONS = ("own", "ancestor", "descendant", "sibling", "foreign", "none")
"""How the place that a call names stands to the caller's county; `none` is not there at all."""
PLACES = {
    "own": (COUNTY, "A1"),
    "ancestor": (CITY, "M1"),
    "descendant": ("420101002000", "M2"),
    "sibling": ("420102000000", "M3"),
    "foreign": (FOREIGN_COUNTY, "B1"),
}
ABSENT = {"division": "999999999999", "depot": "ZZ", "kept_too": "ZZ", "institution": "HZ"}
ABSENT_NUMBER = 888_888
ROLES = tuple(Role)

Things = dict[str, Any]


@dataclass(frozen=True)
class Ground:
    """Who may call, and by relation what there is to be named."""

    callers: Callers
    things: dict[str, Things]
    tokens: dict[tuple[str, Role], int]

    def thing(self, noun: str, relation: str, role: Role | None) -> Any:
        """The code or number of a thing at the place of this relation."""
        if noun == "key" and relation == "none":
            return uuid.uuid4()
        if relation == "none":
            return ABSENT.get(noun, ABSENT_NUMBER)
        if noun == "token":
            return self.tokens[relation, role or Role.KEEPER]
        if noun == "kept_too" and relation == "own":
            return "T"  # the county keeps a second depot, which stands in a township
        return self.things[relation]["depot" if noun == "kept_too" else noun]

    def actor(self, role: Role) -> Actor:
        """Somebody of the county."""
        return self.callers.world.actors[_name("own", role)]

    def caller(self, role: Role | None) -> Caller:
        """Somebody of the county with a token, or nobody."""
        return self.callers.caller(_name("own", role) if role else "")


def _name(relation: str, role: Role) -> str:
    return f"{relation}-{role.value}"


def lay(callers: Callers) -> Ground:
    """Everything that a call may name, made at every place by its own people."""
    world = callers.world
    _settle(world)
    things = {relation: _make(callers, relation) for relation in PLACES}
    for relation, made in things.items():
        _plan(callers, relation, made)
    supervisor = callers.caller(_name("own", Role.SUPERVISOR))
    things["own"]["proof"] = supervisor.post("/ledger/verifications", status=202).json["id"]
    run_due(callers.world.hub)
    seal_news(callers.world.hub)  # which gives what was posted its place in the feed
    for relation, made in things.items():  # last, since a worker would do them
        planner = callers.caller(_name(relation, Role.PLANNER))
        made["queued"] = planner.post("/planning-runs", {"as_of": "2026-07-01"}, status=202).json["id"]
    tokens = {(relation, role): _token(world, _name(relation, role)) for relation in PLACES for role in ROLES}
    return Ground(callers, things, tokens)


def _token(world: World, username: str) -> int:
    """The number of a token that may be ended."""
    return world.hub.write(lambda work: make_token(work, world.actors[username], username, "to end"), at=NOW)[0]


def _settle(world: World) -> None:
    """Depots where there are none yet, an institution and five people at each place."""
    new = [PLACES[relation] for relation in ("ancestor", "descendant", "sibling")]
    depots = DepotColumns(
        where=["2", "3", "4"], code=[code for _, code in new], name=["甲市二库", "乙镇点", "乙县库"],
        division_code=[place for place, _ in new], custodian_code=[""] * 3,
        kind=[DepotKind.GOVERNMENT] * 3, metres_to_division=[0] * 3,
    )  # fmt: skip
    codes = [place for place, _ in PLACES.values()]
    institutions = InstitutionColumns(
        where=[str(row) for row in range(len(codes))], code=[f"M{code}" for code in codes], name=codes,
        division_code=codes,
    )  # fmt: skip
    world.hub.carry_out("import_depots", "matrix:depots", lambda work: import_depots(work, depots), at=NOW)
    world.hub.carry_out(
        "import_institutions", "matrix:institutions", lambda work: import_institutions(work, institutions), at=NOW
    )
    for relation, (place, _) in PLACES.items():
        for role in ROLES:
            who = (_name(relation, role), role, place)
            world.actors[who[0]] = world.hub.write(lambda work, who=who: add_user(work, *who), at=NOW)


def _make(callers: Callers, relation: str) -> Things:
    place, depot = PLACES[relation]
    keeper, office = (callers.caller(_name(relation, role)) for role in (Role.KEEPER, Role.TOWNSHIP))
    line = {"item": "suit", "quantity": 50, "lot": f"lot of {relation}"}
    key = f"receipt-of-{relation}"
    posted = keeper.post("/receipts", {"depot": depot, "lines": [line]}, key=key).json
    orders = []
    for _ in range(4):
        order = {"from_depot": depot, "to_division": place, "lines": [{"item": "suit", "quantity": 1}]}
        orders.append(keeper.post("/transfers", order).json["id"])
    for order_id in orders[2:]:
        keeper.post(f"/transfers/{order_id}/dispatch", status=200, if_match="*")
    much = {"division": place, "priority": 2, "override_reason": "洪水"}
    lines = [{**much, "item": "suit", "quantity": 9_000}, {**much, "item": "quilt", "quantity": None}]
    asked, withdrawn = (office.post("/requests", {"reason": "洪水", "lines": lines}).json["id"] for _ in range(2))
    suit, quilt = office.get(f"/requests/{asked}/lines").json["items"]
    return {
        "division": place, "depot": depot, "institution": f"M{place}", "key": key, "posting": posted["id"],
        "mistake": keeper.post("/receipts", {"depot": depot, "lines": [line]}).json["id"],
        "lot": posted["movements"][0]["lot_id"], "order": orders[0], "unwanted": orders[1], "turned": orders[2],
        "coming": orders[3], "request": asked, "withdrawn": withdrawn, "plan_line": suit["id"], "unknown": quilt["id"],
    }  # fmt: skip


def _plan(callers: Callers, relation: str, made: Things) -> None:
    """Two plans, one of them approved."""
    planner = callers.caller(_name(relation, Role.PLANNER))
    runs = []
    for _ in range(2):
        runs.append(planner.post("/planning-runs", {"as_of": "2026-07-01"}, status=202).json["id"])
        run_due(callers.world.hub)
    plans = [planner.get(f"/planning-runs/{run}").json["plan"] for run in runs]
    approval = planner.post(f"/plans/{plans[0]}/approvals", {"item": "suit"}, status=202, if_match="*").json["id"]
    run_due(callers.world.hub)
    made |= {"run": runs[0], "plan": plans[0], "undecided": plans[1], "approval": approval, "set": 1}
