"""The feed of changes over HTTP: a poller of a few lines, its rights, and what it meets after a restore."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from supplyhub.jobs.bookkeeping import keep_books
from supplyhub.persistence.engine import make_engine
from supplyhub.service.unit_of_work import Hub
from tests.calling import Caller, Callers, make_callers
from tests.world import build_world

RECEIPT = {"depot": "A1", "lines": [{"item": "mask", "quantity": 5}]}


def poll(caller: Caller, after: str = "0", limit: int = 2) -> Iterator[dict[str, Any]]:
    """Page after page, up to the end of what is there now."""
    while True:
        page = caller.get(f"/changes?after={after}&limit={limit}").json
        yield page
        after = page["next"]
        if not page["more"]:
            return


def test_a_poller_is_shown_each_entry_once(api: Callers) -> None:
    keeper = api.caller("keeper")
    posted = [keeper.post("/receipts", RECEIPT).json["id"] for _ in range(5)]
    keep_books(api.world.hub)
    pages = list(poll(keeper))
    shown = [change for page in pages for change in page["items"]]
    assert [change["id"] for change in shown if change["verb"] == "post_receipt"] == posted
    assert [change["seq"] for change in shown] == sorted(change["seq"] for change in shown)
    [move] = shown[-1]["movements"]
    assert (move["to_depot"]["code"], move["item"]["code"], move["quantity"]) == ("A1", "mask", 5)
    assert len(move["hash"]) == 64
    keeper.post("/receipts", RECEIPT)
    keep_books(api.world.hub)
    [fresh] = poll(keeper, pages[-1]["next"])
    assert [change["seq"] for change in fresh["items"]] == [pages[-1]["upto"] + 1]


def test_movements_of_one_posting_can_be_read_page_by_page(still: Callers) -> None:
    keeper = still.caller("keeper")
    keep_books(still.world.hub)
    [opened] = [change for page in poll(keeper) for change in page["items"] if change["movements"]]
    read = keeper.get(f"/movements?posting={opened['id']}&limit=500").json["items"]
    assert sorted(move["id"] for move in read) == sorted(move["id"] for move in opened["movements"])
    assert not opened["more_movements"]


@pytest.mark.parametrize("after", ["-1", "1-", "1-zz", "1-0123456789ab-", "٣", "1e3", "x", ""])
def test_what_is_no_place_is_refused(still: Callers, after: str) -> None:
    [fault] = still.caller("keeper").get(f"/changes?after={after}", 422).json["faults"]
    assert fault["where"] == "after"


@pytest.mark.parametrize(("username", "status"), [("keeper", 200), ("supervisor", 200), ("township", 403), ("", 401)])
def test_who_may_read_movements_may_follow(still: Callers, username: str, status: int) -> None:
    still.caller(username).get("/changes", status)


def test_after_a_restore_a_poller_learns_that_the_feed_is_another(sqlite_template: Path, tmp_path: Path) -> None:
    """What was numbered after the backup is gone; its numbers are given again, to others."""
    live, backup = tmp_path / "live.db", tmp_path / "backup.db"
    live.write_bytes(sqlite_template.read_bytes())
    hub = Hub(make_engine(f"sqlite:///{live}"))
    world = build_world(hub)
    before = make_callers(world, f"sqlite:///{live}")
    keeper = before.caller("keeper")
    keeper.post("/receipts", RECEIPT)
    keep_books(hub)
    [*_, kept] = poll(keeper)
    sqlite3.connect(live).execute("VACUUM INTO ?", (str(backup),)).connection.close()
    lost = [keeper.post("/receipts", RECEIPT).json["id"] for _ in range(3)]
    keep_books(hub)
    [*_, page] = poll(keeper)
    hub.engine.dispose()

    restored = Hub(make_engine(f"sqlite:///{backup}"))
    after = Caller(make_callers(world, f"sqlite:///{backup}").app, keeper.token)
    assert after.get(f"/changes?after={page['next']}", 409).json["type"] == "/problems/feed-rewound"
    again = [after.post("/receipts", RECEIPT).json["id"] for _ in range(3)]
    keep_books(restored)
    refused = after.get(f"/changes?after={page['next']}", 409)
    assert refused.json["facts"] == {"after": page["upto"], "upto": page["upto"]}
    assert again == lost  # neither numbers nor ids tell them apart
    shown = [change["id"] for page in poll(after, kept["next"]) for change in page["items"]]
    assert shown == again
    for app in (before.app, after.app):
        app.extensions["supplyhub"].engine.dispose()
    restored.engine.dispose()
