"""Pages that say why lines got less, and what would help: for the planner, and for the office that asked."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.service.test_planning import ask, lines_of, plan
from tests.web.conftest import Reader
from tests.world import COMMUNITY, NEIGHBOUR, World

SignIn = Callable[..., Reader]


@pytest.fixture
def planned(world: World) -> tuple[int, int]:
    """A plan for more masks than there are, and its first line."""
    ask(world, (COMMUNITY, "mask", 5_000, 2), (NEIGHBOUR, "mask", 5_000, 2), (NEIGHBOUR, "suit", 5, 1))
    plan_id = plan(world)
    return plan_id, lines_of(world, plan_id)[0].request_line_id


def test_from_the_plan_to_what_would_help_a_set_of_its_lines(sign_in: SignIn, planned: tuple[int, int]) -> None:
    plan_id, _ = planned
    planner = sign_in("planner")
    assert f'href="/plans/{plan_id}/sets"' in planner.get(f"/plans/{plan_id}").text
    listed = planner.get(f"/plans/{plan_id}/sets").text
    assert "A reserve floor holds 400 pieces back at 甲市库." in listed
    assert f'href="/plans/{plan_id}/sets/1"' in listed
    page = planner.get(f"/plans/{plan_id}/sets/1").text
    assert f'href="/plans/{plan_id}/sets/1/explanation"' in page
    lines = re.search(rf'href="(/plans/{plan_id}/lines\?set=1)"', page)
    assert lines
    assert planner.get(lines[1]).text.count('<tr>\n      <th scope="row"') == 2
    found = planner.get(f"/plans/{plan_id}/sets/1/explanation").text
    assert "Releasing 400 pieces held back at 甲市库 would lift this from" in found
    assert "no other request would change" in found


def test_a_line_shows_what_each_remedy_would_change(sign_in: SignIn, planned: tuple[int, int]) -> None:
    plan_id, line_id = planned
    planner = sign_in("planner")
    page = planner.get(f"/plans/{plan_id}/lines/{line_id}").text
    assert "2 requests in 甲镇 lack" in page
    assert f'href="/plans/{plan_id}/lines/{line_id}/explanation" data-explain' in page
    found = planner.get(f"/plans/{plan_id}/lines/{line_id}/explanation").text
    effects = found[found.index('id="effects"') :]
    assert effects.count("<li>") == 3
    assert effects.count("<svg") == 6
    shares = re.findall(r'<span class="percent">([\d.]+) %</span>', effects)
    assert float(shares[0]) < float(shares[1]) <= 100
    assert shares[0] == shares[2]


def test_in_chinese_too(sign_in: SignIn, planned: tuple[int, int]) -> None:
    plan_id, line_id = planned
    found = sign_in("planner", "zh_Hans").get(f"/plans/{plan_id}/lines/{line_id}/explanation").text
    assert "若甲市库放出保底 400 只，可由 " in found
    assert "怎样才能更多" in found
    assert "甲镇 2 项需求共缺医用外科口罩" in found


def test_a_line_that_got_all_it_asked_offers_nothing(sign_in: SignIn, planned: tuple[int, int]) -> None:
    plan_id, line_id = planned
    planner = sign_in("planner")
    assert "data-explain" not in planner.get(f"/plans/{plan_id}/lines/{line_id + 2}").text
    assert "Nothing is missing here." in planner.get(f"/plans/{plan_id}/lines/{line_id + 2}/explanation").text


def test_an_office_comes_from_its_request_and_goes_back_there(sign_in: SignIn, planned: tuple[int, int]) -> None:
    plan_id, line_id = planned
    office = sign_in("township")
    request = office.get("/requests/1").text
    assert f'href="/plans/{plan_id}/lines/{line_id}/explanation"' in request
    found = office.get(f"/plans/{plan_id}/lines/{line_id}/explanation")
    assert "A reserve floor holds 400 pieces back at 甲市库." in found.text
    assert 'href="/requests/1"' in found.text
    assert f'href="/plans/{plan_id}/lines/{line_id}"' not in found.text


@pytest.mark.parametrize(
    ("username", "path", "status"),
    [
        ("foreign_township", "lines/{line}/explanation", 404),
        ("township", "sets", 403),
        ("township", "sets/1/explanation", 403),
        ("supervisor", "sets/1/explanation", 404),
        ("planner", "sets/9", 404),
        ("planner", "sets/9/explanation", 404),
        ("planner", "lines/999/explanation", 404),
    ],
)
def test_what_is_not_ones_own_is_not_shown(
    sign_in: SignIn, planned: tuple[int, int], username: str, path: str, status: int
) -> None:
    plan_id, line_id = planned
    assert sign_in(username).get(f"/plans/{plan_id}/{path.format(line=line_id)}").status_code == status
