"""Lots (批次): what makes one, and which of them leave the shelf first."""

from __future__ import annotations

import hashlib
from collections import deque
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


class LotQueue:
    """Lots of one item in one condition on a depot's shelf: what several takings, one after another, take of them.

    Without a lot named it is the first that expires (先到期先出); expired lots are passed over then, and so are lots
    earmarked for somewhere else. They are put in order once: a document has up to 5,000 takings of as many lots.
    """

    def __init__(
        self, lots: Iterable[ShelfLot], item_code: str, *, on: date, for_division_id: int | None = None
    ) -> None:
        self._lots = {lot.lot_id: lot for lot in lots}
        self._left = {lot.lot_id: lot.free for lot in self._lots.values()}
        self._item_code, self._on = item_code, on
        usable = [
            lot
            for lot in sorted(self._lots.values(), key=expiry_order)
            if (lot.expires_on is None or lot.expires_on > on) and lot.earmark_id in (None, for_division_id)
        ]
        self._next = deque(lot.lot_id for lot in usable)
        self._usable = frozenset(self._next)
        self._usable_units = sum(lot.free for lot in usable)
        self._usable_reserved = sum(lot.reserved for lot in usable)

    def take(self, units: int) -> list[tuple[int, int]]:
        """First-expired lots that together give so many units: (lot id, units) pairs. Raises `InsufficientStock`."""
        if units > self._usable_units:
            raise self._short("*", units, self._usable_units, self._usable_reserved)
        taken, missing = [], units
        while missing:
            lot_id = self._next[0]
            given = min(self._left[lot_id], missing)
            if given:
                taken.append((lot_id, given))
                self._note(lot_id, given)
                missing -= given
            else:
                self._next.popleft()
        return taken

    def take_of(self, lot_id: int, units: int, *, fresh: bool) -> list[tuple[int, int]]:
        """So many units of one lot; what is `fresh` only must not have expired. `LotExpired` or `InsufficientStock`.

        Of a lot that does not stand here any more nothing is known; whoever moves it has the last word.
        """
        lot = self._lots.get(lot_id)
        if lot is not None:
            if fresh:
                must_be_fresh(lot, self._on)
            if units > self._left[lot_id]:
                raise self._short(lot.lot_code, units, self._left[lot_id], lot.reserved)
            self._note(lot_id, units)
        return [(lot_id, units)]

    def _note(self, lot_id: int, units: int) -> None:
        self._left[lot_id] -= units
        if lot_id in self._usable:
            self._usable_units -= units

    def _short(self, lot_code: str, units: int, free: int, reserved: int) -> InsufficientStock:
        return InsufficientStock(
            item=self._item_code,
            lot=lot_code,
            wanted_units=units,
            free_units=free,
            reserved_units=reserved,
            short_units=units - free,
        )
