"""A form's key stands for one command for ever, on every page that has one; generated from the route map."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask

from supplyhub.jobs.worker import run_due
from supplyhub.persistence.scope import EVERYWHERE
from tests.conftest import NOW
from tests.web.conftest import Reader
from tests.world import COMMUNITY, PROVINCE, World

SignIn = Callable[..., Reader]
UNKEYED = {"/sign-in", "/sign-out", "/ledger", "/ledger/verifications/<row:verification_id>/cancellation"}
"""Forms that move no stock and make no document."""


@dataclass(frozen=True)
class Filled:
    """A form as somebody fills it in: where it stands, where it goes, what is typed, and what might be instead."""

    who: str
    page: str
    action: str
    typed: Mapping[str, str]
    instead: Mapping[str, str]
    file: bytes = b""

    def body(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """What is sent: the fields, and the file if one goes with them."""
        return {**fields, **({"file": (io.BytesIO(self.file), "sheet.csv")} if self.file else {})}


class Desk:
    """The people of the small world at their pages, and whatever a form needs before it."""

    def __init__(self, world: World, sign_in: SignIn) -> None:
        self.world = world
        self.people = {name: sign_in(name) for name in ("keeper", "planner", "township", "supervisor")}

    def send(self, filled: Filled) -> str:
        """Send a form; where it leads."""
        reader = self.people[filled.who]
        fields = reader.form(filled.page, filled.action) | filled.typed
        answer = reader.client.post(filled.action, data=fields)
        assert answer.status_code == 303, answer.text
        return answer.location

    def order(self, *, dispatched: bool = False) -> str:
        """An order of one suit to the township's depot."""
        order = self.send(TRANSFER)
        if dispatched:
            self.send(step("keeper", order, f"{order}/dispatch"))
        return order

    def plan(self) -> str:
        """A plan that is proposed."""
        self.send(REQUEST)
        run = self.send(RUN)
        run_due(self.world.hub)
        with self.world.hub.read(None, at=NOW) as work:
            return f"/plans/{work.planning.get_run(int(run.rsplit('/', 1)[1])).plan_id}"

    def asked_back(self) -> Filled:
        """The answer to a request whose amount was not known."""
        unknown = ASKED | {"lines-0-units": "", "lines-0-amount_unknown": "1"}
        request = self.send(Filled("township", REQUEST.page, REQUEST.action, unknown, {}))
        with self.world.hub.read(None, at=NOW) as work:
            [line] = work.requests.list_lines(request_id=int(request.rsplit("/", 1)[1]), limit=9)
        return Filled("township", request, f"{request}/lines/{line.id}/answer", {"units": "1"}, {"units": "2"})


def step(who: str, page: str, action: str) -> Filled:
    """A form with nothing to type; another note is another command."""
    return Filled(who, page, action, {}, {"note": "2"})


GOODS = {"lines-0-goods": "item:suit", "lines-0-units": "1"}
ASKED = {
    "reason": "洪水", "lines-0-target": f"division:{COMMUNITY}", "lines-0-item": "suit", "lines-0-units": "1",
    "lines-0-priority": "1", "lines-0-override_reason": "洪水",
}  # fmt: skip
RECEIPT = Filled(
    "keeper", "/receipts/new", "/receipts",
    {"depot": "A1", "reason": "delivery", "lines-0-item": "suit", "lines-0-units": "1", "lines-0-lot": "K"},
    {"lines-0-units": "2"},
)  # fmt: skip
TRANSFER = Filled("keeper", "/transfers/new?depot=A1", "/transfers", {"to": "T", **GOODS}, {"lines-0-units": "2"})
REQUEST = Filled("township", "/requests/new", "/requests", ASKED, {"lines-0-units": "2"})
RUN = Filled("planner", "/runs", "/runs", {"division": PROVINCE}, {"release_reserves": "1"})


def _on(who: str, document: Callable[[Desk], str], tail: str, typed: Mapping[str, str] | None = None) -> Row:
    def fill(desk: Desk) -> Filled:
        page = document(desk)
        return Filled(who, page, f"{page}/{tail}", typed or {}, {"note": "another"})

    return fill


Row = Callable[[Desk], Filled]
FORMS: Mapping[str, Row] = {
    "/receipts": lambda desk: RECEIPT,
    "/issues": lambda desk: Filled(
        "keeper", "/issues/new?depot=A1", "/issues", {"purpose": "use", **GOODS}, {"note": "2"}
    ),
    "/counts": lambda desk: Filled(
        "keeper", "/counts/new?depot=T", "/counts", {"lines-0-units": "97"}, {"lines-0-units": "96"}
    ),
    "/<any(receipts, issues, counts):papers>/upload": lambda desk: Filled(
        "keeper",
        "/receipts/upload",
        "/receipts/upload",
        {"depot": "A1", "reason": "delivery"},
        {"note": "2"},
        "物资,数量\nsuit,1\n".encode(),
    ),
    "/transfers": lambda desk: TRANSFER,
    "/entries/<row:posting_id>/reversal": _on("keeper", lambda desk: desk.send(RECEIPT), "reversal"),
    "/transfers/<row:order_id>/dispatch": _on("keeper", Desk.order, "dispatch"),
    "/transfers/<row:order_id>/cancel": _on("keeper", Desk.order, "cancel"),
    "/transfers/<row:order_id>/recall": _on("keeper", lambda desk: desk.order(dispatched=True), "recall"),
    "/transfers/<row:order_id>/receive": _on("keeper", lambda desk: desk.order(dispatched=True), "receive"),
    "/requests": lambda desk: REQUEST,
    "/requests/<row:request_id>/withdrawal": _on("township", lambda desk: desk.send(REQUEST), "withdrawal"),
    "/requests/<row:request_id>/lines/<row:line_id>/answer": Desk.asked_back,
    "/runs": lambda desk: RUN,
    "/runs/<row:run_id>/cancellation": _on("planner", lambda desk: desk.send(RUN), "cancellation"),
    "/plans/<row:plan_id>/approvals": _on("planner", Desk.plan, "approvals"),
    "/plans/<row:plan_id>/rejection": _on("planner", Desk.plan, "rejection", {"note": "1"}),
}


def test_every_form_that_changes_anything_has_a_row(app: Flask) -> None:
    sent = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"} and not rule.rule.startswith("/api/")
    }
    assert sent - UNKEYED == set(FORMS)


def test_a_form_sent_again_leads_where_it_led_and_changes_nothing(world: World, sign_in: SignIn) -> None:
    desk = Desk(world, sign_in)
    kept = []
    for row in FORMS.values():
        filled = row(desk)
        reader = desk.people[filled.who]
        fields = reader.form(filled.page, filled.action) | filled.typed
        first = reader.client.post(filled.action, data=filled.body(fields))
        assert first.status_code == 303, first.text
        kept.append((filled, fields, first.location))
    postings = count_postings(world)
    for filled, fields, location in reversed(kept):
        client = desk.people[filled.who].client
        client.set_cookie("lang", "zh_Hans")
        again = client.post(filled.action, data=filled.body(fields))
        assert (again.status_code, again.location) == (303, location), filled.action
        instead = client.post(filled.action, data=filled.body(fields | filled.instead))
        assert instead.status_code == 409, filled.action
        other = desk.people["supervisor"]
        token = other.form("/ledger", "/ledger")["csrf_token"]
        refused = other.client.post(filled.action, data=filled.body(fields | {"csrf_token": token}))
        assert refused.status_code in (403, 404), filled.action  # 404 where even the page is not theirs to see
    assert count_postings(world) == postings


def count_postings(world: World) -> int:
    with world.hub.engine.connect().execution_options(scope=EVERYWHERE) as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM posting").scalar_one())
