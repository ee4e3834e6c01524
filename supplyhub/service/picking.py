"""Which lots the lines of one document take: named ones, or first-expired ones, each after the lines before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from supplyhub.domain.places import Depot
from supplyhub.domain.refusals import InsufficientStock, LotExpired, tell_all
from supplyhub.domain.stock import Condition, ShelfLot, choose_lots, must_be_fresh
from supplyhub.service.unit_of_work import Work


class Picking:
    """One walk along a depot's shelves, which are held still for it, however many lines take from them."""

    def __init__(self, work: Work, depot: Depot, *, for_division_id: int, handed_out: bool = True) -> None:
        self._work, self._depot = work, depot
        self._for_division_id, self._handed_out = for_division_id, handed_out
        self._shelves: dict[tuple[int, Condition], dict[int, ShelfLot]] = {}
        self._codes: dict[int, str] = {}

    def take_all(self, lines: Sequence[tuple[Any, ...]]) -> list[list[tuple[int, int]]]:
        """(lot id, units) for each line of (item id, units, lot id or None, condition).

        What has expired may be scrapped, never handed out. Every line that is refused is told, not the first alone.
        """
        shelves = self._work.stock.lock_shelves(self._depot.id, [line[0] for line in lines])
        self._shelves = {key: {lot.lot_id: lot for lot in lots} for key, lots in shelves.items()}
        taken, refused = [], []
        for place, line in enumerate(lines):
            try:
                taken.append(self._take(*line))
            except (InsufficientStock, LotExpired) as refusal:
                refused.append((place, refusal))
        if refused:
            raise tell_all(refused)
        return taken

    def _take(
        self, item_id: int, units: int, lot_id: int | None = None, condition: Condition = Condition.GOOD
    ) -> list[tuple[int, int]]:
        """Raises `LotExpired` or `InsufficientStock`; the last word on what is short is where it is moved."""
        shelf, on = self._shelves.get((item_id, condition), {}), self._work.at.date()
        if lot_id is None:
            code = self._code(item_id)
            taken = choose_lots(shelf.values(), code, units, on=on, for_division_id=self._for_division_id)
        else:
            if lot_id in shelf:
                self._must_give(shelf[lot_id], item_id, units)
            taken = [(lot_id, units)]
        for number, gone in taken:
            if number in shelf:
                shelf[number] = shelf[number]._replace(free=shelf[number].free - gone)
        return taken

    def _must_give(self, lot: ShelfLot, item_id: int, units: int) -> None:
        """A lot that stands there is fresh if it is handed out, and has so many units free."""
        if self._handed_out:
            must_be_fresh(lot, self._work.at.date())
        if lot.free < units:
            raise InsufficientStock(
                item=self._code(item_id),
                lot=lot.lot_code,
                wanted_units=units,
                free_units=lot.free,
                reserved_units=lot.reserved,
                short_units=units - lot.free,
            )

    def _code(self, item_id: int) -> str:
        if item_id not in self._codes:
            self._codes[item_id] = self._work.catalogue.name_items([item_id])[item_id].code
        return self._codes[item_id]
