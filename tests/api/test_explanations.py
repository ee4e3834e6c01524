"""Sets and explanations over HTTP: in the reader's language, and to nobody who may not see the lines."""

from __future__ import annotations

import pytest

from supplyhub.jobs.worker import run_due
from tests.api.test_scope import same_but_for
from tests.calling import Callers
from tests.world import COMMUNITY, NEIGHBOUR

LINES = [
    {"division": COMMUNITY, "item": "mask", "packs": 500, "priority": 2},
    {"division": NEIGHBOUR, "item": "mask", "packs": 500, "priority": 2},
    {"division": NEIGHBOUR, "item": "suit", "quantity": 5, "priority": 1},
]


@pytest.fixture
def planned(api: Callers) -> tuple[int, list[int]]:
    """A plan for more masks than there are: its number, and its lines'."""
    request = api.caller("township").post("/requests", {"reason": "洪水", "lines": LINES}).json
    planner = api.caller("planner")
    planner.post("/planning-runs", {}, status=202)
    run_due(api.world.hub)
    lines = api.caller("township").get(f"/requests/{request['id']}/lines").json["items"]
    return planner.get("/plans").json["items"][0]["id"], [line["id"] for line in lines]


def test_lines_say_why_they_got_less_in_the_readers_language(api: Callers, planned: tuple[int, list[int]]) -> None:
    plan, _ = planned
    english, chinese = (
        api.caller("planner", language).get(f"/plans/{plan}/lines").json["items"] for language in ("en", "zh")
    )
    assert [line["set"] for line in english] == [1, 1, None]
    assert english[0]["reason"].startswith("2 requests in 甲镇 lack ")
    assert chinese[0]["reason"].startswith("甲镇 2 项需求共缺医用外科口罩 ")
    assert english[2]["reason"] == chinese[2]["reason"] == ""
    only = api.caller("planner").get(f"/plans/{plan}/lines?set=1").json["items"]
    assert only == english[:2]
    assert api.caller("planner").get(f"/plans/{plan}/lines?set=2").json["items"] == []


def test_sets_are_listed_with_what_would_help(api: Callers, planned: tuple[int, list[int]]) -> None:
    plan, _ = planned
    page = api.caller("planner").get(f"/plans/{plan}/sets?limit=1").json
    [found] = page["items"]
    assert page["next"] is None
    assert (found["set"], found["requests"], found["limited_by"]["code"]) == (1, 2, "reserve-floor")
    assert found["remedies"] == ["floor@A", "stock@420101001000"]
    assert found["remedy_count"] == 2
    assert found["item"]["code"] == "mask"


def test_an_office_asks_what_would_help_its_line(api: Callers, planned: tuple[int, list[int]]) -> None:
    plan, [line, *_] = planned
    office = api.caller("township")
    found = office.get(f"/plans/{plan}/lines/{line}/explanation").json
    [grant] = [
        grants["grants"][0]
        for grants in office.get(f"/requests/{office.get('/requests').json['items'][0]['id']}/lines").json["items"]
        if grants["id"] == line
    ]
    assert (found["plan"], found["request_line"], found["set"], found["requests"]) == (plan, line, 1, 1)
    assert (found["granted"], found["wanted"], found["untried"]) == (grant["granted"], 5000, 0)
    assert found["reason"] == grant["reason"] != ""
    effects = {effect["remedies"][0]: effect for effect in found["effects"]}
    assert effects["floor@A"]["what"] == "Releasing 400 pieces held back at 甲市库"
    assert effects["floor@A"]["granted"] > found["granted"]
    assert effects["stock@420101001000"]["says"].startswith("Adding ")
    chinese = api.caller("township", "zh").get(f"/plans/{plan}/lines/{line}/explanation").json
    assert {effect["what"] for effect in chinese["effects"]} >= {"甲市库放出保底 400 只"}


def test_a_set_is_explained_as_a_whole(api: Callers, planned: tuple[int, list[int]]) -> None:
    plan, _ = planned
    planner = api.caller("planner")
    found = planner.get(f"/plans/{plan}/sets/1/explanation").json
    assert (found["set"], found["request_line"], found["requests"], found["wanted"]) == (1, None, 2, 10_000)
    by_floor = next(effect for effect in found["effects"] if effect["remedies"] == ["floor@A"])
    assert by_floor["granted"] == found["granted"] + 400
    assert (by_floor["more"], by_floor["less"]) == (0, 0)


def test_what_is_foreign_is_not_there(api: Callers, planned: tuple[int, list[int]]) -> None:
    plan, [_, line, _] = planned
    foreign, planner = api.caller("foreign_township"), api.caller("planner")
    path = "/plans/{}/lines/{}/explanation"
    same_but_for(
        str(line), "777777", foreign.get(path.format(plan, line), 404), foreign.get(path.format(plan, 777777), 404)
    )
    planner.get(path.format(777777, line), 404)
    for caller, status in ((foreign, 403), (api.caller("township"), 403), (api.caller("supervisor"), 404)):
        caller.get(f"/plans/{plan}/sets", status)
        caller.get(f"/plans/{plan}/sets/1/explanation", status)
    for number in (2, 777777):
        assert planner.get(f"/plans/{plan}/sets/{number}/explanation", 404).json["facts"]["noun"] == "set"
    planner.get(f"/plans/{plan}/sets?cursor=nonsense", 422)
