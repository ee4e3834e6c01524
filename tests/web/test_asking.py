"""From asking to arrival through the pages: request, run, plan, approval, dispatch, confirmation; and every no."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from supplyhub.domain.planning import PlanStatus, RunStatus
from supplyhub.domain.requests import LineState
from supplyhub.domain.transfers import OrderStatus
from supplyhub.jobs.worker import run_due
from tests.conftest import NOW
from tests.web.conftest import Reader
from tests.world import COMMUNITY, COUNTY, NEIGHBOUR, PROVINCE, World

SignIn = Callable[..., Reader]


def ask(reader: Reader, **typed: str) -> str:
    usual = {
        "reason": "flood", "lines__0__target": f"division:{COMMUNITY}", "lines__0__item": "mask",
        "lines__0__packs": "40", "lines__0__priority": "2", "lines__1__target": f"division:{NEIGHBOUR}",
        "lines__1__item": "suit", "lines__1__units": "90", "lines__1__priority": "1",
    }  # fmt: skip
    answer = reader.send("/requests/new", "/requests", **{**usual, **typed})
    assert answer.status_code == 303, answer.text
    return answer.location


def plan(world: World, planner: Reader, **typed: str) -> str:
    answer = planner.send("/runs", "/runs", **{"division": PROVINCE, **typed})
    assert answer.status_code == 303, answer.text
    run_due(world.hub)
    with world.hub.read(None, at=NOW) as work:
        run = work.planning.get_run(int(answer.location.rsplit("/", 1)[1]))
    assert run.status is RunStatus.DONE, run.error
    return f"/plans/{run.plan_id}"


@pytest.fixture
def township(sign_in: SignIn) -> Reader:
    return sign_in("township")


@pytest.fixture
def planner(sign_in: SignIn) -> Reader:
    return sign_in("planner")


def test_from_asking_to_arrival_with_a_loss(world: World, sign_in: SignIn, township: Reader, planner: Reader) -> None:
    request = ask(township)
    proposed = plan(world, planner)
    page = planner.get(proposed).text
    assert "yes: the checker found every number true" in page
    assert "There is not enough stock; it was shared out fairly." in page
    assert '<svg class="flows"' in page

    approved = planner.send(proposed, f"{proposed}/approvals")
    run_due(world.hub)
    assert "3 of 3 shipments ordered, 0 refused" in planner.get(approved.location).text

    keeper = sign_in("keeper")
    with world.hub.read(None, at=NOW) as work:
        depot = work.places.get_depot("A1")
        orders = work.transfers.list_orders(status=OrderStatus.APPROVED, from_depot_id=depot.id)
    assert [order.line_count for order in orders] == [3]  # two lots of masks, one of suits
    order = f"/transfers/{orders[0].id}"
    assert order in keeper.get("/").text
    assert keeper.send(order, f"{order}/dispatch").status_code == 303

    assert order in township.get("/").text
    fields = township.form(order, f"{order}/receive")
    short = {name: value for name, value in fields.items() if value == "40"}  # the line of forty suits
    [field] = short
    no_reason = township.client.post(f"{order}/receive", data=fields | {field: "37"})
    assert no_reason.status_code == 422
    assert "3 units are missing" in no_reason.text
    reason = field.replace("packs", "loss_reason").replace("units", "loss_reason")
    done = township.client.post(f"{order}/receive", data=fields | {field: "37", reason: "damaged"})
    assert done.status_code == 303
    page = township.get(request).text
    assert "3 lost: damaged" in page
    assert "40 set" in page


def test_a_request_beyond_the_norm_needs_a_reason(world: World, township: Reader) -> None:
    typed = {
        "reason": "flood", "lines-4-target": f"division:{COMMUNITY}", "lines-4-item": "mask", "lines-4-units": "6001",
        "lines-4-priority": "2",
    }  # fmt: skip
    fields = township.form("/requests/new", "/requests") | typed
    page = township.client.post("/requests", data=fields)
    assert page.status_code == 422
    assert 'id="lines-4-quantity-fault"' in page.text
    assert "6001 units" in page.text
    with world.hub.read(None, at=NOW) as work:
        assert work.requests.list_requests() == []
    with_reason = township.client.post(
        "/requests", data=fields | {"lines-4-override_reason": "a school holds evacuees"}
    )
    assert with_reason.status_code == 303


def test_an_unknown_amount_is_asked_back_and_planned_once_answered(world: World, township: Reader) -> None:
    request = ask(township, lines__0__packs="", lines__0__amount_unknown="1")
    assert request in township.get("/").text
    with world.hub.read(None, at=NOW) as work:
        [line] = work.requests.list_lines(state=LineState.ASKED_BACK)
    action = f"{request}/lines/{line.id}/answer"
    nothing = township.send(request, action)
    assert nothing.status_code == 422
    assert 'id="quantity-fault"' in nothing.text
    assert township.send(request, action, packs="3", units="1").status_code == 303
    with world.hub.read(None, at=NOW) as work:
        assert (work.requests.get_line(line.id).quantity_units, work.requests.get_line(line.id).state) == (
            31,
            LineState.OPEN,
        )


def test_a_request_is_withdrawn_once(township: Reader) -> None:
    request = ask(township)
    fields = township.form(request, f"{request}/withdrawal")
    assert township.client.post(f"{request}/withdrawal", data=fields).status_code == 303
    assert "Withdraw the request" not in township.get(request).text
    again = township.client.post(f"{request}/withdrawal", data=fields | {"key": "another-key-of-the-same-page"})
    assert again.status_code == 409
    assert "changed since you read it" in again.text


def test_a_place_or_item_nobody_offered_is_refused(township: Reader) -> None:
    page = township.send(
        "/requests/new", "/requests", reason="flood", lines__0__target="division:420201001001", lines__0__item="gold",
        lines__0__units="1", lines__0__priority="9",
    )  # fmt: skip
    assert page.status_code == 422
    assert 'id="lines-0-priority-fault"' in page.text
    page = township.send(
        "/requests/new", "/requests", reason="flood", lines__0__target="division:420201001001", lines__0__item="gold",
        lines__0__units="1", lines__0__priority="1",
    )  # fmt: skip
    for field in ("target", "item"):
        assert f'id="lines-0-{field}-fault"' in page.text


def test_a_run_is_watched_and_stopped(world: World, planner: Reader) -> None:
    run = planner.send("/runs", "/runs", division=PROVINCE).location
    fragment = planner.get(f"{run}/progress").text
    assert "data-going" in fragment
    assert "<html" not in fragment
    assert planner.send(run, f"{run}/cancellation").status_code == 303
    assert "data-going" not in planner.get(f"{run}/progress").text
    with world.hub.read(None, at=NOW) as work:
        assert work.planning.list_plans() == []


def test_what_a_planner_chooses_reaches_the_run(world: World, planner: Reader) -> None:
    planner.send(
        "/runs", "/runs", division=COUNTY, as_of="2026-03-01", release_reserves="1", aid_county="0.25", basis="surplus",
        penalty_km="12.5",
    )  # fmt: skip
    with world.hub.read(None, at=NOW) as work:
        [run] = work.planning.list_runs()
    assert run.options.as_json() == {
        "as_of": "2026-03-01", "release_reserves": True, "mutual_aid": {"county": "0.25"},
        "mutual_aid_basis": "surplus", "mutual_aid_penalty_metres": 12_500,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [("as_of", "tomorrow"), ("aid_city", "1.5"), ("aid_city", "-0.1"), ("aid_city", "NaN"), ("penalty_km", "-3"),
     ("basis", "guess"), ("division", "42")],
)  # fmt: skip
def test_a_choice_that_is_none_is_refused_at_its_field(world: World, planner: Reader, field: str, value: str) -> None:
    page = planner.send("/runs", "/runs", **{"division": PROVINCE, field: value})
    assert page.status_code == 422
    assert f'id="{field}-fault"' in page.text
    with world.hub.read(None, at=NOW) as work:
        assert work.planning.list_runs() == []


def test_a_plan_is_approved_by_item_and_the_rest_rejected_with_a_note(
    world: World, township: Reader, planner: Reader
) -> None:
    ask(township)
    proposed = plan(world, planner)
    planner.send(proposed, f"{proposed}/approvals", item="suit")
    run_due(world.hub)
    assert "partly approved" in planner.get(proposed).text
    silent = planner.send(proposed, f"{proposed}/rejection")
    assert silent.status_code == 422
    assert planner.send(proposed, f"{proposed}/rejection", note="masks come by another way").status_code == 303
    page = planner.get(proposed).text
    assert "masks come by another way" in page
    with world.hub.read(None, at=NOW) as work:
        assert work.planning.get_plan(int(proposed.rsplit("/", 1)[1])).status is PlanStatus.CLOSED
        orders = work.transfers.list_orders()
        suit = work.catalogue.get_item("suit").id
        assert {line.item_id for order in orders for line in work.transfers.list_lines(order.id)} == {suit}


def test_what_no_longer_holds_is_named_with_the_offer_of_a_new_run(
    world: World, township: Reader, planner: Reader
) -> None:
    request = ask(township)
    proposed = plan(world, planner)
    township.send(request, f"{request}/withdrawal")
    approval = planner.send(proposed, f"{proposed}/approvals").location
    run_due(world.hub)
    page = planner.get(approval).text
    assert "The request was withdrawn." in page
    assert "Start a new run" in page


def test_a_decision_on_an_old_page_is_refused(world: World, township: Reader, planner: Reader) -> None:
    ask(township)
    proposed = plan(world, planner)
    old = planner.form(proposed, f"{proposed}/rejection")
    planner.send(proposed, f"{proposed}/approvals", item="suit")
    run_due(world.hub)
    page = planner.client.post(f"{proposed}/rejection", data=old | {"note": "no"})
    assert page.status_code == 409
    assert "changed since you read it" in page.text


def test_the_lines_of_a_plan_are_filtered(world: World, township: Reader, planner: Reader) -> None:
    ask(township)
    proposed = plan(world, planner)
    whole, masks, less = (planner.get(f"{proposed}/lines{query}").text for query in ("", "?item=mask", "?unfilled=1"))
    assert [page.count("/lines/") for page in (whole, masks, less)] == [2, 1, 1]
    assert "granted in full" in masks
    [line] = {part.split('"')[0] for part in masks.split(f"{proposed}/lines/")[1:]}
    assert "甲县库" in planner.get(f"{proposed}/lines/{line}").text


def test_a_planner_sees_an_order_he_may_cancel(world: World, township: Reader, planner: Reader) -> None:
    ask(township)
    proposed = plan(world, planner)
    planner.send(proposed, f"{proposed}/approvals")
    run_due(world.hub)
    with world.hub.read(None, at=NOW) as work:
        [order, *_] = work.transfers.list_orders()
    page = planner.get(f"/transfers/{order.id}").text
    assert "Cancel the order" in page
    assert "Dispatch" not in page.split("<main")[1]
    assert planner.send(f"/transfers/{order.id}", f"/transfers/{order.id}/cancel").status_code == 303
    with world.hub.read(None, at=NOW) as work:
        assert work.transfers.get_order(order.id).status is OrderStatus.CANCELLED
