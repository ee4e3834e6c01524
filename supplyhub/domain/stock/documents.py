"""What a keeper writes down: receipts, issues and counts, before they are posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from supplyhub.domain.stock.ledger import AccountKind, Condition, Reason
from supplyhub.domain.stock.lots import LotFacts

UNITS_MAX = 10**9
"""The largest quantity of one line, over ten times what a whole province was seen to hold of everything together.

Nine thousand million such lines would have to be posted before a 64-bit sum overflowed.
"""

RECEIPT_REASONS = (Reason.DELIVERY, Reason.DONATION, Reason.RETURN)
"""Why goods come."""
ISSUE_REASONS = {
    AccountKind.USED: (Reason.USE,),
    AccountKind.SCRAPPED: (Reason.EXPIRED, Reason.DAMAGED),
    AccountKind.LOST: (Reason.MISSING,),
}
"""Where issued goods may go, and why."""


class NewReceiptLine(NamedTuple):
    """One line of a receipt: a lot and how many units of it arrived."""

    lot: LotFacts
    quantity_units: int
    condition: Condition = Condition.GOOD


@dataclass(frozen=True)
class NewReceipt:
    """What has arrived at a depot (入库单)."""

    depot_id: int
    reason: Reason
    lines: tuple[NewReceiptLine, ...]
    note: str = ""
    occurred_at: datetime | None = None


class NewIssueLine(NamedTuple):
    """One line of an issue: a named lot, or first-expired lots when `lot_id` is None."""

    item_id: int
    quantity_units: int
    lot_id: int | None = None
    condition: Condition = Condition.GOOD


@dataclass(frozen=True)
class NewIssue:
    """What leaves a depot for good (出库单): used in a division, scrapped, or lost."""

    depot_id: int
    to: AccountKind
    division_id: int
    reason: Reason
    lines: tuple[NewIssueLine, ...]
    note: str = ""
    occurred_at: datetime | None = None


class NewCountLine(NamedTuple):
    """One shelf counted: what the book said then, and what was there.

    The difference is what is posted, so stock that moves between counting and posting does no harm.
    """

    lot_id: int
    seen_units: int
    counted_units: int
    condition: Condition = Condition.GOOD


@dataclass(frozen=True)
class NewCount:
    """A stock count (盘点单)."""

    depot_id: int
    lines: tuple[NewCountLine, ...]
    note: str = ""
    occurred_at: datetime | None = None
