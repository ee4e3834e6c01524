"""A wish for every command of the API: what would be carried out as it stands, and how its key may not be used again.

`WISHES` has a row for every route that a key is needed for; test_keys.py fails for a route without one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import Any

from supplyhub.jobs.worker import run_due
from tests.calling import Caller, Callers
from tests.world import COMMUNITY, TOWNSHIP

NO_SUCH = 999_999
BULK = 100
"""Lines of a document that holds many."""


@dataclass(frozen=True)
class Wish:
    """A command that would be carried out, once."""

    who: str
    path: str
    body: Any = None
    other: Any = None
    """Another body that would be carried out too; None where a body says nothing."""
    elsewhere: str = ""
    """The same command on another document; "" where the path has no variable."""
    refused: Any = None
    """A body that the verb refuses; None where another document does (`nowhere`)."""
    if_match: str | None = None

    @property
    def lame(self) -> Wish:
        """A like command that is refused."""
        if self.if_match is not None:
            return replace(self, if_match='"v999"')
        if self.refused is not None:
            return replace(self, body=self.refused)
        head, _, tail = self.path.rpartition("/")
        return replace(self, path=f"{head.rpartition('/')[0]}/{NO_SUCH}/{tail}")


class Stage:
    """The small world behind the API, and whatever documents a wish needs before it."""

    def __init__(self, callers: Callers) -> None:
        self.callers = callers
        self._names = count(1)

    @cached_property
    def keeper(self) -> Caller:
        """The county's keeper."""
        return self.callers.caller("keeper")

    @cached_property
    def planner(self) -> Caller:
        """The province's planner."""
        return self.callers.caller("planner")

    @cached_property
    def township(self) -> Caller:
        """The office of the township."""
        return self.callers.caller("township")

    def receipt(self, lines: int = 1) -> dict[str, Any]:
        """What arrives at the county's depot: so many new lots of ten suits."""
        return {
            "depot": "A1",
            "lines": [{"item": "suit", "quantity": 10, "lot": f"L{next(self._names)}"} for _ in range(lines)],
        }

    def lots(self, lines: int = 1) -> list[int]:
        """So many new lots of ten suits on the county's shelf."""
        posted = self.keeper.post("/receipts", self.receipt(lines)).json
        return [movement["lot_id"] for movement in posted["movements"]]

    def order(self, *, dispatched: bool = False) -> int:
        """An order from the county's depot to the township's."""
        order = int(self.keeper.post("/transfers", transfer(self.lots(), 3)).json["id"])
        if dispatched:
            self.keeper.post(f"/transfers/{order}/dispatch", status=200, if_match="*")
        return order

    def request(self, units: int | None = 1) -> int:
        """A request of the township's office."""
        return int(self.township.post("/requests", asked(units)).json["id"])

    def line(self) -> int:
        """A line that was asked back about."""
        lines = self.township.get(f"/requests/{self.request(None)}/lines").json["items"]
        return int(lines[0]["id"])

    def run(self) -> int:
        """A run that waits."""
        return int(self.planner.post("/planning-runs", {}, status=202).json["id"])

    def plan(self) -> int:
        """A plan that is proposed."""
        self.request()
        run = self.run()
        run_due(self.callers.world.hub)
        return int(self.planner.get(f"/planning-runs/{run}").json["plan"])


def issue(lots: list[int], units: int) -> dict[str, Any]:
    """An issue of so many suits of each lot."""
    return {"depot": "A1", "lines": [{"item": "suit", "quantity": units, "lot_id": lot} for lot in lots]}


def count_of(lots: list[int], counted: int) -> dict[str, Any]:
    """A count that found so many where ten are said to be."""
    return {"depot": "A1", "lines": [{"lot_id": lot, "seen": 10, "counted": counted} for lot in lots]}


def transfer(lots: list[int], units: int) -> dict[str, Any]:
    """An order of so many suits of each lot."""
    return {
        "from_depot": "A1", "to_depot": "T",
        "lines": [{"item": "suit", "quantity": units, "lot_id": lot} for lot in lots],
    }  # fmt: skip


def asked(units: int | None) -> dict[str, Any]:
    """A request for suits in a community."""
    line = {"division": COMMUNITY, "item": "suit", "quantity": units, "priority": 1, "override_reason": "洪水"}
    return {"reason": "洪水", "lines": [line]}


def unknown(body: dict[str, Any]) -> dict[str, Any]:
    """The same body with an item or lot in it that is nowhere."""
    lines = body["lines"]
    wrong = {"item": "nothing"} if "item" in lines[0] else {"lot_id": NO_SUCH}
    return {**body, "lines": [*lines[:-1], {**lines[-1], **wrong}]}


def _document(path: str, first: Callable[[Stage, int], Any], second: Callable[[Stage, int], Any]) -> list[Row]:
    def make(lines: int) -> Row:
        def wish(stage: Stage) -> Wish:
            body = first(stage, lines)
            return Wish("keeper", path, body, second(stage, lines), refused=unknown(body))

        return wish

    return [make(1), make(BULK)]


def _step(path: str, who: str, document: Callable[[Stage], int], body: Any = None, other: Any = None) -> list[Row]:
    def wish(stage: Stage) -> Wish:
        here, there = (path.format(document(stage)) for _ in range(2))
        return Wish(who, here, body, other, there, if_match="*")

    return [wish]


def _requests(stage: Stage) -> Wish:
    return Wish("township", "/requests", asked(1), asked(2), refused=unknown(asked(1)))


def _answer(stage: Stage) -> Wish:
    here, there = (f"/request-lines/{stage.line()}/answer" for _ in range(2))
    return Wish("township", here, {"quantity": 1}, {"quantity": 2}, there)


def _reversal(stage: Stage) -> Wish:
    here, there = (f"/postings/{stage.keeper.post('/receipts', stage.receipt()).json['id']}/reversal" for _ in range(2))
    return Wish("keeper", here, elsewhere=there)


def _run(stage: Stage) -> Wish:
    return Wish("planner", "/planning-runs", {}, {"division": TOWNSHIP}, refused={"division": "999999999999"})


def _cancelled_run(stage: Stage) -> Wish:
    here, there = (f"/planning-runs/{stage.run()}/cancellation" for _ in range(2))
    return Wish("planner", here, elsewhere=there)


Row = Callable[[Stage], Wish]
WISHES: Mapping[str, list[Row]] = {
    "/receipts": _document("/receipts", Stage.receipt, Stage.receipt),
    "/issues": _document("/issues", lambda s, n: issue(s.lots(n), 1), lambda s, n: issue(s.lots(n), 2)),
    "/counts": _document("/counts", lambda s, n: count_of(s.lots(n), 9), lambda s, n: count_of(s.lots(n), 8)),
    "/transfers": _document("/transfers", lambda s, n: transfer(s.lots(n), 1), lambda s, n: transfer(s.lots(n), 2)),
    "/postings/{posting_id}/reversal": [_reversal],
    "/transfers/{order_id}/dispatch": _step("/transfers/{}/dispatch", "keeper", Stage.order),
    "/transfers/{order_id}/cancellation": _step("/transfers/{}/cancellation", "keeper", Stage.order),
    "/transfers/{order_id}/recall": _step("/transfers/{}/recall", "keeper", lambda s: s.order(dispatched=True)),
    "/transfers/{order_id}/arrival": _step(
        "/transfers/{}/arrival", "keeper", lambda s: s.order(dispatched=True), {"depot": "T"},
        {"depot": "T", "note": "2"},
    ),
    "/requests": [_requests],
    "/requests/{request_id}/withdrawal": _step("/requests/{}/withdrawal", "township", Stage.request),
    "/request-lines/{line_id}/answer": [_answer],
    "/planning-runs": [_run],
    "/planning-runs/{run_id}/cancellation": [_cancelled_run],
    "/plans/{plan_id}/approvals": _step("/plans/{}/approvals", "planner", Stage.plan, {}, {"item": "suit"}),
    "/plans/{plan_id}/rejection": _step("/plans/{}/rejection", "planner", Stage.plan, {}, {"note": "2"}),
}  # fmt: skip
"""By path as the OpenAPI document writes it: one wish, or one of a line and one of many."""
