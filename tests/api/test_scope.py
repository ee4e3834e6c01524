"""What lies outside the district answers exactly like what does not exist: status, headers and body, byte for byte."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.calling import Callers
from tests.world import CITY, COMMUNITY, FOREIGN_COUNTY, PROVINCE, TOWNSHIP

NOWHERE = "999999999999"


def same_but_for(key: str, other: str, answer: TestResponse, control: TestResponse) -> None:
    """Equal answers once the key that was sent is taken out of both."""
    assert answer.status_code == control.status_code
    lengths = ("Content-Length",)
    assert [pair for pair in answer.headers if pair[0] not in lengths] == [
        pair for pair in control.headers if pair[0] not in lengths
    ]
    assert without(key, answer) == without(other, control)


def without(key: str, answer: TestResponse) -> str:
    """A body with the key that was sent taken out of it."""
    return re.sub(rf"(?<!\w){key}(?!\w)", "KEY", answer.get_data(as_text=True))


@pytest.mark.parametrize("foreign", [FOREIGN_COUNTY, CITY, PROVINCE])
@pytest.mark.parametrize(
    "path",
    [
        "/divisions/{}", "/divisions/{}/children", "/divisions/{}/path", "/divisions/{}/institutions",
        "/depots?division={}", "/stock?division={}", "/stock/children?division={}&item=mask",
        "/transfers?to_division={}",
    ],
)  # fmt: skip
def test_a_foreign_division_is_not_there(still: Callers, path: str, foreign: str) -> None:
    office = still.caller("township")
    answer, control = office.get(path.format(foreign), 404), office.get(path.format(NOWHERE), 404)
    assert answer.json["facts"] == {"noun": "division", "key": foreign}
    same_but_for(foreign, NOWHERE, answer, control)


@pytest.mark.parametrize(
    "path", ["/depots/{}", "/depots/{}/shelves", "/transfers?from_depot={}", "/movements?depot={}"]
)
def test_a_foreign_depot_is_not_there(still: Callers, path: str) -> None:
    keeper = still.caller("keeper")
    same_but_for("B1", "ZZ", keeper.get(path.format("B1"), 404), keeper.get(path.format("ZZ"), 404))


@pytest.mark.parametrize(
    ("username", "path", "body"),
    [
        ("keeper", "/receipts", {"depot": "{}", "lines": [{"item": "mask", "quantity": 1}]}),
        ("keeper", "/issues", {"depot": "{}", "lines": [{"item": "mask", "quantity": 1}]}),
        ("keeper", "/counts", {"depot": "{}", "lines": [{"lot_id": 1, "seen": 1, "counted": 1}]}),
        ("keeper", "/transfers", {"from_depot": "{}", "to_depot": "T", "lines": [{"item": "mask", "quantity": 1}]}),
        ("keeper", "/transfers", {"from_depot": "A1", "to_depot": "{}", "lines": [{"item": "mask", "quantity": 1}]}),
    ],
)
def test_a_foreign_code_in_a_body_is_unknown(still: Callers, username: str, path: str, body: dict[str, Any]) -> None:
    caller = still.caller(username)

    def send(code: str) -> TestResponse:
        filled = {name: value.format(code) if isinstance(value, str) else value for name, value in body.items()}
        return caller.post(path, filled, status=422)

    same_but_for("B1", "ZZ", send("B1"), send("ZZ"))


def test_documents_of_others_are_not_there(api: Callers) -> None:
    keeper, foreign = api.caller("keeper"), api.caller("foreign_keeper")
    order = keeper.post(
        "/transfers", {"from_depot": "A1", "to_depot": "T", "lines": [{"item": "mask", "quantity": 1}]}
    ).json["id"]
    same_but_for(str(order), "777777", foreign.get(f"/transfers/{order}", 404), foreign.get("/transfers/777777", 404))
    for step in ("dispatch", "arrival", "cancellation", "recall"):
        answer, control = (
            foreign.post(f"/transfers/{number}/{step}", {}, status=404, if_match="*") for number in (order, 777777)
        )
        same_but_for(str(order), "777777", answer, control)


def test_each_sees_requests_postings_and_movements_of_the_own_district_only(api: Callers) -> None:
    line = {"division": COMMUNITY, "item": "mask", "quantity": 5, "priority": 1}
    request = api.caller("township").post("/requests", {"lines": [line]}).json["id"]
    foreign = api.caller("foreign_township")
    assert foreign.get("/requests").json == {"items": [], "next": None}
    for path in (f"/requests/{request}", f"/requests/{request}/lines"):
        same_but_for(
            str(request), "777777", foreign.get(path, 404), foreign.get(path.replace(str(request), "777777"), 404)
        )
    withdrawal = foreign.post(f"/requests/{request}/withdrawal", status=404, if_match="*")
    assert withdrawal.json["facts"]["noun"] == "request"

    receipt = {"depot": "A1", "lines": [{"item": "mask", "quantity": 5}]}
    posting = api.caller("keeper").post("/receipts", receipt).json["id"]
    stranger = api.caller("foreign_keeper")
    assert posting not in [entry["id"] for entry in stranger.get("/postings").json["items"]]
    assert {m["to_division"]["code"] for m in stranger.get("/movements").json["items"]} == {FOREIGN_COUNTY}
    stranger.get(f"/postings/{posting}", 404)
    stranger.post(f"/postings/{posting}/reversal", status=404)
    assert [entry["id"] for entry in api.caller("keeper").get("/postings").json["items"]] == [posting]


def test_a_key_is_no_window_into_another_persons_answer(api: Callers) -> None:
    receipt = {"depot": "A1", "lines": [{"item": "mask", "quantity": 5}]}
    api.caller("keeper").post("/receipts", receipt, key="somebody-elses-key")
    answer = api.caller("foreign_keeper").post("/receipts", receipt, key="somebody-elses-key", status=422)
    assert answer.json["type"] == "/problems/key-reused"
    assert "movements" not in answer.json


def test_a_county_may_send_to_its_neighbour_but_not_see_its_shelves(api: Callers) -> None:
    body = {"from_depot": "A1", "to_division": FOREIGN_COUNTY, "lines": [{"item": "mask", "quantity": 5}]}
    keeper, receiver = api.caller("keeper"), api.caller("foreign_keeper")
    order = keeper.post("/transfers", body).json
    assert receiver.get(f"/transfers/{order['id']}").json["from_depot"]["code"] == "A1"
    receiver.post(f"/transfers/{order['id']}/dispatch", status=403, if_match="*")
    keeper.post(f"/transfers/{order['id']}/dispatch", status=200, if_match="*")
    came = receiver.post(f"/transfers/{order['id']}/arrival", {"depot": "B1"}, status=200, if_match="*")
    assert came.json["status"] == "received"
    keeper.get("/depots/B1/shelves", 404)


def test_the_tree_ends_at_the_district(still: Callers) -> None:
    office = still.caller("township")
    codes = [division["code"] for division in office.get("/divisions").json["items"]]
    assert codes[0] == TOWNSHIP
    assert len(codes) == 3
    assert [division["code"] for division in office.get(f"/divisions/{COMMUNITY}/path").json["items"]] == [
        TOWNSHIP, COMMUNITY,
    ]  # fmt: skip
    assert {depot["code"] for depot in office.get("/depots").json["items"]} == {"T"}


def test_a_revoked_or_made_up_token_is_nobodys(api: Callers) -> None:
    keeper = api.caller("keeper")
    [token] = keeper.get("/tokens").json["items"]
    assert keeper.call("DELETE", f"/tokens/{token['id']}").status_code == 204
    keeper.get("/me", 401)
    for header in ("Bearer", "Bearer x", "Basic a2VlcGVyOng=", f"Bearer {uuid.uuid4()}"):
        assert keeper.call("GET", "/me", headers={"Authorization": header}).status_code == 401
