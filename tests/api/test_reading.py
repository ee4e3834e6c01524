"""Reading: pages by cursor, ETags, languages, tokens, units and packs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplyhub.domain.people import Role
from supplyhub.jobs.bookkeeping import keep_books
from supplyhub.schemas.fields import Cursor, Whole
from supplyhub.schemas.texts import is_text
from supplyhub.service.people import NewUser, add_user, make_token
from tests.calling import Caller, Callers
from tests.world import COMMUNITY, COUNTY, NOW, PASSWORD, PROVINCE


@given(st.integers(0, 2**62))
def test_a_cursor_comes_back_as_it_went(number: int) -> None:
    sent = Cursor().serialize("next", {"next": number})
    assert isinstance(sent, str)
    assert Cursor().deserialize(sent) == number


@given(st.integers(-(2**70), 2**70))
def test_a_float_is_whole_exactly_when_it_is(number: int) -> None:
    field = Whole(-(2**80), 2**80)
    assert field.deserialize(number) == number
    assert field.deserialize(float(number)) == int(float(number))
    if abs(number) < 2**50:
        with pytest.raises(Exception, match="whole"):
            field.deserialize(number + 0.5)


@given(st.text())
def test_what_is_text_can_be_encoded_and_holds_no_nul(text: str) -> None:
    if is_text(text):
        assert "\x00" not in text.encode().decode()


def test_pages_join_up_to_the_whole(still: Callers) -> None:
    planner = still.caller("planner")
    whole = [division["code"] for division in planner.get("/divisions?limit=500").json["items"]]
    assert whole[0] == PROVINCE
    found: list[str] = []
    cursor = ""
    for _ in range(len(whole)):
        page = planner.get(f"/divisions?limit=3{cursor}").json
        found.extend(division["code"] for division in page["items"])
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == whole
    for path in ("/items", "/depots", "/movements", "/depots/A1/shelves"):
        first = planner.get(f"{path}?limit=2").json
        second = planner.get(f"{path}?limit=2&cursor={first['next']}").json
        assert len(first["items"]) == 2
        assert not [item for item in second["items"] if item in first["items"]]


def test_an_unchanged_document_is_not_sent_again(api: Callers) -> None:
    office = api.caller("township")
    line = {"division": COMMUNITY, "item": "mask", "quantity": None, "priority": 1}
    path = f"/requests/{office.post('/requests', {'lines': [line]}).json['id']}"
    tag = office.get(path).headers["ETag"]
    assert tag == '"v1"'
    assert office.get(path, 304, **{"If-None-Match": tag}).get_data() == b""
    [row] = office.get(f"{path}/lines").json["items"]
    office.post(f"/request-lines/{row['id']}/answer", {"packs": 3}, status=200)
    assert office.get(path, 200, **{"If-None-Match": tag}).headers["ETag"] == '"v2"'
    for stale in (tag, 'W/"v2"', '"v2", "v3"', "nonsense"):
        office.post(f"{path}/withdrawal", status=412, if_match=stale)
    office.post(f"{path}/withdrawal", status=428)
    withdrawn = office.post(f"{path}/withdrawal", status=200, if_match='"v2"')
    assert (withdrawn.json["status"], withdrawn.headers["ETag"]) == ("withdrawn", '"v3"')
    assert office.post(f"{path}/withdrawal", status=409, if_match="*").json["type"] == "/problems/step-not-allowed"


def test_an_institution_stands_for_its_division(api: Callers) -> None:
    """The hospital H1 belongs to the county itself: who asks for the county may ask for it, its townships may not."""
    new = NewUser("county_office", "县应急局", Role.TOWNSHIP, COUNTY)
    api.world.hub.write(lambda work: add_user(work, None, new, PASSWORD), at=NOW)
    _, token = api.world.hub.write(lambda work: make_token(work, None, "county_office", "test"), at=NOW)
    office = Caller(api.app, token)
    line = {"institution": "H1", "item": "suit", "quantity": 3, "priority": 1}

    request = office.post("/requests", {"lines": [line]}).json["id"]
    [shown] = office.get(f"/requests/{request}/lines").json["items"]
    assert shown["institution"] == {"code": "H1", "name": "甲县人民医院"}
    assert shown["division"]["code"] == COUNTY

    for caller, sent, where in (
        (api.caller("township"), line, "lines[0].institution"),
        (office, {**line, "division": COMMUNITY}, "lines[0].division"),
    ):
        faults = caller.post("/requests", {"lines": [sent]}, status=422).json["faults"]
        assert [fault["where"] for fault in faults] == [where]


def test_names_and_refusals_follow_the_readers_language(still: Callers) -> None:
    for header, item, title in (
        ("en-GB,en;q=0.8", "Surgical mask", "Your role does not hold this right here."),
        ("zh-CN,zh;q=0.9", "医用外科口罩", "您的角色没有这项权限。"),
        ("fr", "医用外科口罩", "您的角色没有这项权限。"),
    ):
        caller = still.caller("keeper", header)
        answer = caller.get("/items/mask")
        assert answer.json["name"] == item
        assert "Accept-Language" in answer.headers["Vary"]
        assert caller.get("/plans", 403).json["title"] == title
    assert still.caller("keeper", "zh-CN").get("/items/mask?lang=en").json["name"] == "Surgical mask"


def test_name_and_password_make_a_token_that_is_shown_once(api: Callers) -> None:
    nobody = api.caller("")
    sent = {"username": "keeper", "password": PASSWORD, "label": "扫码枪", "valid_days": 30}
    made = nobody.call("POST", "/tokens", json=sent)
    assert made.status_code == 201
    keeper = type(nobody)(api.app, made.json["token"])
    me = keeper.get("/me").json
    assert (me["role"], me["division"]["code"]) == ("keeper", COUNTY)
    assert "post_receipt" in me["rights"]
    tokens = keeper.get("/tokens").json["items"]
    assert [token["label"] for token in tokens] == ["扫码枪"]
    assert made.json["token"] not in keeper.get("/tokens").get_data(as_text=True)

    wrong = nobody.call("POST", "/tokens", json={**sent, "password": "wrong password"})
    assert (wrong.status_code, wrong.json["type"]) == (401, "/problems/sign-in-refused")
    stranger = nobody.call("POST", "/tokens", json={**sent, "username": "nobody-here"})
    assert stranger.json == wrong.json


def test_a_place_alone_its_subtree_and_its_children(still: Callers) -> None:
    planner = still.caller("planner")
    [mask] = [row for row in planner.get("/stock").json["items"] if row["item"]["code"] == "mask"]
    assert (mask["itself"]["on_hand"], mask["subtree"]["on_hand"]) == (5000, 5000 + 1000 + 570 + 999 + 777)
    assert mask["subtree"]["on_hand_in_packs"] == {"packs": 834, "units": 6}
    children = planner.get("/stock/children?item=mask").json["children"]
    assert [(c["division"]["code"], c["stock"]["on_hand"]) for c in children] == [
        ("420100000000", 1570), ("420200000000", 1776),
    ]  # fmt: skip
    empty = still.caller("township").get("/stock?item=mask").json["items"]
    assert [row["subtree"]["on_hand"] for row in empty] == [0]


def test_a_count_posts_the_difference_alone(api: Callers) -> None:
    keeper = api.caller("keeper")
    [shelf] = keeper.get("/depots/A1/shelves?item=suit").json["items"]
    line = {"lot_id": shelf["lot_id"], "seen": 40, "counted": 38}
    posted = keeper.post("/counts", {"depot": "A1", "lines": [line]}).json["movements"]
    assert [(m["quantity"], m["lot_id"], m["reason"]) for m in posted] == [(2, shelf["lot_id"], "count")]
    again = {**line, "seen": 38}
    assert keeper.post("/counts", {"depot": "A1", "lines": [again]}).json["movements"] == []
    [after] = keeper.get("/depots/A1/shelves?item=suit").json["items"]
    assert after["on_hand"] == 38


def test_reversing_twice_names_the_first_reversal(api: Callers) -> None:
    keeper = api.caller("keeper")
    issue = keeper.post("/issues", {"depot": "A1", "lines": [{"item": "mask", "quantity": 250}]}).json
    assert [m["lot"] for m in issue["movements"]] == ["A1-soon", "A1-late"]
    reversal = keeper.post(f"/postings/{issue['id']}/reversal").json
    twice = keeper.post(f"/postings/{issue['id']}/reversal", status=409).json
    assert twice["type"] == "/problems/already-reversed"
    assert twice["facts"] == {"posting_id": issue["id"], "reversal_id": reversal["id"]}
    back = keeper.post(f"/postings/{reversal['id']}/reversal", status=409).json
    assert back["type"] == "/problems/not-reversible"


def test_lines_of_one_item_take_after_one_another(api: Callers) -> None:
    """First-expired lots: the second line goes on where the first one stopped, also after a named lot."""
    keeper = api.caller("keeper")
    soon = keeper.get("/depots/A1/shelves?item=mask").json["items"][1]
    assert (soon["lot"], soon["on_hand"]) == ("A1-soon", 200)
    lines = [
        {"item": "mask", "quantity": 50, "lot_id": soon["lot_id"]},
        {"item": "mask", "quantity": 120},
        {"item": "mask", "quantity": 100},
    ]
    for path, ends in (("/issues", {"depot": "A1"}), ("/transfers", {"from_depot": "A1", "to_depot": "T"})):
        posted = keeper.post(path, {**ends, "lines": lines}).json
        rows = posted["movements"] if path == "/issues" else posted["lines"]
        assert [(row["lot"], row["quantity"]) for row in rows] == [
            ("A1-soon", 50), ("A1-soon", 120), ("A1-soon", 30), ("A1-late", 70),
        ]  # fmt: skip
        if path == "/issues":
            keeper.post(f"/postings/{posted['id']}/reversal")


def test_five_thousand_lines_are_one_posting(api: Callers) -> None:
    keeper = api.caller("keeper")
    lines = [{"item": "quilt", "quantity": 1 + place % 7, "lot": f"L{place}"} for place in range(5000)]
    received = keeper.post("/receipts", {"depot": "A1", "lines": lines}).json
    lots = [{"item": "quilt", "quantity": m["quantity"], "lot_id": m["lot_id"]} for m in received["movements"]]
    issued = keeper.post("/issues", {"depot": "A1", "lines": lots}).json
    assert len(received["movements"]) == len(issued["movements"]) == 5000
    assert keeper.get("/depots/A1/shelves?item=quilt").json["items"] == []


def test_an_overview_is_of_a_moment_ago_and_says_so(api: Callers) -> None:
    keeper, path = api.caller("keeper"), f"/stock/overview?division={COUNTY}"
    assert keeper.get(path).json["items"] == []
    keep_books(api.world.hub)
    first = keeper.get(path).json
    assert (first["division"]["code"], first["behind"]) == (COUNTY, 0)
    [masks] = [line for line in first["items"] if line["item"]["code"] == "mask"]
    assert (masks["on_hand"], masks["here"], masks["in_transit"], masks["on_hand_in_packs"]["packs"]) == (
        570,
        570,
        0,
        57,
    )
    keeper.post("/receipts", {"depot": "A1", "lines": [{"item": "mask", "packs": 3}]})
    behind = keeper.get("/stock/overview").json
    assert (behind["seq"], behind["as_of"], behind["behind"]) == (first["seq"], first["as_of"], 1)
    assert behind["items"] == first["items"]
    keep_books(api.world.hub)
    now = keeper.get(path).json
    exact = keeper.get(f"/stock?division={COUNTY}").json
    assert {line["item"]["code"]: line["on_hand"] for line in now["items"]} == {
        line["item"]["code"]: line["subtree"]["on_hand"] for line in exact["items"]
    }
    assert now["behind"] == 0


def test_an_overview_ends_at_the_district(still: Callers) -> None:
    for path in (f"/stock/overview?division={PROVINCE}", "/stock/overview?division=nowhere"):
        still.caller("keeper").get(path, 404)
