"""Where the made-up goods lie: a province of any size, a depot in each of its highest places, items, lots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from supplyhub.domain.columns import DepotColumns, ItemColumns, PlaceColumns
from supplyhub.domain.places import Depot, DepotKind, Level, RiskClass
from supplyhub.domain.stock import LotFacts
from supplyhub.service.catalogue import import_items
from supplyhub.service.places import import_depots, import_places
from supplyhub.service.unit_of_work import Hub, Work
from tests.bench.ledgers.size import BEGAN, Size

WIDTHS = ((Level.PROVINCE, 1), (Level.CITY, 17), (Level.COUNTY, 103), (Level.TOWNSHIP, 1_900))
"""Places of each level, as far as there are any; all others are communities."""


@dataclass(frozen=True)
class Land:
    """What a ledger's accounts and lots are about."""

    depots: Sequence[Depot]
    item_ids: Sequence[int]
    lots: Mapping[tuple[int, int], int]
    """By item and number: those with stock first, then those that are spent."""


def load_land(hub: Hub, size: Size) -> Land:
    """Load it through the verbs of an installation's first day."""
    places, at = _places(size.places), BEGAN
    hub.carry_out("import_places", "bench:places", lambda work: import_places(work, places), at=at)
    depots = _depots(places.code[: size.depots])
    hub.carry_out("import_depots", "bench:depots", lambda work: import_depots(work, depots), at=at)
    hub.carry_out("import_items", "bench:items", lambda work: import_items(work, _items(size.items)), at=at)
    return hub.write(lambda work: _land(work, size, depots.code), at=at)


def _land(work: Work, size: Size, codes: list[str]) -> Land:
    by_code, items = work.places.map_depots(codes), work.catalogue.map_items()
    depots = [by_code[code] for code in codes]
    item_ids = [items[code].id for code in sorted(items)]
    slots = [*draw_slots(size.balances, 0, size), *draw_slots(size.spent, size.lots_per_item, size)]
    facts = {(item, number): _lot(item_ids[item], depots[0].custodian_id, number) for _, item, number in slots}
    ids = work.stock.make_lots(facts.values())
    return Land(depots, item_ids, {key: ids[lot] for key, lot in facts.items()})


def draw_slots(count: int, first_lot: int, size: Size) -> Iterator[tuple[int, int, int]]:
    """So many shelves and lots, each pair once: the places of depot and item in the land, and the lot's number."""
    for number in range(count):
        layer, place, item = number // (size.depots * size.items), number % size.depots, number // size.depots
        yield place, item % size.items, first_lot + (place + layer) % size.lots_per_item


def _lot(item_id: int, owner_id: int, number: int) -> LotFacts:
    return LotFacts(item_id, owner_id, f"批{number + 1:04}", expires_on=date(2090, 1, 1) + timedelta(days=number))


def _places(count: int) -> PlaceColumns:
    levels: list[Level] = []
    for level, width in WIDTHS:
        levels += [level] * min(width, count - len(levels))
    levels += [Level.COMMUNITY] * (count - len(levels))
    codes = [f"{420_000_000_000 + number}" for number in range(count)]
    return PlaceColumns(
        where=codes, code=codes, name=[f"地{code}" for code in codes], parent_code=_parents(levels, codes),
        level=levels, population=[1_000] * count, population_source=["made up"] * count, lon=[None] * count,
        lat=[None] * count, metres_to_parent=[5_000] * count, risk_class=[RiskClass.MEDIUM] * count,
        weight_thousandths=[1000] * count,
    )  # fmt: skip


def _parents(levels: list[Level], codes: list[str]) -> list[str]:
    """Each place below one of the level above, evenly."""
    by_level: dict[Level, list[str]] = {}
    for level, code in zip(levels, codes, strict=True):
        by_level.setdefault(level, []).append(code)
    parents = [""]
    for above, below in zip(list(by_level.values()), list(by_level.values())[1:], strict=False):
        parents += [above[number % len(above)] for number in range(len(below))]
    return parents


def _depots(divisions: list[str]) -> DepotColumns:
    count = len(divisions)
    return DepotColumns(
        where=divisions, code=[f"D{code}" for code in divisions], name=[f"库{code}" for code in divisions],
        division_code=divisions, custodian_code=[""] * count, kind=[DepotKind.GOVERNMENT] * count,
        metres_to_division=[0] * count,
    )  # fmt: skip


def _items(count: int) -> ItemColumns:
    codes = [f"item-{number + 1:04}" for number in range(count)]
    return ItemColumns(
        where=codes, code=codes, name_zh=[f"物资{code}" for code in codes], name_en=codes, unit_zh=["件"] * count,
        unit_en=["piece"] * count, pack_size=[1] * count, weight_g=[100] * count, volume_cm3=[100] * count,
        shelf_life_days=[None] * count, durable=[False] * count, recoverable=[False] * count,
        product_standard=[""] * count, category_code=["1000000"] * count, norm_per_1000=[10] * count,
    )  # fmt: skip
