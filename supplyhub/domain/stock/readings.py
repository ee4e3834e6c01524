"""What people read of the ledger: stock lines, shelves, postings and movements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from supplyhub.domain.stock.ledger import Condition


@dataclass(frozen=True)
class StockLine:
    """What a place holds of one item: units on hand, promised, free, and on their way there."""

    item_id: int
    on_hand: int
    reserved: int
    in_transit: int

    @property
    def free(self) -> int:
        """Units nobody was promised."""
        return self.on_hand - self.reserved

    def plus(self, other: StockLine) -> StockLine:
        """Both together, of the same item."""
        return StockLine(
            self.item_id,
            self.on_hand + other.on_hand,
            self.reserved + other.reserved,
            self.in_transit + other.in_transit,
        )


@dataclass(frozen=True)
class OverviewLine:
    """What a place and all below it hold of one item, and how much of it the place itself, when it was rolled up.

    Nothing is said of what is reserved: a promise is no movement, and no entry of the ledger.
    """

    item_id: int
    on_hand: int
    in_transit: int
    here: int


@dataclass(frozen=True)
class Overview:
    """Sums as of an entry of the feed, recorded at `as_of` (None before the first); `behind` entries came since."""

    lines: list[OverviewLine]
    seq: int
    as_of: datetime | None
    behind: int


@dataclass(frozen=True)
class Shelf:
    """One lot in one condition at one depot, as a keeper reads it."""

    depot_id: int
    lot_id: int
    item_id: int
    condition: Condition
    on_hand: int
    reserved: int
    version: int
    lot_code: str
    owner_id: int
    earmark_id: int | None
    produced_on: date | None
    expires_on: date | None
    origin: str


@dataclass(frozen=True)
class PostingFacts:
    """A posting as supervision (监管) reads it."""

    id: int
    verb: str
    actor: str
    occurred_at: datetime
    recorded_at: datetime
    reverses_id: int | None
    reversed_by: int | None
    note: str


@dataclass(frozen=True)
class MovementFacts:
    """A movement as supervision reads it: from where, to where, what, how many, why, and its receipts."""

    id: int
    posting_id: int
    line: int
    verb: str
    recorded_at: datetime
    from_kind: str
    from_depot_id: int | None
    from_division_id: int
    to_kind: str
    to_depot_id: int | None
    to_division_id: int
    item_id: int
    lot_id: int
    lot_code: str
    quantity_units: int
    reason: str
    hash: str


class Posted(NamedTuple):
    """A movement as it was just posted, as its poster is told: what, how many, why, and the ledger's receipt for it."""

    line: int
    item: str
    lot_id: int
    lot: str
    quantity: int
    reason: str
    hash: str
