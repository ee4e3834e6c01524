"""Random lives of a small world on SQLite against a plain model: what the model says is what the ledger holds.

The machine receives, issues, orders, dispatches, receives in part, cancels, recalls, counts and reverses in any
order; after every step stock on hand, held and in transit must equal the model's, and at the end the ledger must
prove itself (the `hub` it runs on is verified like every other).
"""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from supplyhub.domain.refusals import SupplyError
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
from supplyhub.persistence.engine import make_engine
from supplyhub.service import stock, transfers
from supplyhub.service.oversight import verify_ledger
from supplyhub.service.unit_of_work import Answer, Command, Hub
from tests.world import COUNTY, NOW, TOWNSHIP, build_world

UNITS = st.integers(1, 40)


class LifeOfStock(RuleBasedStateMachine):
    """One lot at depot A1; orders go to depot T, which the same keeper keeps."""

    template: Path
    folder: Path
    postings = Bundle("postings")
    ordered = Bundle("ordered")
    on_way = Bundle("on_way")

    def __init__(self) -> None:
        super().__init__()
        path = self.folder / f"{uuid.uuid4().hex}.db"
        shutil.copyfile(self.template, path)
        self.hub = Hub(make_engine(f"sqlite:///{path}"))
        self.world = build_world(self.hub)
        self.item, self.county = self.world.item_id("suit"), self.world.division_id(COUNTY)
        self.depot, self.target = self.world.depot_id("A1"), self.world.depot_id("T")
        self.lot = LotFacts(self.item, self.county, "LIFE")
        self.here = self.held = self.transit = self.there = 0
        self.lot_id = 0
        self.receive(1)

    def teardown(self) -> None:
        with self.hub.read(None, at=NOW) as work:
            verification = verify_ledger(work, None)
        self.hub.engine.dispose()
        assert verification.faults == []

    def perform(self, verb: str, act: Any, **more: Any) -> Any:
        """One keyed command, sent twice: the second time must change nothing."""
        actor, result = self.world.actors["keeper"], []

        def do(work: Any) -> Answer:
            result.append((act(work, actor), work.stamp.posting_id))
            return Answer({"n": len(result)})

        command = Command(actor, verb, str(uuid.uuid4()), None, NOW, **more)
        self.hub.perform(command, do)
        assert self.hub.perform(command, do).replayed
        return result[-1]

    @rule(target=postings, units=UNITS)
    def receive(self, units: int) -> tuple[int, int]:
        new = NewReceipt(self.depot, Reason.DELIVERY, (NewReceiptLine(self.lot, units),))
        moved, posting = self.perform("post_receipt", lambda work, actor: stock.post_receipt(work, actor, new))
        self.lot_id = moved[0].lot_id
        self.here += units
        return posting, units

    @rule(units=UNITS)
    def issue(self, units: int) -> None:
        new = NewIssue(self.depot, AccountKind.USED, self.world.division_id(TOWNSHIP), Reason.USE,
                       (NewIssueLine(self.item, units, self.lot_id),))  # fmt: skip
        if units > self.here - self.held:
            with pytest.raises(SupplyError):
                self.perform("post_issue", lambda work, actor: stock.post_issue(work, actor, new))
            return
        self.perform("post_issue", lambda work, actor: stock.post_issue(work, actor, new))
        self.here -= units

    @rule(difference=st.integers(-10, 10))
    def count(self, difference: int) -> None:
        counted = max(0, self.here + difference)
        new = NewCount(self.depot, (NewCountLine(self.lot_id, self.here, counted),))
        if counted < self.held:
            with pytest.raises(SupplyError):
                self.perform("post_count", lambda work, actor: stock.post_count(work, actor, new))
            return
        self.perform("post_count", lambda work, actor: stock.post_count(work, actor, new))
        self.here = counted

    @rule(posting=consumes(postings))
    def reverse(self, posting: tuple[int, int]) -> None:
        number, units = posting
        act = lambda work, actor: stock.reverse_posting(work, actor, number)  # noqa: E731 - used twice below
        if units > self.here - self.held:
            with pytest.raises(SupplyError):
                self.perform("reverse_posting", act, reverses_id=number)
            return
        self.perform("reverse_posting", act, reverses_id=number)
        self.here -= units

    @rule(target=ordered, units=UNITS)
    def order(self, units: int) -> tuple[int, int]:
        new = NewTransfer(self.depot, self.world.division_id(TOWNSHIP), self.target,
                          (NewTransferLine(self.item, units, self.lot_id),))  # fmt: skip
        if units > self.here - self.held:
            with pytest.raises(SupplyError):
                self.perform("make_transfer", lambda work, actor: transfers.make_transfer(work, actor, new))
            return 0, 0
        order, _ = self.perform("make_transfer", lambda work, actor: transfers.make_transfer(work, actor, new))
        self.held += units
        return order, units

    @rule(order=consumes(ordered))
    def cancel(self, order: tuple[int, int]) -> None:
        number, units = order
        if number:
            self.perform("cancel_transfer", lambda work, actor: transfers.cancel_transfer(work, actor, number))
            self.held -= units

    @rule(target=on_way, order=consumes(ordered))
    def dispatch(self, order: tuple[int, int]) -> tuple[int, int]:
        number, units = order
        if number:
            self.perform("dispatch_transfer", lambda work, actor: transfers.dispatch_transfer(work, actor, number))
            self.held, self.here, self.transit = self.held - units, self.here - units, self.transit + units
        return order

    @rule(order=consumes(on_way), lost=st.integers(0, 5))
    def arrive(self, order: tuple[int, int], lost: int) -> None:
        number, units = order
        if not number:
            return
        received = max(0, units - lost)
        arrival = Arrival((ArrivalLine(1, received, Reason.MISSING if received < units else None),))
        act = lambda work, actor: transfers.receive_transfer(work, actor, number, arrival)  # noqa: E731 - used twice
        self.perform("receive_transfer", act)
        self.transit, self.there = self.transit - units, self.there + received
        with pytest.raises(SupplyError):
            self.perform("receive_transfer", act)

    @rule(order=consumes(on_way))
    def recall(self, order: tuple[int, int]) -> None:
        number, units = order
        if number:
            self.perform("recall_transfer", lambda work, actor: transfers.recall_transfer(work, actor, number))
            self.transit, self.here = self.transit - units, self.here + units

    @invariant()
    def the_ledger_says_what_the_model_says(self) -> None:
        with self.hub.read(None, at=NOW) as work:
            here = [s for s in work.stock.list_shelves(depot_id=self.depot, item_id=self.item) if s.lot_code == "LIFE"]
            there = work.stock.list_shelves(depot_id=self.target, item_id=self.item)
            county = work.places.get_division(COUNTY)
            transit = [line.in_transit for line in work.stock.sum_stock(county.lo, county.hi, item_id=self.item)]
        assert sum(s.on_hand for s in here) == self.here
        assert sum(s.reserved for s in here) == self.held
        assert sum(transit) == self.transit
        assert sum(s.on_hand for s in there) == self.there


def test_random_lives_agree_with_the_model(sqlite_template: Path, tmp_path: Path) -> None:
    machine = type("Machine", (LifeOfStock,), {"template": sqlite_template, "folder": tmp_path})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
