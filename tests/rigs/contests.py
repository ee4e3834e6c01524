"""Contests over one balance: for each path that takes stock, a shelf of a new lot and what everybody sends at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from supplyhub.jobs.worker import run_due
from supplyhub.service.unit_of_work import Hub
from tests.rigs.crowd import CLIENTS, Call, Crowd
from tests.world import COMMUNITY, NEIGHBOUR, TOWNSHIP

ITEM = "water"
"""An item of which nothing stands anywhere, so that all there is of it is the lot of the round."""


@dataclass(frozen=True)
class Contest:
    """What all send at once, each for `each` units of a balance of which `there` are free."""

    there: int
    each: int
    calls: list[Call]
    takes: int
    """How many of the calls could each take its units if there were enough; the others only repeat or are too late."""
    left: Callable[[], int]
    """Units that are free afterwards."""
    beside: Callable[[], object] | None = None
    """What a worker does while all send."""
    planned: Callable[[], int] = lambda: 0
    """Units that the worker took instead of those who sent."""
    clean: Callable[[], None] = lambda: None
    """Ends what the round began and the next must not find."""


@dataclass(frozen=True)
class Rig:
    """A crowd before real servers, and the people it sends as."""

    hub: Hub
    crowd: Crowd
    tokens: Mapping[str, str]
    random: Random

    def keeper(self, path: str, body: Any = None) -> Call:
        """A command of the county's keeper."""
        return Call(self.tokens["keeper"], path, body)

    def free(self, lot: int) -> int:
        """Units of a lot on the shelf that are not held."""
        return self.all_free().get(lot, 0)

    def all_free(self) -> dict[int, int]:
        """Units that are not held of every lot of the item, as the API shows them."""
        call = Call(self.tokens["keeper"], f"/depots/A1/shelves?item={ITEM}&limit=500", method="GET")
        return {one["lot_id"]: one["on_hand"] - one["reserved"] for one in self.crowd.one(call, 200).json["items"]}

    def clear(self) -> None:
        """Issue whatever is free, so that a plan finds nothing but what comes after this."""
        lines = [line_of(lot, units) for lot, units in self.all_free().items() if units > 0]
        if lines:
            self.crowd.one(self.keeper("/issues", {"depot": "A1", "lines": lines}))

    def under_way(self) -> int:
        """Units of the item in transit in the county."""
        call = Call(self.tokens["keeper"], f"/stock?item={ITEM}", method="GET")
        [line] = self.crowd.one(call, 200).json["items"]
        return int(line["subtree"]["in_transit"])

    def on_all(self, lot: int, each: int, there: int, path: str, body: Any) -> Contest:
        """Everybody sends the same, under a key of his own."""
        calls = [self.keeper(path, body) for _ in range(CLIENTS)]
        return Contest(there, each, calls, CLIENTS, lambda: self.free(lot))

    def receive(self, name: str, units: int) -> int:
        """Put a new lot on the shelf; its number."""
        posted = self.crowd.one(self.keeper("/receipts", receipt(name, units))).json
        return int(posted["movements"][0]["lot_id"])

    def amounts(self, takers: int = CLIENTS) -> tuple[int, int]:
        """How many units stand there and how many each asks for: enough for some, never for all."""
        each = self.random.randint(1, 5)
        return each * self.random.randint(1, takers // 3) + self.random.randrange(each), each


def receipt(name: str, units: int) -> dict[str, Any]:
    """A receipt of one lot at the county's depot."""
    return {"depot": "A1", "lines": [{"item": ITEM, "quantity": units, "lot": name, "expires_on": "2099-01-01"}]}


def line_of(lot: int, units: int) -> dict[str, Any]:
    """A line that names its lot."""
    return {"item": ITEM, "quantity": units, "lot_id": lot}


def issue(lot: int, units: int) -> dict[str, Any]:
    """An issue of one lot."""
    return {"depot": "A1", "lines": [line_of(lot, units)]}


def transfer(lot: int, units: int) -> dict[str, Any]:
    """An order of one lot to the township's depot."""
    return {"from_depot": "A1", "to_depot": "T", "lines": [line_of(lot, units)]}


def contend_to_issue(rig: Rig, name: str) -> Contest:
    """Everybody issues."""
    there, each = rig.amounts()
    lot = rig.receive(name, there)
    return rig.on_all(lot, each, there, "/issues", issue(lot, each))


def contend_to_count(rig: Rig, name: str) -> Contest:
    """Everybody has counted so many fewer than the book said."""
    there, each = rig.amounts()
    lot = rig.receive(name, there)
    line = {"lot_id": lot, "seen": there, "counted": there - each}
    return rig.on_all(lot, each, there, "/counts", {"depot": "A1", "lines": [line]})


def contend_to_reserve(rig: Rig, name: str) -> Contest:
    """Everybody orders, which holds stock."""
    there, each = rig.amounts()
    lot = rig.receive(name, there)
    return rig.on_all(lot, each, there, "/transfers", transfer(lot, each))


def contend_to_dispatch(rig: Rig, name: str) -> Contest:
    """Sixteen orders hold nearly all: each is dispatched by three at once, and sixteen others want to issue."""
    each = rig.random.randint(1, 5)
    there = 16 * each + rig.random.randrange(each)
    lot = rig.receive(name, there)
    ordered = rig.crowd.at_once([rig.keeper("/transfers", transfer(lot, each)) for _ in range(16)])
    calls = [rig.keeper(f"/transfers/{reply.json['id']}/dispatch") for reply in ordered for _ in range(3)]
    calls += [rig.keeper("/issues", issue(lot, each)) for _ in range(16)]
    rig.random.shuffle(calls)
    return Contest(there, each, calls, 16, lambda: rig.free(lot))


def contend_to_reverse(rig: Rig, name: str) -> Contest:
    """Thirty-two receipts of which most was issued since; each is reversed by two at once."""
    there, each = rig.amounts(32)
    received = rig.crowd.at_once([rig.keeper("/receipts", receipt(name, each)) for _ in range(32)])
    lot = int(received[0].json["movements"][0]["lot_id"])
    rig.crowd.one(rig.keeper("/issues", issue(lot, 32 * each - there)))
    calls = [rig.keeper(f"/postings/{reply.json['id']}/reversal") for reply in received for _ in range(2)]
    return Contest(there, each, calls, 32, lambda: rig.free(lot))


def contend_to_arrive(rig: Rig, name: str) -> Contest:
    """One order is under way: half of the crowd receives it for the office, half calls it back."""
    units, before = rig.random.randint(1, 100), rig.under_way()
    lot = rig.receive(name, units)
    sent = {"from_depot": "A1", "to_division": TOWNSHIP, "lines": [line_of(lot, units)]}
    order = rig.crowd.one(rig.keeper("/transfers", sent)).json["id"]
    rig.crowd.one(rig.keeper(f"/transfers/{order}/dispatch"), 200)
    calls = [Call(rig.tokens["township"], f"/transfers/{order}/arrival", {}) for _ in range(CLIENTS // 2)]
    calls += [rig.keeper(f"/transfers/{order}/recall") for _ in range(CLIENTS // 2)]
    rig.random.shuffle(calls)
    return Contest(units, units, calls, 1, lambda: rig.under_way() - before)


def contend_to_approve(rig: Rig, name: str) -> Contest:
    """Two plans each want half of the shelf for two communities; both are approved while sixty others issue."""
    rig.clear()
    each = rig.random.randint(1, 5)
    there = each * rig.random.randint(20, 50) + rig.random.randrange(each)  # so many that the plans come in between
    lot = rig.receive(name, there)
    request = _ask(rig, there)
    plans = [_plan(rig) for _ in range(2)]
    calls = [Call(rig.tokens["planner"], f"/plans/{plan}/approvals", {}) for plan in plans for _ in range(2)]
    calls += [rig.keeper("/issues", issue(lot, each)) for _ in range(CLIENTS - 4)]
    rig.random.shuffle(calls)

    def planned() -> int:
        return sum(order["quantity"] for order in _orders(rig, plans))

    def clean() -> None:
        for order in _orders(rig, plans):
            rig.crowd.one(rig.keeper(f"/transfers/{order['id']}/cancellation"), 200)
        rig.crowd.one(Call(rig.tokens["township"], f"/requests/{request}/withdrawal"), 200)

    return Contest(there, each, calls, CLIENTS - 4, lambda: rig.free(lot), lambda: run_due(rig.hub), planned, clean)


def _ask(rig: Rig, there: int) -> int:
    """Two communities ask for a quarter of the shelf each; the request's number."""
    lines = [
        {"division": place, "item": ITEM, "quantity": max(1, there // 4), "priority": 1, "override_reason": "洪水"}
        for place in (COMMUNITY, NEIGHBOUR)
    ]
    return int(rig.crowd.one(Call(rig.tokens["township"], "/requests", {"lines": lines})).json["id"])


def _plan(rig: Rig) -> int:
    """A plan of what is open, proved and proposed; its number."""
    run = rig.crowd.one(Call(rig.tokens["planner"], "/planning-runs", {}), 202).json["id"]
    run_due(rig.hub)
    return int(rig.crowd.one(Call(rig.tokens["planner"], f"/planning-runs/{run}", method="GET"), 200).json["plan"])


def _orders(rig: Rig, plans: list[int]) -> list[Any]:
    """The orders that came of these plans."""
    calls = [Call(rig.tokens["planner"], f"/transfers?plan={plan}", method="GET") for plan in plans]
    return [order for call in calls for order in rig.crowd.one(call, 200).json["items"]]


def contend_for_the_naive(rig: Rig, name: str) -> Contest:
    """Everybody takes from a shelf that is looked at first and written afterwards, as others do it."""
    there, each = rig.amounts()
    lot = int(name.removeprefix("R"))
    with rig.hub.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.exec_driver_sql(f"INSERT INTO naive_shelf VALUES ({lot:d}, {there:d})")

    def left() -> int:
        with rig.hub.engine.connect() as connection:
            return int(connection.exec_driver_sql(f"SELECT units FROM naive_shelf WHERE lot = {lot:d}").scalar_one())

    calls = [rig.keeper("/naive/take", {"lot": lot, "units": each}) for _ in range(CLIENTS)]
    return Contest(there, each, calls, CLIENTS, left)


PATHS: Mapping[str, Callable[[Rig, str], Contest]] = {
    "issue": contend_to_issue,
    "dispatch": contend_to_dispatch,
    "reserve": contend_to_reserve,
    "plan approval": contend_to_approve,
    "count": contend_to_count,
    "reversal": contend_to_reverse,
    "arrival": contend_to_arrive,
}
"""Every path that takes stock."""
