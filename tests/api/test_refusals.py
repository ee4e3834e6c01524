"""Every refusal at the door: one status each, problem+json, every fault named at once, nothing changed."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from supplyhub.api.problems import STATUSES, slug
from supplyhub.domain import refusals
from supplyhub.domain.refusals import SupplyError
from tests.calling import Callers
from tests.world import COMMUNITY, COUNTY, FOREIGN_COUNTY, FOREIGN_TOWNSHIP, TOWNSHIP

LINE: dict[str, Any] = {"item": "mask", "quantity": 5}
RECEIPT: dict[str, Any] = {"depot": "A1", "lines": [LINE]}
ISSUE: dict[str, Any] = {"depot": "A1", "lines": [LINE]}
REQUEST_LINE: dict[str, Any] = {"division": COMMUNITY, "item": "mask", "quantity": 5, "priority": 1}


def test_every_refusal_has_one_status_and_a_name_of_its_own() -> None:
    declared = {kind for kind in vars(refusals).values() if isinstance(kind, type) and issubclass(kind, SupplyError)}
    assert set(STATUSES) == declared
    assert len({slug(kind) for kind in declared}) == len(declared)
    assert all(400 <= status < 600 for status in STATUSES.values())


def test_a_refusal_is_problem_json_in_the_readers_language(still: Callers) -> None:
    for language, detail in (("en", "Your role"), ("zh-CN", "")):
        answer = still.caller("township", language).post("/receipts", RECEIPT, status=403)
        assert answer.content_type == "application/problem+json"
        assert set(answer.json) == {"type", "title", "status", "detail", "instance", "facts", "faults"}
        assert (answer.json["type"], answer.json["status"]) == ("/problems/not-allowed", 403)
        assert answer.json["facts"] == {"role": "township", "verb": "post_receipt"}
        assert answer.json["detail"].startswith(detail)
        assert answer.json["instance"] == "/api/v1/receipts"


@pytest.mark.parametrize(
    ("username", "method", "path", "body", "headers", "status", "problem"),
    [
        ("", "GET", "/stock", None, {}, 401, "not-signed-in"),
        ("", "POST", "/receipts", RECEIPT, {}, 401, "not-signed-in"),
        ("township", "POST", "/receipts", {"nonsense": 1}, {}, 403, "not-allowed"),
        ("keeper", "GET", "/plans", None, {}, 403, "not-allowed"),
        ("keeper", "POST", "/receipts", RECEIPT, {"Idempotency-Key": ""}, 400, "key-required"),
        ("keeper", "POST", "/receipts", RECEIPT, {"Idempotency-Key": "short"}, 400, "key-required"),
        ("keeper", "POST", "/receipts", RECEIPT, {"Idempotency-Key": "k" * 201}, 400, "key-required"),
        ("keeper", "POST", "/receipts", RECEIPT, {"Idempotency-Key": "ключ-ключ"}, 400, "key-required"),
        ("planner", "POST", "/plans/1/rejection", {}, {}, 428, "version-required"),
        ("planner", "POST", "/plans/1/rejection", {}, {"If-Match": "*"}, 404, "not-found"),
        ("keeper", "GET", "/items/nothing", None, {}, 404, "not-found"),
        ("keeper", "POST", "/postings/999999/reversal", None, {}, 404, "not-found"),
        ("keeper", "POST", "/transfers/999999/dispatch", None, {"If-Match": "*"}, 404, "not-found"),
        ("keeper", "DELETE", "/tokens/999999", None, {}, 404, "not-found"),
        ("planner", "POST", "/planning-runs/999999/cancellation", None, {}, 404, "not-found"),
        ("keeper", "POST", "/receipts", {**RECEIPT, "depot": "B1"}, {}, 422, "invalid-input"),
        ("keeper", "POST", "/issues", {**ISSUE, "lines": [{"item": "suit", "quantity": 41}]}, {}, 409,
         "insufficient-stock"),
    ],
)  # fmt: skip
def test_refused_at_the_door(
    still: Callers, username: str, method: str, path: str, body: Any, headers: Any, status: int, problem: str
) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
    if "Idempotency-Key" in headers:
        headers = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    answer = still.caller(username).call(method, path, json=body, headers={**key, **headers})
    assert (answer.status_code, answer.json["type"]) == (status, f"/problems/{problem}")
    assert answer.content_type == "application/problem+json"
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


def test_a_short_shelf_says_what_is_short(still: Callers) -> None:
    body = {**ISSUE, "lines": [{"item": "suit", "quantity": 41}]}
    problem = still.caller("keeper").post("/issues", body, status=409).json
    assert problem["facts"] == {
        "item": "suit", "lot": "*", "wanted_units": 41, "free_units": 40, "reserved_units": 0, "short_units": 1,
    }  # fmt: skip
    assert problem["faults"] == [{"where": "lines[0]", "message": problem["detail"], "facts": problem["facts"]}]


def lots_of(still: Callers, depot: str) -> dict[str, int]:
    """Lot ids by what is written on the box."""
    found = still.caller("keeper").get(f"/depots/{depot}/shelves").json["items"]
    return {shelf["lot"]: shelf["lot_id"] for shelf in found}


def test_every_line_that_is_short_or_expired_is_told(still: Callers) -> None:
    lots = lots_of(still, "A1")
    lines = [
        {"item": "mask", "quantity": 5},
        {"item": "suit", "quantity": 41},
        {"item": "mask", "quantity": 1, "lot_id": lots["A1-gone"]},
        {"item": "mask", "quantity": 299, "lot_id": lots["A1-late"]},
        {"item": "mask", "quantity": 2, "lot_id": lots["A1-late"]},
        {"item": "mask", "quantity": 900},
    ]
    for path in ("/issues", "/transfers"):
        body = {**ISSUE, "lines": lines} if path == "/issues" else {"from_depot": "A1", "to_depot": "T", "lines": lines}
        answer = still.caller("keeper").post(path, body, status=409)
        assert answer.json["type"] == "/problems/insufficient-stock"
        assert answer.json["facts"]["item"] == "suit"
        told = [(fault["where"], fault["facts"].get("short_units")) for fault in answer.json["faults"]]
        assert told == [("lines[1]", 1), ("lines[2]", None), ("lines[4]", 1), ("lines[5]", 704)]
        assert answer.json["faults"][1]["facts"] == {"lot": "A1-gone", "expires_on": "2026-06-01"}
        assert all(fault["message"] for fault in answer.json["faults"])


def test_every_shelf_that_held_less_than_a_count_takes_is_told(still: Callers) -> None:
    lots = lots_of(still, "A1")
    lines = [
        {"lot_id": lots["A1-gone"], "seen": 70, "counted": 70},
        {"lot_id": lots["A1-late"], "seen": 900, "counted": 0},
        {"lot_id": lots["A1-soon"], "seen": 200, "counted": 0},
        {"lot_id": lots["A1-suit"], "seen": 50, "counted": 0},
    ]
    answer = still.caller("keeper").post("/counts", {"depot": "A1", "lines": lines}, status=409)
    told = [(fault["where"], fault["facts"]["lot"], fault["facts"]["short_units"]) for fault in answer.json["faults"]]
    assert told == [("lines[1]", "A1-late", 600), ("lines[3]", "A1-suit", 10)]


def test_what_the_shape_and_what_the_district_find_wrong_is_told_together(still: Callers) -> None:
    lines: list[Any] = [dict(LINE) for _ in range(50)]
    lines[3], lines[7], lines[11], lines[49] = "mask", {**LINE, "item": "none"}, {**LINE, "colour": 1}, {"item": "suit"}
    body = {"depot": "A1", "lines": lines, "reason": "gift", "note": 7}
    answer = still.caller("keeper").post("/receipts", body, status=422)
    assert {fault["where"] for fault in answer.json["faults"]} == {
        "reason", "note", "lines[3]", "lines[7].item", "lines[11].colour", "lines[49].quantity",
    }  # fmt: skip
    lots = {"lot_id": 999_999}
    answer = still.caller("keeper").post(
        "/issues", {"depot": "A1", "lines": [{"item": 5}, {**LINE, **lots}]}, status=422
    )
    assert {fault["where"] for fault in answer.json["faults"]} >= {"lines[0].item", "lines[1].lot_id"}
    nowhere = still.caller("keeper").post("/issues", {"depot": "B1", "lines": [{"item": 5}, LINE]}, status=422)
    assert {fault["where"] for fault in nowhere.json["faults"]} >= {"lines[0].item", "depot"}


def test_what_is_wrong_two_hundred_times_is_counted(still: Callers) -> None:
    answer = still.caller("keeper").post("/receipts", {"depot": "A1", "lines": [{"item": "mask"}] * 5000}, status=422)
    assert (len(answer.json["faults"]), answer.json["facts"]) == (200, {"count": 5000})
    lines = [{"item": "suit", "quantity": 41}] * 300
    answer = still.caller("keeper").post("/issues", {"depot": "A1", "lines": lines}, status=409)
    assert (len(answer.json["faults"]), answer.json["facts"]["count"]) == (200, 300)


def test_an_expired_lot_is_scrapped_not_handed_out(still: Callers) -> None:
    keeper = still.caller("keeper")
    [gone] = [shelf for shelf in keeper.get("/depots/A1/shelves").json["items"] if shelf["lot"] == "A1-gone"]
    line = {"item": "mask", "quantity": 1, "lot_id": gone["lot_id"]}
    assert keeper.post("/issues", {**ISSUE, "lines": [line]}, status=409).json["type"] == "/problems/lot-expired"


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ({"item": "mask"}, "lines[0].quantity"),
        ({"item": "mask", "quantity": 5, "packs": 1}, "lines[0].quantity"),
        ({"item": "mask", "quantity": 0}, "lines[0].quantity"),
        ({"item": "mask", "quantity": -3}, "lines[0].quantity"),
        ({"item": "mask", "quantity": 2.5}, "lines[0].quantity"),
        ({"item": "mask", "quantity": "5"}, "lines[0].quantity"),
        ({"item": "mask", "quantity": True}, "lines[0].quantity"),
        ({"item": "mask", "quantity": None}, "lines[0].quantity"),
        ({"item": "mask", "quantity": 2**63}, "lines[0].quantity"),
        ({"item": "mask", "quantity": 10**9 + 1}, "lines[0].quantity"),
        ({"item": "mask", "packs": 10**9}, "lines[0].packs"),
        ({"item": "nothing", "quantity": 5}, "lines[0].item"),
        ({"quantity": 5}, "lines[0].item"),
        ({"item": "", "quantity": 5}, "lines[0].item"),
        ({"item": "x" * 65, "quantity": 5}, "lines[0].item"),
        ({**LINE, "owner": FOREIGN_COUNTY}, "lines[0].owner"),
        ({**LINE, "earmark": "000000000000"}, "lines[0].earmark"),
        ({**LINE, "produced_on": "2026-02-02", "expires_on": "2026-02-01"}, "lines[0].expires_on"),
        ({**LINE, "expires_on": "2026-02-30"}, "lines[0].expires_on"),
        ({**LINE, "expires_on": "9999-01-01"}, "lines[0].expires_on"),
        ({**LINE, "condition": "splendid"}, "lines[0].condition"),
        ({**LINE, "colour": "red"}, "lines[0].colour"),
        ({**LINE, "lot": "a\x00b"}, "lines[0].lot"),
        ({**LINE, "lot": "a\ud800b"}, "lines[0].lot"),
        ("mask", "lines[0]"),
    ],
)
def test_a_bad_line_is_named_by_its_field(still: Callers, line: Any, where: str) -> None:
    answer = still.caller("keeper").post("/receipts", {**RECEIPT, "lines": [line]}, status=422)
    assert answer.json["type"] == "/problems/invalid-input"
    assert [fault["where"] for fault in answer.json["faults"]] == [where]
    assert answer.json["faults"][0]["message"]


def test_a_shelf_is_counted_once_in_a_count(api: Callers) -> None:
    lot = lots_of(api, "A1")["A1-late"]
    twice = [{"lot_id": lot, "seen": 300, "counted": 290}, {"lot_id": lot, "seen": 290, "counted": 290}]
    answer = api.caller("keeper").post("/counts", {"depot": "A1", "lines": twice}, status=422)
    assert [fault["where"] for fault in answer.json["faults"]] == ["lines[1].lot_id"]
    other = [twice[0], {**twice[0], "condition": "damaged", "seen": 9, "counted": 9}]
    api.caller("keeper").post("/counts", {"depot": "A1", "lines": other}, status=201)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"depot": "A1", "depot": "T", "lines": [{"item": "mask", "quantity": 1}]}', "depot"),
        ('{"depot": "A1", "lines": [{"item": "mask", "quantity": 1, "quantity": 2}]}', "quantity"),
        ('{"数量": 1, "数量": 2}', "数量"),
        ('{"\\ud800": 1, "\\ud800": 2}', "\ud800"),
        ('{"depot": "A1", "note": "a: b", "lines": [{"item": "mask", "quantity": 1, "note": {"x": 1, "x": 1}}]}', "x"),
    ],
)
def test_what_is_said_twice_is_not_guessed_at(still: Callers, text: str, where: str) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answer = still.caller("keeper").call(
        "POST", "/receipts", data=text, content_type="application/json", headers=headers
    )
    assert answer.status_code == 422
    assert [fault["where"] for fault in answer.json["faults"]] == [where]


def test_faults_come_in_the_order_of_what_was_sent(still: Callers) -> None:
    lines: list[dict[str, Any]] = [{"item": "none", "quantity": 1}, {"item": "mask", "quantity": 0}] * 2
    answer = still.caller("keeper").post("/receipts", {"depot": "nowhere", "lines": lines}, status=422)
    assert [fault["where"] for fault in answer.json["faults"]] == [
        "depot", "lines[0].item", "lines[1].quantity", "lines[2].item", "lines[3].quantity",
    ]  # fmt: skip


def test_a_refusal_in_chinese_is_readable_as_it_comes_whatever_was_sent(still: Callers) -> None:
    sent = {**RECEIPT, "lines": [{**LINE, "item": "half a pair \ud800"}]}
    answer = still.caller("keeper", "zh-CN").post("/receipts", sent, status=422)
    assert "没有改动任何内容" in answer.data.decode()
    assert json.loads(answer.data) == answer.json
    assert answer.json["faults"][0]["where"] == "lines[0].item"


@pytest.mark.parametrize("value", [0, 1, "true", "yes", None])
def test_true_and_false_are_said_as_json_says_them(still: Callers, value: Any) -> None:
    answer = still.caller("planner").post("/planning-runs", {"release_reserves": value}, status=422)
    assert [fault["where"] for fault in answer.json["faults"]] == ["release_reserves"]
    assert still.caller("keeper").get("/depots?mine=true").json["items"]
    assert still.caller("keeper").get("/depots?mine=yes", 422).json["faults"][0]["where"] == "mine"


def test_every_fault_of_a_bulk_body_is_named_at_once(still: Callers) -> None:
    lines = [dict(LINE) for _ in range(5000)]
    for place in (7, 4999):
        lines[place] = {"item": "mask", "quantity": -1}
    answer = still.caller("keeper").post("/receipts", {"depot": "A1", "lines": lines, "reason": "gift"}, status=422)
    assert {fault["where"] for fault in answer.json["faults"]} == {
        "reason", "lines[7].quantity", "lines[4999].quantity",
    }  # fmt: skip
    unknown = [{"item": f"none-{place}", "quantity": 1} for place in range(3)]
    answer = still.caller("keeper").post("/issues", {"depot": "nowhere", "lines": unknown}, status=422)
    assert [fault["where"] for fault in answer.json["faults"]] == [
        "depot", "lines[0].item", "lines[1].item", "lines[2].item",
    ]  # fmt: skip
    too_many = still.caller("keeper").post("/receipts", {"depot": "A1", "lines": [LINE] * 5001}, status=422)
    assert [fault["where"] for fault in too_many.json["faults"]] == ["lines"]


@pytest.mark.parametrize("depot", ["P", "B1", ""])
def test_a_lot_is_only_known_where_it_stood(still: Callers, depot: str) -> None:
    """A lot of another depot is as unknown as one that does not exist."""
    keeper, lot_id = still.caller("keeper"), 999_999
    if depot:
        lot_id = still.caller("planner").get(f"/depots/{depot}/shelves?item=mask").json["items"][0]["lot_id"]
    for path, line in (
        ("/issues", {**LINE, "lot_id": lot_id}),
        ("/counts", {"lot_id": lot_id, "seen": 0, "counted": 3}),
        ("/transfers", {**LINE, "lot_id": lot_id}),
    ):
        body = {"depot": "A1", "lines": [line]}
        if path == "/transfers":
            body = {"from_depot": "A1", "to_depot": "T", "lines": [line]}
        answer = keeper.post(path, body, status=422)
        assert [(f["where"], f["facts"]) for f in answer.json["faults"]] == [("lines[0].lot_id", {"lot_id": lot_id})]


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ({**REQUEST_LINE, "priority": 5}, "lines[0].priority"),
        ({**REQUEST_LINE, "needed_by": "2026-07-01T08:00:00"}, "lines[0].needed_by"),
        ({**REQUEST_LINE, "quantity": 6001}, "lines[0].quantity"),
        ({**REQUEST_LINE, "division": FOREIGN_TOWNSHIP}, "lines[0].division"),
        ({**REQUEST_LINE, "division": None}, "lines[0].division"),
        ({**REQUEST_LINE, "institution": "H9"}, "lines[0].institution"),
    ],
)
def test_a_bad_request_line_is_named_by_its_field(still: Callers, line: Any, where: str) -> None:
    answer = still.caller("township").post("/requests", {"lines": [line]}, status=422)
    assert [fault["where"] for fault in answer.json["faults"]] == [where]


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("/requests?limit=0", "limit"),
        ("/requests?limit=501", "limit"),
        (f"/requests?limit={2**63}", "limit"),
        (f"/requests?limit={'9' * 5000}", "limit"),
        ("/requests?limit=ten", "limit"),
        ("/requests?cursor=!!", "cursor"),
        ("/requests?cursor=YWZ0ZXI6OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "cursor"),
        ("/requests?cursor=YWZ0ZXI6LTE", "cursor"),
        ("/requests?page=2", "page"),
        ("/stock?item=%00", "item"),
        ("/stock/children", "item"),
        ("/divisions?level=galaxy", "level"),
        ("/transfers?status=flying", "status"),
    ],
)
def test_a_bad_query_is_named_by_its_parameter(still: Callers, query: str, where: str) -> None:
    answer = still.caller("keeper").get(query, 422)
    assert [fault["where"] for fault in answer.json["faults"]] == [where]


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff\xfe{}", "application/json", 400),
        (b'{"depot": NaN}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"depot": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b"\x1f\x8b\x08\x00\x00", "application/json", 400),
        (b'{"depot": "A1"}', "text/plain", 415),
        (b"depot=A1", "application/x-www-form-urlencoded", 415),
        (b'{"note": "' + b"x" * 5_000_000 + b'"}', "application/json", 413),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'"text"', "application/json", 422),
        (b'{"depot": 1e400, "lines": [1e400]}', "application/json", 422),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_a_problem_not_a_crash(
    still: Callers, data: bytes, content_type: str, status: int
) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answer = still.caller("keeper").call("POST", "/receipts", data=data, content_type=content_type, headers=headers)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_only_below_api_are_errors_problems(still: Callers) -> None:
    client = still.app.test_client()
    for path, method, status in (("/api/v1/nothing", "GET", 404), ("/api/v1/stock", "PUT", 405), ("/api/", "GET", 404)):
        answer = client.open(path, method=method)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert "GET" in client.put("/api/v1/stock").headers["Allow"]
    outside = client.get("/no-such-page")
    assert (outside.status_code, outside.mimetype) == (404, "text/html")


def test_custody_is_needed_to_move_stock_that_may_be_read(still: Callers) -> None:
    """The county's keeper keeps depot T in the township, but the city's depot stands outside his district."""
    answer = still.caller("keeper").post("/receipts", {**RECEIPT, "depot": "A"}, status=422)
    assert [fault["where"] for fault in answer.json["faults"]] == ["depot"]
    assert still.caller("keeper").get(f"/stock?division={TOWNSHIP}").status_code == 200
    assert still.caller("keeper").get(f"/divisions/{COUNTY}").json["code"] == COUNTY
