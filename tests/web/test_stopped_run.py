"""Pages of a run that was stopped and of the partial plan it left."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from supplyhub.service import planning
from tests.jobs.test_stopped_run import asked, plan_of, stop_after
from tests.jobs.test_worker import claim_and_die, start
from tests.service.test_planning import lines_of, perform
from tests.web.conftest import Reader
from tests.world import NOW, World

SignIn = Callable[..., Reader]


@pytest.mark.parametrize(
    ("language", "partial", "lacks", "not_planned"),
    [
        ("en", "This plan is partial", "Protective suit", "Not planned: the run was stopped"),
        ("zh_Hans", "此方案不完整", "防护服", "未测算"),
    ],
)
def test_a_partial_plan_says_so_everywhere(
    language: str,
    partial: str,
    lacks: str,
    not_planned: str,
    world: World,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked(world)
    run_id = stop_after(world, monkeypatch, 1)
    plan, planner = plan_of(world, run_id), sign_in("planner", language)
    assert f'href="/plans/{plan.id}"' in planner.get(f"/runs/{run_id}").text
    page = planner.get(f"/plans/{plan.id}").text
    assert partial in page
    assert f'<a href="/plans/{plan.id}/lines?item=suit">{lacks}</a>' in page
    assert '<option value="suit">' not in page
    assert 'class="state partial"' in planner.get("/plans").text
    assert not_planned in planner.get(f"/plans/{plan.id}/lines?item=suit").text
    [suit] = [line for line in lines_of(world, plan.id) if line.item_id == world.item_id("suit")]
    line = planner.get(f"/plans/{plan.id}/lines/{suit.request_line_id}").text
    assert not_planned in line
    assert "data-explain" not in line
    assert ">0 " not in line + planner.get(f"/plans/{plan.id}/lines?item=suit").text
    assert planner.client.get(f"/plans/{plan.id}/lines/{suit.request_line_id}/explanation").status_code == 409


def test_a_run_is_watched_until_what_is_done_is_kept(world: World, sign_in: SignIn) -> None:
    asked(world)
    run_id = start(world)
    assert claim_and_die(world, run_id, NOW)
    planner = sign_in("planner")
    assert "data-while-going" in planner.get(f"/runs/{run_id}").text
    perform(world, "planner", "cancel_run", lambda work, actor: planning.cancel_run(work, actor, run_id))
    page = planner.get(f"/runs/{run_id}").text
    assert "data-going" in page
    assert "is being kept" in page
    assert "data-while-going" not in page
