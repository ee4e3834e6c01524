"""The keeper's pages: what is typed in packs and units lands on the shelf once, or is refused field by field."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from tests.conftest import NOW
from tests.web.conftest import Reader
from tests.world import World

SignIn = Callable[..., Reader]


def shelf(world: World, depot: str) -> dict[str, int]:
    """Units on hand in a depot by lot code."""
    with world.hub.read(None, at=NOW) as work:
        place = work.places.get_depot(depot)
        return {line.lot_code: line.on_hand for line in work.stock.list_shelves(depot_id=place.id)}


def receive(reader: Reader, **typed: str) -> TestResponse:
    usual = {
        "depot": "A1", "reason": "delivery", "lines__0__item": "mask", "lines__0__packs": "12",
        "lines__0__units": "5", "lines__0__lot": "N-1",
    }  # fmt: skip
    return reader.send("/receipts/new", "/receipts", **{**usual, **typed})


def test_packs_and_units_are_added_up_by_the_server(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    answer = receive(keeper)
    assert answer.status_code == 303
    page = keeper.get(answer.location).text
    assert "The receipt is posted." in page
    assert "125 piece" in page
    assert "12 packs + 5" in page
    assert shelf(world, "A1")["N-1"] == 125


def test_what_was_posted_leads_on_to_more_of_it_and_to_the_shelf(sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    entry = receive(keeper, depot="T").location
    page = keeper.get(entry).text
    assert 'href="/receipts/new?depot=T"' in page
    assert 'href="/depots/T"' in page
    watched = sign_in("supervisor").get(entry).text
    assert "/receipts/new" not in watched
    assert 'href="/depots/T"' in watched


def test_the_same_form_sent_twice_is_one_receipt(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    fields = keeper.form("/receipts/new", "/receipts") | {
        "depot": "A1", "reason": "delivery", "lines-0-item": "mask", "lines-0-packs": "1", "lines-0-lot": "N-2",
    }  # fmt: skip
    first, second = (keeper.client.post("/receipts", data=fields) for _ in range(2))
    assert first.location == second.location
    assert shelf(world, "A1")["N-2"] == 10


def test_a_key_sent_with_other_goods_is_refused(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    fields = keeper.form("/receipts/new", "/receipts") | {
        "depot": "A1", "reason": "delivery", "lines-0-item": "mask", "lines-0-packs": "1", "lines-0-lot": "N-3",
    }  # fmt: skip
    keeper.client.post("/receipts", data=fields)
    again = keeper.client.post("/receipts", data=fields | {"lines-0-packs": "2"})
    assert again.status_code == 409
    assert shelf(world, "A1")["N-3"] == 10


def test_every_fault_is_said_at_once_and_what_was_typed_stays(world: World, sign_in: SignIn) -> None:
    before = shelf(world, "A1")
    page = receive(
        sign_in("keeper"),
        lines__0__packs="-3",
        lines__0__expires_on="soon",
        lines__2__item="mask",
        lines__2__produced_on="2025-13-40",
        note="slip 77",
    )
    assert page.status_code == 422
    for field in ("lines-0-packs", "lines-0-expires_on", "lines-2-produced_on"):
        assert f'id="{field}-fault"' in page.text
        assert f'href="#{field}"' in page.text
    assert 'value="slip 77"' in page.text
    assert 'value="-3"' in page.text
    assert shelf(world, "A1") == before


def test_faults_that_only_the_catalogue_knows_are_said_at_once_too(sign_in: SignIn) -> None:
    page = receive(
        sign_in("keeper"),
        lines__0__packs="0",
        lines__0__units="0",
        lines__1__item="nothing",
        lines__1__units="1",
        lines__1__produced_on="2026-01-02",
        lines__1__expires_on="2026-01-01",
    )
    assert page.status_code == 422
    for field in ("lines-0-quantity", "lines-1-item", "lines-1-expires_on"):
        assert f'id="{field}-fault"' in page.text


def test_a_form_without_a_line_is_refused(sign_in: SignIn) -> None:
    page = sign_in("keeper").send("/receipts/new", "/receipts", depot="A1", reason="delivery")
    assert page.status_code == 422
    assert "fill in at least one line" in page.text


def test_more_lines_are_drawn_without_losing_any(sign_in: SignIn) -> None:
    page = receive(sign_in("keeper"), more="1")
    assert page.status_code == 200
    assert 'name="lines-5-item"' in page.text
    assert 'value="N-1"' in page.text


def test_an_issue_takes_what_expires_first(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    answer = keeper.send(
        "/issues/new?depot=A1",
        "/issues",
        purpose="use",
        place="甲镇",
        lines__0__goods="item:mask",
        lines__0__units="210",
    )
    assert answer.status_code == 303
    assert (shelf(world, "A1").get("A1-soon"), shelf(world, "A1")["A1-late"]) == (None, 290)
    assert "甲镇" in keeper.get(answer.location).text


def test_an_expired_lot_is_scrapped_and_never_handed_out(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    with world.hub.read(None, at=NOW) as work:
        lot = next(
            line
            for line in work.stock.list_shelves(depot_id=work.places.get_depot("A1").id)
            if line.lot_code == "A1-gone"
        )
    goods = f"lot:{lot.lot_id}:mask:good"
    refused = keeper.send("/issues/new?depot=A1", "/issues", purpose="use", lines__0__goods=goods, lines__0__units="7")
    assert refused.status_code == 409
    assert "A1-gone" in refused.text
    assert shelf(world, "A1")["A1-gone"] == 70
    scrapped = keeper.send(
        "/issues/new?depot=A1", "/issues", purpose="expired", lines__0__goods=goods, lines__0__packs="7"
    )
    assert scrapped.status_code == 303
    assert "A1-gone" not in shelf(world, "A1")


def test_more_than_is_free_is_refused_with_the_numbers(sign_in: SignIn) -> None:
    page = sign_in("keeper").send(
        "/issues/new?depot=A1", "/issues", purpose="use", lines__0__goods="item:suit", lines__0__units="41"
    )
    assert page.status_code == 409
    assert "41 asked, 40 free" in page.text


def test_a_count_posts_only_what_differs(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    fields = keeper.form("/counts/new?depot=T", "/counts")
    answer = keeper.client.post("/counts", data=fields | {"lines-0-units": "97"})
    assert answer.status_code == 303
    assert shelf(world, "T") == {"T-quilt": 97}
    assert "count difference" in keeper.get(answer.location).text


def test_a_shelf_nobody_counted_is_left_alone(world: World, sign_in: SignIn) -> None:
    before = shelf(world, "A1")
    keeper = sign_in("keeper")
    page = keeper.client.post("/counts", data=keeper.form("/counts/new?depot=A1", "/counts"))
    assert page.status_code == 422
    assert shelf(world, "A1") == before


def test_an_entry_is_reversed_once(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    entry = receive(keeper).location
    assert "N-1" in shelf(world, "A1")
    assert keeper.send(entry, f"{entry}/reversal").status_code == 303
    assert "N-1" not in shelf(world, "A1")
    assert "Reverse this entry" not in keeper.get(entry).text


def test_a_reversal_of_goods_that_left_since_is_refused(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    entry = receive(keeper).location
    with world.hub.read(None, at=NOW) as work:
        depot = work.places.get_depot("A1")
        [lot] = [line for line in work.stock.list_shelves(depot_id=depot.id) if line.lot_code == "N-1"]
    keeper.send(
        "/issues/new?depot=A1",
        "/issues",
        purpose="use",
        lines__0__goods=f"lot:{lot.lot_id}:mask:good",
        lines__0__units="1",
    )
    refused = keeper.send(entry, f"{entry}/reversal")
    assert refused.status_code == 409
    assert shelf(world, "A1")["N-1"] == 124


def test_another_keepers_depot_is_not_there(world: World, sign_in: SignIn) -> None:
    answer = receive(sign_in("keeper"), depot="B1")
    assert answer.status_code == 404
    assert "N-1" not in shelf(world, "B1")
    with world.hub.read(None, at=NOW) as work:
        assert all(posting.verb != "post_receipt" for posting in work.stock.list_postings())


def test_a_depot_with_many_lots_is_shown_and_counted_page_by_page(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supplyhub.web.stock.LOTS_SHOWN", 3)
    monkeypatch.setattr("supplyhub.web.documents.LOTS_SHOWN", 3)
    keeper = sign_in("keeper")
    first, rest = keeper.get("/depots/A1").text, keeper.get("/depots/A1?skip=3").text
    assert [sum(page.count(f'<td data-label="Lot">{lot}') for lot in shelf(world, "A1")) for page in (first, rest)] == [
        3,
        1,
    ]
    assert "/depots/A1?skip=3" in first
    assert "skip=6" not in rest
    fields = keeper.form("/counts/new?depot=A1&skip=3", "/counts")
    assert keeper.client.post("/counts", data=fields | {"lines-0-units": "1"}).status_code == 303
    assert sorted(shelf(world, "A1").values()) == [1, 70, 200, 300]
