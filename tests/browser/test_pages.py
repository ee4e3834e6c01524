"""What only a browser can tell: open to everybody, nothing cut off, sums said while typing, progress that moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from supplyhub.jobs.worker import run_due, seal_news
from tests.jobs.test_stopped_run import asked, stop_after
from tests.jobs.test_worker import status
from tests.world import COMMUNITY, NEIGHBOUR, World

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api = pytest.importorskip("playwright.sync_api", reason="the extra `browser` is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="the extra `browser` is not installed")
expect = sync_api.expect

OpenAs = Callable[..., "Page"]

PAGES = {
    "keeper": ["/", "/stock/420101000000", "/stock/420101000000?item=mask", "/depots/A1", "/receipts/new",
               "/issues/new?depot=A1", "/counts/new?depot=A1", "/receipts/upload",
               "/counts/upload", "/transfers/new", "/transfers", "/entries"],
    "township": ["/", "/requests/new", "/requests/1", "/plans/1/lines/2/explanation", "/transfers"],
    "planner": ["/", "/runs", "/runs/1", "/plans", "/plans/1", "/plans/1/lines?set=1", "/plans/1/lines/2",
                "/plans/1/lines/2/explanation", "/plans/1/sets", "/plans/1/sets/1", "/plans/1/sets/1/explanation",
                "/approvals/1"],
    "supervisor": ["/", "/entries", "/movements", "/ledger"],
    "administrator": ["/users"],
}  # fmt: skip


def test_a_request_becomes_orders_while_the_planner_watches(open_as: OpenAs, world: World) -> None:
    township = open_as("township")
    township.goto("/requests/new")
    township.fill("#reason", "flood")
    for row, (place, item, units) in enumerate([(COMMUNITY, "mask", "400"), (NEIGHBOUR, "suit", "90")]):
        township.select_option(f"#lines-{row}-target", f"division:{place}")
        township.select_option(f"#lines-{row}-item", item)
        township.fill(f"#lines-{row}-units", units)
    township.get_by_role("button", name="Send the request").click()
    expect(township.locator("h1")).to_contain_text("Request 1")

    planner = open_as("planner")
    planner.goto("/runs")
    planner.get_by_role("button", name="Start the run").click()
    expect(planner.locator("#progress")).to_contain_text("waiting")
    run_due(world.hub)
    planner.get_by_role("link", name="See the plan").click()  # the page has looked again by itself
    expect(planner.get_by_role("img", name="Units that flow between tiers")).to_be_visible()
    planner.get_by_role("button", name="Approve").click()
    expect(planner.locator("#progress")).to_contain_text("0 of 3 shipments ordered")
    run_due(world.hub)
    expect(planner.locator("#progress")).to_contain_text("3 of 3 shipments ordered")


@pytest.mark.parametrize("path", ["/plans/1/lines/2", "/plans/1/sets/1"])
def test_what_would_help_is_shown_in_place_and_by_keyboard(open_as: OpenAs, path: str) -> None:
    planner = open_as("planner", width=375)
    planner.goto(path)
    planner.get_by_role("link", name="Try out what would help").focus()
    planner.keyboard.press("Enter")
    expect(planner.locator("#explained")).to_contain_text("Adding 50 sets at 二村 would lift this from 44.4 % to 100 %")
    assert planner.url.endswith(path)
    found = axe.Axe().run(planner)
    assert found.violations_count == 0, found.generate_report()


def test_without_scripts_what_would_help_is_a_page_of_its_own(open_as: OpenAs) -> None:
    planner = open_as("planner", scripts=False)
    planner.goto("/plans/1/lines/2")
    planner.get_by_role("link", name="Try out what would help").click()
    expect(planner.locator("#effects")).to_contain_text("Adding 50 sets at 二村 would lift this from 44.4 % to 100 %")
    assert planner.url.endswith("/plans/1/lines/2/explanation")


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
@pytest.mark.parametrize("username", list(PAGES))
def test_pages_are_open_to_everybody_and_fit_a_phone(open_as: OpenAs, username: str, language: str) -> None:
    page = open_as(username, language=language, width=375)
    for path in PAGES[username]:
        page.goto(path)
        expect(page.locator("h1")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= 375, path
        found = axe.Axe().run(page)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"


@pytest.fixture(scope="module")
def partial(world: World) -> tuple[int, int]:
    """A run that was stopped after its first item, and the plan that it left."""
    asked(world)
    with pytest.MonkeyPatch.context() as patch:
        run_id = stop_after(world, patch, 1)
    plan_id = status(world, run_id).plan_id
    assert plan_id is not None
    return run_id, plan_id


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_a_partial_plan_is_open_to_everybody_and_fits_a_phone(
    open_as: OpenAs, partial: tuple[int, int], language: str
) -> None:
    run_id, plan_id = partial
    page = open_as("planner", language=language, width=375)
    for path in (f"/runs/{run_id}", f"/plans/{plan_id}", f"/plans/{plan_id}/lines?item=suit", "/plans"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 375, path
        found = axe.Axe().run(page)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"


def test_the_sum_of_packs_and_units_is_said_while_typing(open_as: OpenAs) -> None:
    page = open_as("keeper")
    page.goto("/receipts/new")
    page.select_option("#lines-0-item", "mask")
    page.fill("#lines-0-packs", "120")
    page.fill("#lines-0-units", "5")
    expect(page.locator("#lines-0-quantity output")).to_have_text("= 1,205 piece · 120 packs + 5")


def test_the_depot_that_is_chosen_is_the_one_that_is_posted(open_as: OpenAs) -> None:
    keeper = open_as("keeper")
    keeper.goto("/counts/new?depot=A1")
    expect(keeper.get_by_role("button", name="Post the count · 甲县库")).to_be_visible()
    keeper.select_option("#depot-choice", "T")
    expect(keeper.get_by_role("button", name="Post the count · 甲镇点")).to_be_visible()
    keeper.fill("#lines-0-packs", "7")
    keeper.once("dialog", lambda dialog: dialog.dismiss())
    keeper.select_option("#depot-choice", "A1")
    expect(keeper.locator("#depot-choice")).to_have_value("T")
    expect(keeper.locator("#lines-0-packs")).to_have_value("7")


def test_a_scanners_enter_goes_to_the_next_field(open_as: OpenAs) -> None:
    keeper = open_as("keeper")
    keeper.goto("/receipts/new")
    keeper.locator("#lines-0-packs").press("Enter")
    expect(keeper.locator("#lines-0-units")).to_be_focused()
    expect(keeper.locator("#lines-3-packs")).to_have_count(0)


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
@pytest.mark.parametrize(
    ("papers", "form"), [("receipts", "xlsx"), ("issues", "csv"), ("counts", "xlsx"), ("counts", "csv")]
)
def test_sheets_are_downloaded(open_as: OpenAs, language: str, papers: str, form: str) -> None:
    keeper = open_as("keeper", language=language)
    keeper.goto(f"/{papers}/upload")
    with keeper.expect_download() as download:
        keeper.locator(f"a[download][href*='.{form}']").click()
    assert download.value.failure() is None
    assert download.value.suggested_filename.endswith(f".{form}")
    if papers == "counts":
        assert "甲县库" in download.value.suggested_filename


def test_a_ledger_with_a_seal_fits_a_phone(open_as: OpenAs, world: World) -> None:
    seal_news(world.hub)
    supervisor = open_as("supervisor", width=360)
    supervisor.goto("/ledger")
    expect(supervisor.locator(".hash")).to_be_visible()
    assert supervisor.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_keeper_works_by_keyboard_alone(open_as: OpenAs) -> None:
    page = open_as("keeper")
    page.goto("/counts/new?depot=T")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "lines-0-units":
            break
    page.keyboard.type("99")
    for _ in range(20):  # on to the next field, and from the last one to the button
        page.keyboard.press("Enter")
        if page.evaluate("document.activeElement.tagName") == "BUTTON":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The count is posted")


def test_a_refused_form_says_so_and_leads_to_the_field(open_as: OpenAs) -> None:
    page = open_as("keeper")
    page.goto("/receipts/new")
    page.select_option("#lines-1-item", "mask")
    page.fill("#lines-1-packs", "many")
    with page.expect_response(lambda response: response.status == 422):
        page.get_by_role("button", name="Post the receipt").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Line 2")
    alert.get_by_role("link").first.click()
    expect(page.locator("#lines-1-packs")).to_be_focused()


def test_everything_works_without_scripts(open_as: OpenAs) -> None:
    page = open_as("keeper", scripts=False)
    page.goto("/receipts/new")
    page.get_by_role("button", name="More lines").click()
    page.select_option("#lines-5-item", "quilt")
    page.fill("#lines-5-units", "3")
    page.get_by_role("button", name="Post the receipt").click()
    expect(page.get_by_role("status")).to_contain_text("The receipt is posted")
