"""A receipt on its way: from the wire to the shelf, seen from the county, the city and the province, and taken back."""

from __future__ import annotations

from supplyhub.jobs.worker import run_due
from tests.calling import Callers
from tests.world import CITY, COUNTY, FOREIGN_COUNTY, PROVINCE

RECEIPT = {
    "depot": "A1",
    "reason": "donation",
    "note": "来自友邻",
    "lines": [
        {"item": "mask", "packs": 3, "lot": "N-1", "produced_on": "2095-01-01", "expires_on": "2099-01-01"},
        {"item": "suit", "quantity": 7},
    ],
}


def masks(api: Callers, username: str, division: str) -> tuple[int, int]:
    """Masks at a place alone, and in its subtree."""
    body = api.caller(username).get(f"/stock?division={division}&item=mask").json
    return body["items"][0]["itself"]["on_hand"], body["items"][0]["subtree"]["on_hand"]


def test_a_receipt_reaches_the_shelf_and_every_sum_above_it(api: Callers) -> None:
    keeper = api.caller("keeper")
    before = {place: masks(api, "planner", place) for place in (PROVINCE, CITY, COUNTY, FOREIGN_COUNTY)}

    posted = keeper.post("/receipts", RECEIPT)

    assert [(m["item"], m["quantity"], m["reason"]) for m in posted.json["movements"]] == [
        ("mask", 30, "donation"), ("suit", 7, "donation"),
    ]  # fmt: skip
    assert all(len(m["hash"]) == 64 for m in posted.json["movements"])
    shelves = keeper.get("/depots/A1/shelves?item=mask").json["items"]
    assert [(s["lot"], s["on_hand"]) for s in shelves if s["lot"] == "N-1"] == [("N-1", 30)]
    assert masks(api, "planner", COUNTY) == (before[COUNTY][0] + 30, before[COUNTY][1] + 30)
    assert masks(api, "planner", CITY) == (before[CITY][0], before[CITY][1] + 30)
    assert masks(api, "planner", PROVINCE) == (before[PROVINCE][0], before[PROVINCE][1] + 30)
    assert masks(api, "planner", FOREIGN_COUNTY) == before[FOREIGN_COUNTY]

    entry = keeper.get(posted.headers["Location"].removeprefix("/api/v1")).json
    assert [(m["item"]["code"], m["quantity"], m["in_packs"]) for m in entry["movements"]] == [
        ("mask", 30, {"packs": 3, "units": 0}),
        ("suit", 7, {"packs": 7, "units": 0}),
    ]
    assert all(m["from_kind"] == "supplier" and m["to_depot"]["code"] == "A1" for m in entry["movements"])
    assert [m["hash"] for m in entry["movements"]] == [m["hash"] for m in posted.json["movements"]]
    assert {name: entry[name] for name in posted.json if name != "movements"} == {
        name: value for name, value in posted.json.items() if name != "movements"
    }

    reversal = keeper.post(f"/postings/{posted.json['id']}/reversal", status=201)
    assert reversal.json["reverses"] == posted.json["id"]
    assert masks(api, "planner", PROVINCE) == before[PROVINCE]
    assert keeper.get(f"/postings/{posted.json['id']}").json["reversed_by"] == reversal.json["id"]


def test_the_sums_agree_with_the_ledger_down_the_tree(api: Callers) -> None:
    planner = api.caller("planner")
    for division in (PROVINCE, CITY, COUNTY):
        body = planner.get(f"/stock/children?division={division}&item=mask").json
        below = sum(child["stock"]["on_hand"] for child in body["children"])
        assert body["subtree"]["on_hand"] == body["itself"]["on_hand"] + below
    administrator = api.caller("administrator")
    administrator.post("/ledger/verifications", status=202)
    run_due(api.world.hub)
    assert administrator.get("/ledger/verification").json["fault_count"] == 0


def test_the_same_key_posts_once(api: Callers) -> None:
    keeper = api.caller("keeper")
    first = keeper.post("/receipts", RECEIPT, key="journey-0001")
    second = keeper.post("/receipts", RECEIPT, key="journey-0001")
    assert (second.status_code, second.json) == (first.status_code, first.json)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Location"] == first.headers["Location"]
    other = keeper.post("/receipts", {**RECEIPT, "note": ""}, key="journey-0001", status=422)
    assert other.json["type"] == "/problems/key-reused"
