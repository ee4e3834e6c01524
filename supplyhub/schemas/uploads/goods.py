"""What names in a sheet stand for: items by code or name, lots by the number on the box."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from supplyhub.domain.catalogue import Item
from supplyhub.domain.refusals import words
from supplyhub.domain.stock import Shelf
from supplyhub.schemas.cells import CellFault
from supplyhub.schemas.uploads.kinds import plain


class Goods:
    """The catalogue, and what stands in the depot that the sheet is about, to be found by name."""

    def __init__(self, items: Iterable[Item], shelves: Iterable[Shelf] = ()) -> None:
        self._by_code: dict[str, Item] = {}
        self._by_name: dict[str, dict[str, Item]] = defaultdict(dict)
        self._lots: dict[tuple[int, str], set[int]] = defaultdict(set)
        self._item_of: dict[int, int] = {}
        self._code_of: dict[int, str] = {}
        for item in items:
            self._by_code[item.code] = item
            for name in (item.name_zh, item.name_en):
                self._by_name[plain(name)][item.code] = item
        for shelf in shelves:
            self._lots[shelf.item_id, shelf.lot_code].add(shelf.lot_id)
            self._item_of[shelf.lot_id] = shelf.item_id
            self._code_of[shelf.lot_id] = shelf.lot_code

    def find_item(self, said: str) -> Item | None:
        """The item of this code or, alone, of this name; CellFault where several are called so."""
        if said in self._by_code:
            return self._by_code[said]
        named = self._by_name.get(plain(said), {})
        if len(named) > 1:
            message = words("{text!r} is the name of several items; write the code, one of: {codes}")
            raise CellFault(message, text=said[:40], codes=", ".join(sorted(named)))
        return next(iter(named.values()), None)

    def get_item(self, said: str) -> Item:
        """The item of this code or name; CellFault where there is none."""
        item = self.find_item(said)
        if item is None:
            raise CellFault(words("{text!r} is neither the code nor the name of an item"), text=said[:40])
        return item

    def get_lot(self, item: Item, said: str) -> int:
        """The lot of an item with this number on the box; CellFault where none stands there, or several."""
        lots = self._lots.get((item.id, said), set())
        if len(lots) == 1:
            return next(iter(lots))
        if lots:
            message = words("several lots of {item} have the number {text!r}; write the lot_id, one of: {lots}")
            raise CellFault(message, item=item.code, text=said[:40], lots=", ".join(map(str, sorted(lots))))
        raise CellFault(words("no lot {text!r} of {item} stands in this depot"), item=item.code, text=said[:40])

    def find_item_of(self, lot_id: str) -> Item | None:
        """The item of a lot that stands there, by its number as a sheet says it."""
        item_id = self._item_of.get(int(lot_id)) if lot_id.isascii() and lot_id.isdigit() else None
        return next((item for item in self._by_code.values() if item.id == item_id), None)

    def must_be_of(self, item: Item, lot_id: int) -> None:
        """CellFault if a lot that stands there is of another item: rows were moved against each other."""
        if self._item_of.get(lot_id, item.id) != item.id:
            raise CellFault(words("lot {lot_id} is not of {item}"), lot_id=lot_id, item=item.code)

    def must_be_lot(self, lot_id: int, said: str) -> None:
        """CellFault if a lot has another number on its box; zeros before it do not count, as spreadsheets drop them."""
        code = self._code_of.get(lot_id, said)
        if plain(code).lstrip("0") != plain(said).lstrip("0"):
            raise CellFault(
                words("lot {lot_id} has the number {code!r}, not {text!r}"), lot_id=lot_id, code=code, text=said[:40]
            )


def is_called(item: Item, said: str) -> bool:
    """Whether this is the item's code or one of its names."""
    return said == item.code or plain(said) in (plain(item.name_zh), plain(item.name_en))


def must_count_in(item: Item, said: str) -> None:
    """CellFault unless a unit is the item's own."""
    if plain(said) not in (plain(item.unit_zh), plain(item.unit_en)):
        message = words("{item} is counted in {unit}, not in {text!r}; write units, or whole packs in their own column")
        raise CellFault(message, item=item.code, unit=f"{item.unit_zh} / {item.unit_en}", text=said[:40])
