"""A plan taken outside: the question of a run, exported and solved on the command line, has the service's answer."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main
from supplyhub.domain.planning import RunOptions
from supplyhub.domain.requests import NewRequest, NewRequestLine
from supplyhub.jobs.worker import run_due
from supplyhub.service import planning, requests
from supplyhub.service.unit_of_work import Answer, Command, Work
from tests.world import COMMUNITY, NEIGHBOUR, NOW, PROVINCE, World


def make_plan(world: World) -> int:
    """A plan for more than there is, with shares lent sideways; its id."""
    township, planner = world.actors["township"], world.actors["planner"]
    lines = tuple(
        NewRequestLine(world.division_id(place), world.item_id(item), units, priority)
        for place, item, units, priority in (
            (COMMUNITY, "mask", 5_000, 2),
            (NEIGHBOUR, "mask", 4_000, 2),
            (COMMUNITY, "suit", 30, 1),
            (NEIGHBOUR, "suit", 30, 1),
        )
    )

    def ask(work: Work) -> Answer:
        return Answer({"id": requests.make_request(work, township, NewRequest("洪水", lines))})

    def start(work: Work) -> Answer:
        options = RunOptions(as_of=NOW.date(), mutual_aid={"county": "0.5", "city": "0.5"})
        return Answer({"id": planning.start_run(work, planner, PROVINCE, options)})

    world.hub.perform(Command(township, "make_request", "journey-ask", None, NOW), ask)
    world.hub.perform(Command(planner, "start_run", "journey-run", None, NOW), start)
    assert run_due(world.hub) == 1
    with world.hub.read(planner, at=NOW) as work:
        return planning.list_plans(work, planner)[0].id


def test_the_exported_question_is_answered_alike_and_the_answer_checked(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan_id = make_plan(world)
    url = world.hub.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("SUPPLYHUB_DATABASE_URL", url.replace("postgresql+psycopg", "postgresql"))
    instance, plan = str(tmp_path / "instance"), str(tmp_path / "plan")
    for arguments in (
        ["export-instance", "--out", instance],
        ["plan", instance, "--out", plan],
        ["check", instance, plan],
    ):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
    with open(tmp_path / "plan" / "allocation.csv", encoding="utf-8", newline="") as stream:
        solved = {int(row["id"]): int(row["granted"]) for row in csv.DictReader(stream)}
    planner = world.actors["planner"]
    with world.hub.read(planner, at=NOW) as work:
        kept = {line.request_line_id: line.granted_units for line in planning.read_plan_lines(work, planner, plan_id)}
    assert solved == kept
    assert 0 < sum(kept.values()) < 9_060
