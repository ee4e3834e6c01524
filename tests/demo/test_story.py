"""The printed story: what a planner may read of a plan, in words, in either language."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from supplyhub.commands.saying import open_words
from supplyhub.demo.load import Done
from supplyhub.demo.needs import Hospitals
from supplyhub.demo.plan import find_plan, queue_run
from supplyhub.demo.story import gather, tell, tell_loading, tell_unplanned
from supplyhub.domain.planning import RunStatus
from supplyhub.domain.requests import NewRequest, NewRequestLine
from supplyhub.jobs.worker import run_due
from supplyhub.service import planning, requests
from supplyhub.service.unit_of_work import Answer, Command, Work
from tests.world import COMMUNITY, NOW, World


@pytest.fixture
def asked(world: World) -> World:
    """The small world with a community that asks for too much of one item, and does not say how much of another."""
    township = world.actors["township"]
    lines = (
        NewRequestLine(world.division_id(COMMUNITY), world.item_id("suit"), 100, 1),
        NewRequestLine(world.division_id(COMMUNITY), world.item_id("mask"), None, 2),
    )

    def ask(work: Work) -> Answer:
        return Answer({"id": requests.make_request(work, township, NewRequest("疫情", lines))})

    world.hub.perform(Command(township, "make_request", "story-ask", None, NOW), ask)
    return world


@pytest.mark.parametrize("lang", ["zh_Hans", "en"])
def test_the_story_names_who_got_less_of_what_and_why(asked: World, lang: str) -> None:
    hub, planner = asked.hub, asked.actors["planner"]
    assert find_plan(hub, planner, at=NOW) is None
    queue_run(hub, planner, at=NOW)
    run_due(hub)
    plan_id = find_plan(hub, planner, at=NOW)
    assert plan_id is not None
    story = gather(hub, planner, plan_id, at=NOW)
    said = io.StringIO()
    console, say = Console(file=said, width=160), open_words(lang).gettext
    tell_loading(console, say, Done("divisions", None, 0.1))
    tell(console, say, story, lang=lang, peak_mib=123)
    tell_unplanned(console, say, story, Hospitals([], ["迷路医院"], []))
    text = said.getvalue()
    [worst] = story.worst
    assert (worst.line.requested_units, worst.item.code, COMMUNITY in worst.asker) == (100, "suit", True)
    assert sum(worst.senders.values()) == worst.line.granted_units < 100
    assert story.asked_back == 1
    for word in (worst.item.name(lang), worst.asker, "100", "123", "true", "迷路医院"):
        assert word in text
    assert ("Coverage" in text) == (lang == "en")


def test_a_run_that_a_killed_demo_left_behind_is_cancelled_and_another_started(asked: World) -> None:
    hub, planner = asked.hub, asked.actors["planner"]
    left_behind = queue_run(hub, planner, at=NOW)
    queue_run(hub, planner, at=NOW)
    run_due(hub)
    with hub.read(planner, at=NOW) as work:
        statuses = {run.id: run.status for run in planning.list_runs(work, planner)}
    assert statuses.pop(left_behind) is RunStatus.CANCELLED
    assert list(statuses.values()) == [RunStatus.DONE]
