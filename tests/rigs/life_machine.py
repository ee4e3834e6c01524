"""Random lives of a small world on the real hub: every step is done in the product and in the plain model beside it.

A step may be struck: by an exception in the middle of its transaction, or by its connection being closed there. The
same key is then sent again, and every command is sent once more when it is done.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule
from sqlalchemy.exc import DBAPIError

from supplyhub.domain.people import Actor
from supplyhub.domain.planning import RunOptions
from supplyhub.domain.refusals import SupplyError
from supplyhub.domain.requests import NewRequest, NewRequestLine
from supplyhub.domain.stock import (
    AccountKind,
    LotFacts,
    NewCount,
    NewCountLine,
    NewIssue,
    NewIssueLine,
    NewReceipt,
    NewReceiptLine,
    Reason,
)
from supplyhub.domain.transfers import Arrival, ArrivalLine, NewTransfer, NewTransferLine
from supplyhub.jobs import worker
from supplyhub.persistence.scope import EVERYWHERE
from supplyhub.service import planning, requests, stock, transfers
from supplyhub.service.oversight import verify_ledger
from supplyhub.service.unit_of_work import Answer, Command, Hub
from tests.rigs.life_model import AskedModel, Model, OrderModel, Refused
from tests.world import COMMUNITY, COUNTY, NEIGHBOUR, PROVINCE, TOWNSHIP, World

UNITS = st.integers(1, 40)
LOTS = (("L-none", None), ("L-far", 400), ("L-soon", 12), ("L-next", 30))
"""Codes, and in how many days they expire."""
LOT = st.integers(0, len(LOTS) - 1)
ANY_LOT = st.one_of(st.none(), LOT)
STRIKES = st.sampled_from(["raise", "close"])


class Struck(Exception):
    """Something that nobody expects, in the middle of a transaction."""


class LifeOfStock(RuleBasedStateMachine):
    """Suits in the depots A1 and T, which one keeper keeps; an office that asks, a planner who plans."""

    open_world: ClassVar[Callable[[], tuple[World, Callable[[], None]]]]
    """Gives a small world of its own on some database, and what puts it away."""
    steps: ClassVar[dict[str, int]]
    """How often each verb was carried out, over all lives."""
    postings = Bundle("postings")
    orders = Bundle("orders")
    asked = Bundle("asked")
    plans = Bundle("plans")

    def __init__(self) -> None:
        super().__init__()
        self.world, self.close = type(self).open_world()
        self.hub: Hub = self.world.hub
        self.at = datetime.now(UTC)
        self.strike = ""
        self._clock = worker.now
        worker.now = lambda: self.at
        self.item = self.world.item_id("suit")
        self.depots = {code: self.world.depot_id(code) for code in ("A1", "T")}
        self.township = self.world.division_id(TOWNSHIP)
        self.lots: list[int] = []
        self.model = Model({})
        self._find_what_stands()
        for place in range(len(LOTS)):
            self.receive(place, 5)

    def teardown(self) -> None:
        worker.now = self._clock
        with self.hub.read(None, at=self.at) as work:
            faults = verify_ledger(work, None).faults
        self.close()
        assert faults == []

    # --- how a command is sent ---------------------------------------------------------------------------------------

    def perform(self, verb: str, who: str, act: Callable[[Any, Actor], Any], **more: Any) -> tuple[Any, int]:
        """One keyed command, struck if it is to be, then sent again as it was; its result and posting."""
        actor, done = self.world.actors[who], []
        strike, self.strike = self.strike, ""

        def do(work: Any) -> Answer:
            done.append((act(work, actor), work.stamp.posting_id))
            if strike and len(done) == 1:
                fall(work, strike)
            return Answer({"posting": work.stamp.posting_id})

        command = Command(actor, verb, str(uuid.uuid4()), None, self.at, **more)
        try:
            answer = self.hub.perform(command, do)
        except (Struck, DBAPIError):
            assert strike
            answer = self.hub.perform(command, do)
        assert not answer.replayed
        tries = len(done)
        again = self.hub.perform(command, do)
        assert (again.replayed, again.body, len(done)) == (True, answer.body, tries)
        self._count(f"{verb}, struck" if strike else verb)
        return done[-1]

    def _count(self, what: str) -> None:
        self.steps[what] = self.steps.get(what, 0) + 1

    def expect(
        self, change: Callable[[], Any], verb: str, who: str, act: Callable[[Any, Actor], Any], **more: Any
    ) -> Any:
        """A command that the model allows is carried out; one that it refuses is refused for the same."""
        try:
            change()
        except Refused as refused:
            reason = str(refused)
            self.strike = ""
            for _ in range(2):
                with pytest.raises(SupplyError) as caught:
                    self.perform(verb, who, act, **more)
                assert caught.type.__name__ == reason
            self._count(f"refused as {reason}")
            return None
        return self.perform(verb, who, act, **more)

    @rule(strike=STRIKES)
    def strike_next(self, strike: str) -> None:
        """The next command is struck."""
        self.strike = strike

    @rule(days=st.integers(1, 10))
    def wait(self, days: int) -> None:
        """Time passes; lots expire, and orders lapse."""
        self.at += timedelta(days=days)
        held = sum(order.status == "approved" for order in self.model.orders.values())
        self.model.lapse(self.at)
        lapsed = held - sum(order.status == "approved" for order in self.model.orders.values())
        assert worker.let_lapse(self.hub) == lapsed
        self.steps["an order lapsed"] = self.steps.get("an order lapsed", 0) + lapsed

    # --- the shelf ---------------------------------------------------------------------------------------------------

    @rule(target=postings, place=LOT, units=UNITS)
    def receive(self, place: int, units: int) -> Any:
        code, days = LOTS[place]
        first = len(self.lots) <= place
        expires_on = self.model.lots[self.lots[place]][1] if not first else (
            None if days is None else (self.at + timedelta(days=days)).date()
        )  # fmt: skip
        lot = LotFacts(self.item, self.world.division_id(COUNTY), code, expires_on=expires_on)
        new = NewReceipt(self.depots["A1"], Reason.DELIVERY, (NewReceiptLine(lot, units),))
        moved, posting = self.perform(
            "post_receipt", "keeper", lambda work, actor: stock.post_receipt(work, actor, new)
        )
        if first:
            self.lots.append(moved[0].lot_id)
            self.model.lots[moved[0].lot_id] = code, expires_on
        self.model.move("A1", {self.lots[place]: units})
        return posting, {self.lots[place]: units}

    @rule(target=postings, place=ANY_LOT, units=UNITS, scrap=st.booleans())
    def issue(self, place: int | None, units: int, scrap: bool) -> Any:
        lot = None if place is None else self.lots[place]
        to, reason = (AccountKind.SCRAPPED, Reason.EXPIRED) if scrap else (AccountKind.USED, Reason.USE)
        new = NewIssue(self.depots["A1"], to, self.township, reason, (NewIssueLine(self.item, units, lot),))
        taken: dict[int, int] = {}

        def change() -> None:
            taken.update(self.model.pick("A1", lot, units, self.at.date(), handed_out=not scrap))
            self.model.move("A1", {number: -gone for number, gone in taken.items()})

        done = self.expect(change, "post_issue", "keeper", lambda work, actor: stock.post_issue(work, actor, new))
        return multiple() if done is None else (done[1], {number: -gone for number, gone in taken.items()})

    @rule(target=postings, place=LOT, difference=st.integers(-10, 10).filter(bool))
    def count(self, place: int, difference: int) -> Any:
        lot = self.lots[place]
        seen = self.model.shelf["A1", lot]
        change = {lot: max(-seen, difference)}
        new = NewCount(self.depots["A1"], (NewCountLine(lot, seen, seen + change[lot]),))
        done = self.expect(
            lambda: self.model.move("A1", change), "post_count", "keeper",
            lambda work, actor: stock.post_count(work, actor, new),
        )  # fmt: skip
        return multiple() if done is None else (done[1], change)

    @rule(posting=postings)
    def reverse(self, posting: tuple[int, dict[int, int]]) -> None:
        number, moved = posting
        back = {lot: -units for lot, units in moved.items() if units}

        def change() -> None:
            if number in self.model.reversed:
                raise Refused("AlreadyReversed")
            self.model.move("A1", back)
            self.model.reversed.add(number)

        self.expect(
            change, "reverse_posting", "keeper", lambda work, actor: stock.reverse_posting(work, actor, number),
            reverses_id=number,
        )  # fmt: skip

    # --- orders ------------------------------------------------------------------------------------------------------

    @rule(target=orders, place=ANY_LOT, units=UNITS, to=st.sampled_from(["T", ""]))
    def reserve(self, place: int | None, units: int, to: str) -> Any:
        lot = None if place is None else self.lots[place]
        new = NewTransfer(
            self.depots["A1"],
            self.township,
            self.depots["T"] if to else None,
            (NewTransferLine(self.item, units, lot),),
        )
        taken: dict[int, int] = {}
        done = self.expect(
            lambda: taken.update(self.model.pick("A1", lot, units, self.at.date())), "make_transfer", "keeper",
            lambda work, actor: transfers.make_transfer(work, actor, new),
        )  # fmt: skip
        if done is None:
            return multiple()
        lines = [(number, gone, None) for number, gone in taken.items()]
        self.model.make_order(done[0], OrderModel("A1", to, lines, self.at))
        return done[0]

    def step(
        self, number: int, verb: str, who: str, before: str, after: str, came: Sequence[int] = (), arrival: Any = None
    ) -> None:
        """A step of an order's life, lawful from one status alone."""

        def change() -> None:
            if self.model.orders[number].status != before:
                raise Refused("StepNotAllowed")
            self.model.end_order(number, after, came)

        more = () if arrival is None else (arrival,)
        self.expect(change, verb, who, lambda work, actor: getattr(transfers, verb)(work, actor, number, *more))

    @rule(number=orders)
    def dispatch(self, number: int) -> None:
        self.step(number, "dispatch_transfer", "keeper", "approved", "dispatched")

    @rule(number=orders)
    def cancel(self, number: int) -> None:
        self.step(number, "cancel_transfer", "keeper", "approved", "cancelled")

    @rule(number=orders)
    def recall(self, number: int) -> None:
        self.step(number, "recall_transfer", "keeper", "dispatched", "recalled")

    @rule(number=orders, lost=st.integers(0, 5))
    def arrive(self, number: int, lost: int) -> None:
        order = self.model.orders[number]
        came = [units for _, units, _ in order.lines]
        came[0] = max(0, came[0] - lost)
        said = ArrivalLine(1, came[0], Reason.MISSING if came[0] < order.lines[0][1] else None)
        who = "keeper" if order.to else "township"
        self.step(number, "receive_transfer", who, "dispatched", "received", came, Arrival((said,)))

    # --- asking and planning -----------------------------------------------------------------------------------------

    @rule(target=asked, units=UNITS, community=st.sampled_from([COMMUNITY, NEIGHBOUR]))
    def ask(self, units: int, community: str) -> Any:
        line = NewRequestLine(self.world.division_id(community), self.item, units, 1, override_reason="洪水")
        new = NewRequest("洪水", (line,))
        number, _ = self.perform(
            "make_request", "township", lambda work, actor: requests.make_request(work, actor, new)
        )
        with self.hub.read(None, at=self.at) as work:
            [line_id] = [line.id for line in work.requests.list_lines(request_id=number, limit=2)]
        self.model.requests[line_id] = AskedModel(units)
        return number, line_id

    @rule(request=consumes(asked))
    def withdraw(self, request: tuple[int, int]) -> None:
        number, line_id = request
        self.model.requests[line_id].open = False
        act = lambda work, actor: requests.withdraw_request(work, actor, number)  # noqa: E731 - one line
        self.perform("withdraw_request", "township", act)

    @rule(target=plans)
    def plan(self) -> int:
        options = RunOptions(as_of=self.at.date())
        act = lambda work, actor: planning.start_run(work, actor, PROVINCE, options)  # noqa: E731 - one line
        number, _ = self.perform("start_run", "planner", act)
        worker.run_due(self.hub)
        with self.hub.read(None, at=self.at) as work:
            plan_id = work.planning.get_run(number).plan_id
        assert plan_id is not None
        return plan_id

    @rule(target=orders, plan_id=consumes(plans))
    def approve(self, plan_id: int) -> Any:
        approval, _ = self.perform(
            "approve_plan", "planner", lambda work, actor: transfers.approve_plan(work, actor, plan_id)
        )
        expected = self._shipments(plan_id)
        self._fall_while_ordering(approval.id)
        worker.run_due(self.hub)
        said = [
            refusal
            for code, number in self.depots.items()
            for refusal in self.model.approve(
                code, [(s[1], s[2], s[3]) for s in expected if s[0] == number], self.at.date()
            )
        ]
        assert [row[4] for row in self._shipments(plan_id)] == said
        new = self._orders_of(plan_id)
        self.model.orders |= new
        return multiple(*new)

    def _fall_while_ordering(self, approval_id: int) -> None:
        """A worker that falls in the middle of making orders leaves nothing of them."""

        def order(work: Any) -> None:
            transfers.order_next(work, approval_id)
            raise Struck

        try:
            self.hub.write(order, at=self.at)
        except Struck:
            self.the_ledger_says_what_the_model_says()

    # --- what the product says ---------------------------------------------------------------------------------------

    @invariant()
    def the_ledger_says_what_the_model_says(self) -> None:
        shelves = self._rows(
            "SELECT depot.code, balance.lot_id, on_hand, reserved FROM balance JOIN account ON account.id = account_id "
            f"JOIN depot ON depot.id = depot_id WHERE item_id = {self.item} AND depot.code IN ('A1', 'T')"
        )
        assert {row[:2]: row[2] for row in shelves if row[2]} == {key: n for key, n in self.model.shelf.items() if n}
        assert {row[:2]: row[3] for row in shelves if row[3]} == {key: n for key, n in self.model.held.items() if n}
        under_way = self._rows(
            "SELECT order_id, lot_id, on_hand FROM balance JOIN account ON account.id = account_id "
            "WHERE kind = 'transit' AND on_hand > 0"
        )
        assert {row[:2]: row[2] for row in under_way} == self.model.in_transit()
        orders = self._rows("SELECT id, status FROM transfer_order")
        assert dict(orders) == {number: order.status for number, order in self.model.orders.items()}
        lines = self._rows("SELECT id, ordered_units, state = 'open' FROM request_line")
        assert {row[0]: (row[1], bool(row[2])) for row in lines} == {
            number: (line.ordered, line.open) for number, line in self.model.requests.items()
        }

    def _find_what_stands(self) -> None:
        for code, lot, name, units in self._rows(
            "SELECT depot.code, lot_id, lot.code, on_hand FROM balance JOIN account ON account.id = account_id "
            f"JOIN depot ON depot.id = depot_id JOIN lot ON lot.id = lot_id WHERE balance.item_id = {self.item}"
        ):
            self.model.lots[lot] = name, None
            self.model.shelf[code, lot] = units

    def _shipments(self, plan_id: int) -> list[Any]:
        """Depot, request line, lot, units and refusal of a plan's shipments, as they are looked at in turn."""
        return self._rows(
            "SELECT depot_id, request_line_id, lot_id, quantity_units, refusal FROM plan_shipment "
            f"WHERE plan_id = {plan_id} ORDER BY depot_id, pos, id"
        )

    def _orders_of(self, plan_id: int) -> dict[int, OrderModel]:
        made: dict[int, OrderModel] = {}
        for number, depot, lot, units, asked in self._rows(
            "SELECT transfer_order.id, depot.code, lot_id, quantity_units, request_line_id FROM transfer_order "
            "JOIN depot ON depot.id = from_depot_id JOIN order_line ON order_id = transfer_order.id "
            f"WHERE plan_id = {plan_id} ORDER BY transfer_order.id, line"
        ):
            made.setdefault(number, OrderModel(depot, "", [], self.at)).lines.append((lot, units, asked))
        return made

    def _rows(self, statement: str) -> list[Any]:
        with self.hub.engine.connect().execution_options(scope=EVERYWHERE) as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]


def fall(work: Any, strike: str) -> None:
    """Strike a transaction: an exception, or its connection closed under it."""
    if strike == "raise":
        raise Struck
    work.stock.connection.connection.driver_connection.close()
