"""Dashboards show sums kept after the fact, and say as of when they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from supplyhub.jobs.bookkeeping import keep_books
from tests.service.test_stock import receive
from tests.web.conftest import Reader
from tests.world import World

PAGES = ("/", "/stock/420000000000")


@pytest.mark.parametrize(
    ("language", "behind", "since"),
    [("en", "1 entry behind", "Nothing has been entered since"), ("zh_Hans", "尚有 1 笔未计入", "此后没有新账目")],
)
def test_overviews_say_as_of_when_they_are(
    world: World, sign_in: Callable[..., Reader], language: str, behind: str, since: str
) -> None:
    planner = sign_in("planner", language)
    assert all("8,346" not in planner.get(page).text for page in PAGES)
    keep_books(world.hub)
    for page in PAGES:
        text = planner.get(page).text
        assert "2026-07-01 16:00" in text  # by China's clock
        assert since in text
        assert "8,346" in text
    receive(world)
    for page in PAGES:
        text = planner.get(page).text
        assert behind in text
        assert "8,346" in text
    assert "8,466" in planner.get("/stock/420000000000?item=mask").text  # exact


def test_a_keepers_first_page_is_about_the_own_depots(world: World, sign_in: Callable[..., Reader]) -> None:
    keep_books(world.hub)
    assert "as-of" not in sign_in("keeper").get("/").text
