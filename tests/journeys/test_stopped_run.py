"""A run stopped half-way, as the API tells it: a partial plan, what it lacks, and what of it can be approved."""

from __future__ import annotations

import pytest

from supplyhub.jobs.worker import run_due
from tests.calling import Callers
from tests.jobs.test_stopped_run import asked, stop_after


def test_a_partial_plan_says_what_it_lacks_and_is_approved_for_what_it_holds(
    api: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(api.world)
    planner, run_id = api.caller("planner"), stop_after(api.world, monkeypatch, 1)
    run = planner.get(f"/planning-runs/{run_id}").json
    assert (run["status"], run["is_going_on"]) == ("cancelled", False)
    plan = planner.get(f"/plans/{run['plan']}").json
    assert (plan["proved"], plan["items_missing"], plan["summary"]["complete"]) == (True, ["quilt", "suit"], False)
    lines = planner.get(f"/plans/{plan['id']}/lines").json["items"]
    said = {line["item"]["code"]: line["limited_by"] for line in lines}
    assert said["suit"]["code"] == said["quilt"]["code"] == "not-planned"
    assert "stopped" in said["suit"]["text"]
    assert said["mask"]["code"] == "reserve-floor"
    [suit] = [line["request_line"] for line in lines if line["item"]["code"] == "suit"]
    refused = planner.get(f"/plans/{plan['id']}/lines/{suit}/explanation", status=409).json
    assert (refused["type"], refused["facts"]["item"]) == ("/problems/item-not-planned", "suit")
    path = f"/plans/{plan['id']}/approvals"
    assert planner.post(path, {"item": "suit"}, status=409, if_match="*").json["type"] == "/problems/item-not-planned"
    planner.post(path, {}, status=202, if_match="*")
    run_due(api.world.hub)
    orders = planner.get("/transfers").json["items"]
    assert orders
    assert {
        line["item"]["code"] for order in orders for line in planner.get(f"/transfers/{order['id']}").json["lines"]
    } == {"mask"}
