"""Transfer orders (调拨单): from one depot to a township office or another depot; one table says their whole life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from supplyhub.domain.lives import list_steps, take_step
from supplyhub.domain.stock import Reason


class OrderStatus(StrEnum):
    """Where an order stands."""

    APPROVED = "approved"  # 已批准: stock is held for it
    DISPATCHED = "dispatched"  # 在途
    RECEIVED = "received"  # 已签收
    CANCELLED = "cancelled"  # 已取消
    RECALLED = "recalled"  # 已召回
    LAPSED = "lapsed"  # 已失效: nobody dispatched it in time


HELD_FOR = timedelta(days=30)
"""How long stock is held for an order that nobody dispatches; then the order lapses, and the stock is free again."""


class Effect(StrEnum):
    """What a step does to stock."""

    DISPATCH = "dispatch"  # consumes the reservation, on hand -> in transit
    RECEIVE = "receive"  # in transit -> on hand or used, the rest -> lost
    RELEASE = "release"  # frees the reservation
    RETURN = "return"  # in transit -> back on hand


@dataclass(frozen=True)
class Step:
    """One lawful step: the status after it, its effect, and the right it takes."""

    after: OrderStatus
    effect: Effect
    verb: str


STEPS: Mapping[tuple[OrderStatus, str], Step] = {
    (OrderStatus.APPROVED, "dispatch"): Step(OrderStatus.DISPATCHED, Effect.DISPATCH, "dispatch_transfer"),
    (OrderStatus.APPROVED, "cancel"): Step(OrderStatus.CANCELLED, Effect.RELEASE, "cancel_transfer"),
    (OrderStatus.DISPATCHED, "receive"): Step(OrderStatus.RECEIVED, Effect.RECEIVE, "receive_transfer"),
    (OrderStatus.DISPATCHED, "recall"): Step(OrderStatus.RECALLED, Effect.RETURN, "recall_transfer"),
}


def step(status: OrderStatus, wanted: str) -> Step:
    """The step from a status, or `StepNotAllowed`."""
    return take_step(STEPS, "transfer order", status, wanted)


def steps_from(status: OrderStatus) -> list[str]:
    """The steps that a status allows: what a page draws its buttons from."""
    return list_steps(STEPS, status)


@dataclass(frozen=True)
class NewTransferLine:
    """One item to send, from a named lot or from first-expired ones."""

    item_id: int
    quantity_units: int
    lot_id: int | None = None


@dataclass(frozen=True)
class NewTransfer:
    """A direct transfer: from a depot to another depot, or to a division that will use it."""

    from_depot_id: int
    to_division_id: int
    to_depot_id: int | None
    lines: tuple[NewTransferLine, ...]
    note: str = ""


@dataclass(frozen=True)
class ArrivalLine:
    """What came of one order line; what did not come is lost, for a reason."""

    line: int
    received_units: int
    loss_reason: Reason | None = None


@dataclass(frozen=True)
class Arrival:
    """What arrived: every line not named came in full; into a depot if one is named, else used where it was sent."""

    lines: tuple[ArrivalLine, ...] = ()
    depot_id: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Order:
    """A transfer order as it stands."""

    id: int
    plan_id: int | None
    from_depot_id: int
    to_division_id: int
    to_depot_id: int | None
    status: OrderStatus
    note: str
    made_at: datetime
    version: int
    line_count: int
    quantity_units: int

    @property
    def held_until(self) -> datetime | None:
        """When the order lapses unless it is dispatched; None once nothing is held for it any more."""
        return self.made_at + HELD_FOR if self.status is OrderStatus.APPROVED else None


@dataclass(frozen=True)
class OrderLine:
    """A line of an order as it stands."""

    id: int
    order_id: int
    line: int
    request_line_id: int | None
    division_id: int
    item_id: int
    lot_id: int
    lot_code: str
    quantity_units: int
    received_units: int
    lost_units: int
    loss_reason: str
