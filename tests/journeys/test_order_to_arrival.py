"""An order on its way: 100 leave, 97 arrive, 3 are lost for a reason, and every balance says so."""

from __future__ import annotations

from supplyhub.jobs.worker import run_due
from tests.calling import Callers
from tests.world import COUNTY, PROVINCE, TOWNSHIP

ORDER = {"from_depot": "A1", "to_depot": "T", "lines": [{"item": "mask", "packs": 10}]}


def masks(api: Callers, division: str) -> dict[str, int]:
    """Masks in a place's subtree."""
    body = api.caller("planner").get(f"/stock?division={division}&item=mask").json
    return {name: body["items"][0]["subtree"][name] for name in ("on_hand", "reserved", "free", "in_transit")}


def test_three_of_a_hundred_are_lost(api: Callers) -> None:
    keeper = api.caller("keeper")
    start = masks(api, PROVINCE)

    made = keeper.post("/transfers", ORDER)
    order, path = made.json, f"/transfers/{made.json['id']}"
    assert (order["status"], order["steps"], order["quantity"]) == ("approved", ["dispatch", "cancel"], 100)
    assert masks(api, PROVINCE)["reserved"] == start["reserved"] + 100

    sent = keeper.post(f"{path}/dispatch", status=200, if_match=made.headers["ETag"])
    assert sent.json["status"] == "dispatched"
    assert masks(api, PROVINCE) == {
        "on_hand": start["on_hand"] - 100, "reserved": start["reserved"], "free": start["free"] - 100,
        "in_transit": 100,
    }  # fmt: skip
    stale = keeper.post(f"{path}/arrival", {}, status=412, if_match=made.headers["ETag"])
    assert stale.json["type"] == "/problems/version-mismatch"

    silent = {"depot": "T", "lines": [{"line": 1, "received": 97}]}
    fault = keeper.post(f"{path}/arrival", silent, status=422, if_match="*").json
    assert [f["where"] for f in fault["faults"]] == ["lines[0].loss_reason"]

    said = {"lines": [{"line": 1, "received": 97, "loss_reason": "damaged"}], "note": "雨淋"}
    came = keeper.post(f"{path}/arrival", said, status=200, if_match=sent.headers["ETag"])
    [line] = came.json["lines"]
    assert (came.json["status"], came.json["steps"]) == ("received", [])
    assert (line["received"], line["lost"], line["loss_reason"]) == (97, 3, "damaged")
    assert masks(api, PROVINCE) == {
        "on_hand": start["on_hand"] - 3, "reserved": start["reserved"], "free": start["free"] - 3, "in_transit": 0,
    }  # fmt: skip
    assert masks(api, TOWNSHIP)["on_hand"] == 97
    lost = [m for m in keeper.get("/movements?item=mask").json["items"] if m["to_kind"] == "lost"]
    assert [(m["quantity"], m["reason"], m["to_division"]["code"]) for m in lost] == [(3, "damaged", TOWNSHIP)]
    supervisor = api.caller("supervisor")
    supervisor.post("/ledger/verifications", status=202)
    run_due(api.world.hub)
    assert supervisor.get("/ledger/verification").json["fault_count"] == 0


def test_an_order_to_an_office_is_used_there_and_a_recalled_one_comes_back(api: Callers) -> None:
    keeper, office, start = api.caller("keeper"), api.caller("township"), masks(api, COUNTY)
    to_office = {"from_depot": "A1", "to_division": TOWNSHIP, "lines": [{"item": "mask", "quantity": 25}]}
    first, second = keeper.post("/transfers", to_office).json, keeper.post("/transfers", to_office).json
    for order in (first, second):
        keeper.post(f"/transfers/{order['id']}/dispatch", status=200, if_match="*")

    assert office.get("/transfers?status=dispatched").json["items"][0]["id"] == second["id"]
    office.post(f"/transfers/{first['id']}/arrival", {}, status=200, if_match="*")
    keeper.post(f"/transfers/{second['id']}/recall", status=200, if_match="*")

    assert masks(api, COUNTY) == {**start, "on_hand": start["on_hand"] - 25, "free": start["free"] - 25}


def test_a_cancelled_order_frees_what_it_held(api: Callers) -> None:
    keeper, start = api.caller("keeper"), masks(api, COUNTY)
    order = keeper.post("/transfers", ORDER).json
    assert masks(api, COUNTY)["free"] == start["free"] - 100
    keeper.post(f"/transfers/{order['id']}/cancellation", status=200, if_match='"v1"')
    assert masks(api, COUNTY) == start
    refused = keeper.post(f"/transfers/{order['id']}/dispatch", status=409, if_match="*").json
    assert refused["type"] == "/problems/step-not-allowed"
