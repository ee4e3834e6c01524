"""A request on its way: asked by an office, planned by a run, approved by a planner, ordered from a shelf."""

from __future__ import annotations

from supplyhub.jobs.worker import run_due
from tests.calling import Callers
from tests.world import COMMUNITY, NEIGHBOUR, TOWNSHIP

REQUEST = {
    "reason": "洪水",
    "lines": [
        {"division": COMMUNITY, "item": "mask", "packs": 40, "priority": 2},
        {"division": NEIGHBOUR, "item": "suit", "quantity": 60, "priority": 1, "override_reason": "外来人员"},
        {"division": NEIGHBOUR, "item": "quilt", "quantity": None, "priority": 3},
    ],
}


def test_from_request_to_orders(api: Callers) -> None:
    office, planner, hub = api.caller("township"), api.caller("planner"), api.world.hub

    made = office.post("/requests", REQUEST)
    request = made.json
    assert (request["line_count"], request["asked_back_count"], made.headers["ETag"]) == (3, 1, '"v1"')
    lines = office.get(f"/requests/{request['id']}/lines").json["items"]
    assert [(line["quantity"], line["state"]) for line in lines] == [(400, "open"), (60, "open"), (None, "asked_back")]
    assert lines[0]["in_packs"] == {"packs": 40, "units": 0}

    answered = office.post(f"/request-lines/{lines[2]['id']}/answer", {"quantity": 5}, status=200)
    assert (answered.json["state"], answered.json["quantity"]) == ("open", 5)
    assert office.get(f"/requests/{request['id']}").headers["ETag"] == '"v2"'

    started = planner.post("/planning-runs", {}, status=202)
    run_path = started.headers["Location"].removeprefix("/api/v1")
    assert planner.get(run_path).json["status"] == "queued"
    assert run_due(hub) == 1
    run = planner.get(run_path).json
    assert (run["status"], run["error"]) == ("done", "")

    plan = planner.get(f"/plans/{run['plan']}")
    assert plan.json["proved"] is True
    granted = {line["item"]["code"]: line for line in planner.get(f"/plans/{run['plan']}/lines").json["items"]}
    assert granted["mask"]["granted"] == 400
    assert granted["mask"]["limited_by"] is None
    assert granted["suit"]["granted"] == 40  # all there is, of 60
    assert granted["suit"]["limited_by"]["code"] == "stock"
    assert granted["suit"]["limited_by"]["text"]
    coverage = planner.get(f"/plans/{run['plan']}/coverage").json
    assert [(group["priority"], group["filled"]) for group in coverage["by_class"]] == [(1, 0), (2, 1), (3, 1)]
    assert coverage["worst_off"][0]["item"]["code"] == "suit"
    assert coverage["limits"] == [{"limited_by": granted["suit"]["limited_by"], "lines": 1}]
    assert {flow["from_tier"] for flow in coverage["flows"]} >= {"depot"}
    line_id = granted["suit"]["request_line"]
    shipments = office.get(f"/plans/{run['plan']}/lines/{line_id}/shipments").json["items"]
    assert sum(shipment["quantity"] for shipment in shipments) == 40

    path = f"/plans/{run['plan']}/approvals"
    assert planner.post(path, {}, status=428).json["type"] == "/problems/version-required"
    assert planner.post(path, {}, status=412, if_match='"v999"').json["type"] == "/problems/version-mismatch"
    approved = planner.post(path, {}, status=202, if_match=plan.headers["ETag"])
    assert run_due(hub) == 1
    approval = planner.get(approved.headers["Location"].removeprefix("/api/v1")).json
    assert (approval["status"], approval["refused"], approval["problem"]) == ("done", 0, None)
    assert approval["ordered"] == approval["total"] > 0
    assert planner.get(f"/plans/{run['plan']}").json["status"] == "approved"

    seen = {line["item"]["code"]: line for line in office.get(f"/requests/{request['id']}/lines").json["items"]}
    assert (seen["suit"]["ordered"], seen["suit"]["open"]) == (40, 20)
    assert seen["suit"]["grants"][0]["limited_by"]["code"] == "stock"
    assert [(order["status"], order["quantity"]) for order in seen["suit"]["orders"]] == [("approved", 40)]
    held = planner.get(f"/transfers?plan={run['plan']}").json["items"]
    assert {order["to_division"]["code"] for order in held} == {TOWNSHIP}
    assert sum(order["quantity"] for order in held) == 400 + 40 + 5


def test_what_no_longer_holds_is_named_and_a_new_run_offered(api: Callers) -> None:
    office, planner, keeper, hub = (
        api.caller("township"), api.caller("planner"), api.caller("keeper"), api.world.hub,
    )  # fmt: skip
    request = office.post("/requests", {"lines": REQUEST["lines"][1:2]}).json
    planner.post("/planning-runs", {}, status=202)
    run_due(hub)
    plan = planner.get("/plans").json["items"][0]
    keeper.post("/issues", {"depot": "A1", "lines": [{"item": "suit", "quantity": 1}]})

    planner.post(f"/plans/{plan['id']}/approvals", {"item": "suit"}, status=202, if_match="*")
    run_due(hub)

    approval = planner.get(f"/plans/{plan['id']}/approvals").json["items"][0]
    view = planner.get(f"/approvals/{approval['id']}").json
    assert (view["ordered"], view["refused"]) == (0, 1)
    assert view["problem"]["type"] == "/problems/plan-out-of-date"
    assert [line["refusal"]["code"] for line in view["problem"]["lines"]] == ["insufficient-stock"]
    assert view["problem"]["new_run"] == "/api/v1/planning-runs"
    [line] = office.get(f"/requests/{request['id']}/lines").json["items"]
    assert (line["ordered"], line["open"]) == (0, 60)


def test_a_rejected_plan_orders_nothing_and_a_cancelled_run_finds_nothing(api: Callers) -> None:
    office, planner, hub = api.caller("township"), api.caller("planner"), api.world.hub
    office.post("/requests", REQUEST)
    planner.post("/planning-runs", {"release_reserves": True, "mutual_aid": {"city": "0.2"}}, status=202)
    run_due(hub)
    plan = planner.get("/plans").json["items"][0]
    rejected = planner.post(f"/plans/{plan['id']}/rejection", {"note": "等道路"}, status=200, if_match="*")
    assert (rejected.json["status"], rejected.json["decision_note"]) == ("rejected", "等道路")
    assert planner.get("/transfers").json["items"] == []

    run = planner.post("/planning-runs", {}, status=202).json
    assert planner.post(f"/planning-runs/{run['id']}/cancellation", status=200).json["status"] == "cancelled"
    run_due(hub)
    assert planner.get(f"/planning-runs/{run['id']}").json["plan"] is None
