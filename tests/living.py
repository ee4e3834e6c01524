"""A small world in which something has happened: goods came, went and were asked for, planned, sent across borders."""

from __future__ import annotations

from supplyhub.domain.columns import WayColumns
from supplyhub.domain.refusals import SignInRefused
from supplyhub.jobs.worker import run_due, seal_news
from supplyhub.service.people import sign_in
from supplyhub.service.places import import_ways
from tests.calling import Callers
from tests.world import COMMUNITY, COUNTY, FOREIGN_COMMUNITY, FOREIGN_COUNTY, NEIGHBOUR, NOW, TOWNSHIP


def live(api: Callers) -> None:
    """A life in which every table of the database gets rows, of both counties where it has a place."""
    api.world.hub.carry_out("import_ways", "living:ways", lambda work: import_ways(work, _ways()), at=NOW)
    _move(api)
    _ask_and_plan(api)
    _send(api)
    for username in ("keeper", "foreign_keeper"):
        try:
            sign_in(api.world.hub, username, "not the password", at=NOW)
        except SignInRefused:
            continue
    seal_news(api.world.hub)
    api.caller("keeper").post("/receipts", _receipt("A1", "after-the-seal"))


def _ways() -> WayColumns:
    """A road of their own between two depots, there and back."""
    return WayColumns(
        where=["2", "3"], from_code=["A1", "B1"], to_code=["B1", "A1"], item_code=["", ""], metres=[9_000, 9_000],
        penalty_metres=[0, 0], capacity_units=[None, None], open=[True, True], hours_thousandths=[None, None],
    )  # fmt: skip


def _receipt(depot: str, lot: str) -> dict[str, object]:
    line = {"item": "quilt", "quantity": 7, "lot": lot}
    return {"depot": depot, "note": f"{depot} 收货", "lines": [line]}


def _move(api: Callers) -> None:
    keeper, stranger = api.caller("keeper"), api.caller("foreign_keeper")
    keeper.post("/receipts", _receipt("A1", "shared"))
    keeper.post("/receipts", _receipt("T", "T-only"))
    mistaken = stranger.post("/receipts", _receipt("B1", "shared")).json["id"]
    stranger.post(f"/postings/{mistaken}/reversal")
    stranger.post("/receipts", _receipt("B1", "B1-only"))
    issue = {"lines": [{"item": "quilt", "quantity": 2}], "note": "发放"}
    keeper.post("/issues", {**issue, "depot": "T", "division": COMMUNITY})
    stranger.post("/issues", {**issue, "depot": "B1", "division": FOREIGN_COMMUNITY})


def _ask_and_plan(api: Callers) -> None:
    planner = api.caller("planner")
    asked = (("township", (COMMUNITY, NEIGHBOUR)), ("foreign_township", (FOREIGN_COMMUNITY,)))
    for username, divisions in asked:
        lines = [
            {"division": division, "item": item, "quantity": quantity, "priority": 2}
            for division in divisions
            for item, quantity in (("mask", 2_000), ("suit", 30))
        ]
        unknown = {"division": divisions[0], "item": "quilt", "quantity": None, "priority": 3}
        api.caller(username).post("/requests", {"reason": "洪水", "lines": [*lines, unknown]})
    api.caller("supervisor").post("/ledger/verifications", status=202)
    run = planner.post("/planning-runs", {"as_of": "2026-07-01"}, status=202).json["id"]
    run_due(api.world.hub)
    plan = planner.get(f"/planning-runs/{run}").json["plan"]
    planner.post(f"/plans/{plan}/approvals", {"item": "suit"}, status=202, if_match="*")
    run_due(api.world.hub)
    planner.post("/planning-runs", {"as_of": "2026-07-01"}, status=202)


def _send(api: Callers) -> None:
    """Between two counties, both ways: one order each that is held, on its way, and come with a loss."""
    ends = (("keeper", "A1", FOREIGN_COUNTY, "foreign_keeper", "B1"), ("foreign_keeper", "B1", COUNTY, "keeper", "A1"))
    for sender, depot, division, receiver, shelf in ends:
        body = {"from_depot": depot, "to_division": division, "lines": [{"item": "mask", "quantity": 9}]}
        orders = [api.caller(sender).post("/transfers", body).json["id"] for _ in range(3)]
        for order in orders[1:]:
            api.caller(sender).post(f"/transfers/{order}/dispatch", status=200, if_match="*")
        came = {"depot": shelf, "lines": [{"line": 1, "received": 8, "loss_reason": "damaged"}]}
        api.caller(receiver).post(f"/transfers/{orders[2]}/arrival", came, status=200, if_match="*")
    to_office = {"from_depot": "T", "to_division": TOWNSHIP, "lines": [{"item": "quilt", "quantity": 3}]}
    order = api.caller("keeper").post("/transfers", to_office).json["id"]
    api.caller("keeper").post(f"/transfers/{order}/dispatch", status=200, if_match="*")
