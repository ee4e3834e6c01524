"""A plain model of stock: dictionaries of units by depot and lot, orders and requests, and the rules in a few lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta


class Refused(Exception):
    """What the model refuses, by the name that the product's refusal has."""


@dataclass
class OrderModel:
    """An order: from which depot, onto which depot's shelf if any, its lines as (lot, units, request line)."""

    depot: str
    to: str
    lines: list[tuple[int, int, int | None]]
    made_at: datetime
    status: str = "approved"


@dataclass
class AskedModel:
    """A request line: how many are asked, how many of them orders carry or brought, and whether it still stands."""

    asked: int
    ordered: int = 0
    open: bool = True


@dataclass
class Model:
    """What there is."""

    lots: dict[int, tuple[str, date | None]]
    """Code and expiry of each lot."""
    shelf: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    held: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    orders: dict[int, OrderModel] = field(default_factory=dict)
    requests: dict[int, AskedModel] = field(default_factory=dict)
    reversed: set[int] = field(default_factory=set)

    def free(self, depot: str, lot: int) -> int:
        """Units on a shelf that are not held."""
        return self.shelf[depot, lot] - self.held[depot, lot]

    def expired(self, lot: int, on: date) -> bool:
        """Whether a lot is past its day."""
        expires_on = self.lots[lot][1]
        return expires_on is not None and expires_on <= on

    def pick(self, depot: str, lot: int | None, units: int, on: date, *, handed_out: bool = True) -> dict[int, int]:
        """Units by lot: of the named one, or of those that expire first and have not."""
        if lot is not None:
            if handed_out and self.shelf[depot, lot] and self.expired(lot, on):
                raise Refused("LotExpired")
            wanted = {lot: units}
        else:
            wanted = self._first_expired(depot, units, on)
        if any(self.free(depot, number) < taken for number, taken in wanted.items()):
            raise Refused("InsufficientStock")
        return wanted

    def _first_expired(self, depot: str, units: int, on: date) -> dict[int, int]:
        order = sorted(self.lots, key=lambda n: (self.lots[n][1] is None, self.lots[n][1] or date.max, self.lots[n][0]))
        wanted = {}
        for number in order:
            taken = min(units, self.free(depot, number)) if not self.expired(number, on) else 0
            if taken:
                wanted[number], units = taken, units - taken
        if units:
            raise Refused("InsufficientStock")
        return wanted

    def move(self, depot: str, changes: dict[int, int]) -> None:
        """Add units to a shelf, or take them off it where they are free."""
        if any(self.free(depot, lot) + units < 0 for lot, units in changes.items()):
            raise Refused("InsufficientStock")
        for lot, units in changes.items():
            self.shelf[depot, lot] += units

    def make_order(self, number: int, order: OrderModel) -> None:
        """Hold what an order will carry."""
        self.orders[number] = order
        for lot, units, _ in order.lines:
            self.held[order.depot, lot] += units

    def end_order(self, number: int, status: str, came: Iterable[int] = ()) -> None:
        """A step of an order's life; `came` is what arrived of each line, what did not is asked for again."""
        order = self.orders[number]
        arrived = list(came) or [0] * len(order.lines)
        for (lot, units, asked), received in zip(order.lines, arrived, strict=True):
            here = order.depot, lot
            if status in ("dispatched", "cancelled", "lapsed"):
                self.held[here] -= units
            self.shelf[here] += {"dispatched": -units, "recalled": units}.get(status, 0)
            if status == "received" and order.to:
                self.shelf[order.to, lot] += received
            if status != "dispatched" and asked is not None:
                self.requests[asked].ordered -= units - received
        order.status = status

    def lapse(self, at: datetime) -> None:
        """Orders that were not dispatched for thirty days lapse."""
        for number, order in self.orders.items():
            if order.status == "approved" and order.made_at + timedelta(days=30) <= at:
                self.end_order(number, "lapsed")

    def in_transit(self) -> dict[tuple[int, int], int]:
        """Units under way by order and lot."""
        under_way: dict[tuple[int, int], int] = defaultdict(int)
        for number, order in self.orders.items():
            for lot, units, _ in order.lines if order.status == "dispatched" else ():
                under_way[number, lot] += units
        return dict(under_way)

    def approve(self, depot: str, shipments: Iterable[tuple[int, int, int]], on: date) -> list[str]:
        """Hold planned shipments (request line, lot, units) where they are still true; what is said to each."""
        said = []
        for asked, lot, units in shipments:
            line = self.requests[asked]
            if not line.open:
                said.append("request-withdrawn")
            elif line.ordered + units > line.asked:
                said.append("already-ordered")
            elif self.expired(lot, on):
                said.append("lot-expired")
            elif self.free(depot, lot) < units:
                said.append("insufficient-stock")
            else:
                line.ordered += units
                self.held[depot, lot] += units
                said.append("")
        return said
