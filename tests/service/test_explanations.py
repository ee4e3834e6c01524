"""Why lines got less and what would help them: kept with the plan, worked out from its question, true of a new run."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy import delete, update

from cli import main
from supplyhub.domain.planning import PlanLine, PlanSet
from supplyhub.domain.refusals import NotAllowed, NotFound
from supplyhub.persistence.rows import PlanLineRow, PlanSetRow
from supplyhub.service import explanations, planning
from tests.service.test_planning import ask, lines_of, plan
from tests.world import COMMUNITY, FOREIGN_COMMUNITY, NEIGHBOUR, NOW, World


def sets_of(world: World, plan_id: int) -> list[PlanSet]:
    with world.hub.read(world.actors["planner"], at=NOW) as work:
        return planning.list_plan_sets(work, world.actors["planner"], plan_id)


def short_of_masks(world: World) -> tuple[int, list[PlanLine]]:
    """A plan for more masks than there are, of which the city's floor holds 400 back; and its lines."""
    ask(world, (COMMUNITY, "mask", 5_000, 2), (NEIGHBOUR, "mask", 5_000, 2), (NEIGHBOUR, "suit", 60, 1))
    plan_id = plan(world)
    return plan_id, lines_of(world, plan_id)


def test_a_plan_keeps_its_sets_and_each_line_knows_its_own(world: World) -> None:
    plan_id, [one, other, suits] = short_of_masks(world)
    masks, cloth = sets_of(world, plan_id)
    assert [line.set_number for line in (one, other, suits)] == [1, 1, 2]
    assert (masks.number, masks.requests, masks.limited_by, masks.higher_class) == (1, 2, "reserve-floor", False)
    assert masks.packs_missing * 10 == 10_000 - one.granted_units - other.granted_units
    assert masks.remedies.split() == ["floor@A", "stock@420101001000"]
    assert (masks.first_line_id, cloth.first_line_id) == (one.request_line_id, suits.request_line_id)
    assert one.reason("zh") == masks.reason("zh")
    assert "医用外科口罩" in masks.reason("zh")
    assert "甲市库保底留存 400 只" in masks.reason("zh")
    assert "Surgical mask" in masks.reason("en")
    assert "A reserve floor holds 400 pieces back at 甲市库." in masks.reason("en")


def test_a_line_that_got_all_it_asked_has_no_set_and_nothing_that_would_help(world: World) -> None:
    ask(world, (COMMUNITY, "mask", 10, 2))
    plan_id = plan(world)
    assert sets_of(world, plan_id) == []
    [line] = lines_of(world, plan_id)
    assert (line.set_number, line.reason("zh"), line.reason("en")) == (0, "", "")
    _, found = explanations.explain_line(world.hub, None, plan_id, line.request_line_id, at=NOW)
    assert (found.wanted_units, found.granted_units, found.effects) == (10, 10, [])


def test_what_releasing_a_floor_would_give_is_what_a_run_that_releases_it_gives(world: World) -> None:
    plan_id, lines = short_of_masks(world)
    released = {
        line.request_line_id: line.granted_units for line in lines_of(world, plan(world, release_reserves=True))
    }
    planner = world.actors["planner"]
    for line in lines[:2]:
        about, found = explanations.explain_line(world.hub, planner, plan_id, line.request_line_id, at=NOW)
        assert about == line
        assert (found.granted_units, found.limited_by, found.requests) == (line.granted_units, "reserve-floor", 1)
        [floor] = [effect for effect in found.effects if effect.remedies == ("floor@A",)]
        assert (floor.units, floor.granted_units) == (400, released[line.request_line_id])
        assert (floor.more, floor.less) == (1, 0)
        assert floor.what("zh") == "甲市库放出保底 400 只"
        assert floor.says("en").startswith("Releasing 400 pieces held back at 甲市库 would lift this from ")
    _, found = explanations.explain_set(world.hub, planner, plan_id, 1, at=NOW)
    [floor] = [effect for effect in found.effects if effect.remedies == ("floor@A",)]
    assert (found.requests, floor.granted_units, floor.more) == (2, sum(released.values()) - lines[2].granted_units, 0)


def test_a_set_holds_lines_of_its_own_only(world: World) -> None:
    ask(world, (FOREIGN_COMMUNITY, "quilt", 200, 2), who="foreign_township")
    plan_id, _ = short_of_masks(world)
    with world.hub.read(world.actors["planner"], at=NOW) as work:
        for found in sets_of(world, plan_id):
            lines = planning.read_plan_lines(work, world.actors["planner"], plan_id, set_number=found.number)
            assert len(lines) == found.requests
            assert {line.item_id for line in lines} == {found.item_id}


def test_an_office_sees_what_would_help_its_own_lines_and_nobody_elses(world: World) -> None:
    plan_id, lines = short_of_masks(world)
    mine = lines[0].request_line_id
    explanations.explain_line(world.hub, world.actors["township"], plan_id, mine, at=NOW)
    for who in ("foreign_township", "foreign_keeper"):
        with pytest.raises(NotFound):
            explanations.explain_line(world.hub, world.actors[who], plan_id, mine, at=NOW)
    with pytest.raises(NotAllowed):
        explanations.explain_set(world.hub, world.actors["township"], plan_id, 1, at=NOW)
    with pytest.raises(NotFound):  # a supervisor of the city: the province's plan is not his to see
        explanations.explain_set(world.hub, world.actors["supervisor"], plan_id, 1, at=NOW)
    for number in (0, 3):
        with pytest.raises(NotFound):
            explanations.explain_set(world.hub, world.actors["planner"], plan_id, number, at=NOW)


def test_a_plan_from_before_sets_were_kept_is_explained_all_the_same(world: World, owner: sa.Engine) -> None:
    plan_id, [line, *_] = short_of_masks(world)
    _, now = explanations.explain_line(world.hub, None, plan_id, line.request_line_id, at=NOW)
    with owner.connect().execution_options(writes=True) as connection, connection.begin():
        for forget in (delete(PlanSetRow), update(PlanLineRow).values(set_number=0)):
            connection.execute(forget)
    assert sets_of(world, plan_id) == []
    about, found = explanations.explain_line(world.hub, None, plan_id, line.request_line_id, at=NOW)
    assert (about.set_number, about.reason("en")) == (0, "")
    assert found == now


def test_the_command_line_explains_kept_plans(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plan_id, lines = short_of_masks(world)
    url = world.hub.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("SUPPLYHUB_DATABASE_URL", url.replace("postgresql+psycopg", "postgresql"))
    for subject in (str(lines[0].request_line_id), "set:1"):
        said = CliRunner().invoke(main, ["--lang", "en", "explain", str(plan_id), subject])
        assert said.exit_code == 0, said.output
        assert "A reserve floor holds 400 pieces back at 甲市库." in said.output
        assert "Releasing 400 pieces held back at 甲市库 would lift this from " in said.output
    assert CliRunner().invoke(main, ["--lang", "en", "explain", str(plan_id), "set:9"]).exit_code == 1
