"""Which lots the lines of one document take: named ones, or first-expired ones, each after the lines before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from supplyhub.domain.places import Depot
from supplyhub.domain.refusals import InsufficientStock, LotExpired, tell_all
from supplyhub.domain.stock import Condition, LotQueue, ShelfLot
from supplyhub.service.unit_of_work import Work


class Picking:
    """One walk along a depot's shelves, which are held still for it, however many lines take from them."""

    def __init__(self, work: Work, depot: Depot, *, for_division_id: int, handed_out: bool = True) -> None:
        self._work, self._depot = work, depot
        self._for_division_id, self._handed_out = for_division_id, handed_out
        self._shelves: dict[tuple[int, Condition], list[ShelfLot]] = {}
        self._codes: dict[int, str] = {}
        self._queues: dict[tuple[int, Condition], LotQueue] = {}

    def take_all(self, lines: Sequence[tuple[Any, ...]]) -> list[list[tuple[int, int]]]:
        """(lot id, units) for each line of (item id, units, lot id or None, condition).

        What has expired may be scrapped, never handed out. Every line that is refused is told, not the first alone.
        """
        item_ids = {line[0] for line in lines}
        self._shelves = self._work.stock.lock_shelves(self._depot.id, item_ids)
        self._codes = {item.id: item.code for item in self._work.catalogue.name_items(item_ids).values()}
        self._queues = {}
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
        queue = self._queue(item_id, condition)
        return queue.take(units) if lot_id is None else queue.take_of(lot_id, units, fresh=self._handed_out)

    def _queue(self, item_id: int, condition: Condition) -> LotQueue:
        key = (item_id, condition)
        if key not in self._queues:
            self._queues[key] = LotQueue(
                self._shelves.get(key, []),
                self._codes[item_id],
                on=self._work.at.date(),
                for_division_id=self._for_division_id,
            )
        return self._queues[key]
