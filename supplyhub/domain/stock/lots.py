"""Lots (批次): what makes one, and which of them leave the shelf first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from supplyhub.domain.refusals import InsufficientStock, LotExpired


class LotFacts(NamedTuple):
    """What makes a lot (批次) one of its kind: exactly one owner and one earmark or none.

    An empty code ("lot unknown") and a missing expiry are lawful.
    """

    item_id: int
    owner_id: int
    code: str = ""
    earmark_id: int | None = None
    produced_on: date | None = None
    expires_on: date | None = None
    origin: str = ""

    @property
    def identity(self) -> str:
        """A digest that is equal exactly for equal lots."""
        return lot_identity(
            (self.item_id, self.owner_id, self.code, self.earmark_id, self.produced_on, self.expires_on, self.origin)
        )


def lot_identity(facts: Sequence[object]) -> str:
    """The digest of a lot's facts: item, owner, code, earmark, production and expiry day, origin; None is blank."""
    texts = ["" if fact is None else str(fact) for fact in facts]
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()


class ShelfLot(NamedTuple):
    """A lot as it stands on a depot's shelf, with what choosing among lots needs."""

    lot_id: int
    lot_code: str
    free: int
    reserved: int
    expires_on: date | None
    earmark_id: int | None


def expiry_order(lot: ShelfLot) -> tuple[bool, date, str, int]:
    """First expired, first out; a lot without a date last; lots of one date by code."""
    return (lot.expires_on is None, lot.expires_on or date.max, lot.lot_code, lot.lot_id)


def must_be_fresh(lot: ShelfLot, on: date) -> None:
    """What has expired may be scrapped, never handed out."""
    if lot.expires_on is not None and lot.expires_on <= on:
        raise LotExpired(lot=lot.lot_code or str(lot.lot_id), expires_on=lot.expires_on.isoformat())


def choose_lots(
    shelf: Iterable[ShelfLot], item_code: str, units: int, *, on: date, for_division_id: int | None = None
) -> list[tuple[int, int]]:
    """First-expired lots that together give so many units: (lot id, units) pairs.

    Expired lots are passed over, and so are lots earmarked for somewhere else. Raises `InsufficientStock`.
    """
    lots = sorted(shelf, key=expiry_order)
    usable = [
        lot
        for lot in lots
        if (lot.expires_on is None or lot.expires_on > on) and lot.earmark_id in (None, for_division_id)
    ]
    chosen: list[tuple[int, int]] = []
    missing = units
    for lot in usable:
        take = min(lot.free, missing)
        if take > 0:
            chosen.append((lot.lot_id, take))
            missing -= take
    if missing:
        raise InsufficientStock(
            item=item_code,
            lot="*",
            wanted_units=units,
            free_units=units - missing,
            reserved_units=sum(lot.reserved for lot in usable),
            short_units=missing,
        )
    return chosen
