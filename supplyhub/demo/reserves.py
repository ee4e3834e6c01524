"""Hubei's reserves as the norms would have them: depots of four tiers, their lots, and what they hold back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from supplyhub.demo.norms import PERSONS_SERVED, RESERVES, Reserve
from supplyhub.demo.province import PLACEHOLDER, find_counties, pick, spread
from supplyhub.domain.catalogue import packs_up
from supplyhub.domain.columns import DepotColumns, FloorColumns, ItemColumns, PlaceColumns, StockColumns
from supplyhub.domain.places import DepotKind, Level
from supplyhub.domain.stock import Condition

DEPOT_SUFFIX = "应急物资储备库"
METRES_TO_DEPOT = {Level.PROVINCE: 12_000, Level.CITY: 8_000, Level.COUNTY: 4_000, Level.TOWNSHIP: 600}
"""From the depot to its government's seat: provincial depots stand outside the town, township ones in the yard."""

COUNTY_MANAGED_ONE_IN = 3
"""So many township depots hold county goods under county custody (县管、乡储、村用)."""
EXPIRED_ONE_IN, DAMAGED_ONE_IN, LENT_ONE_IN = 29, 97, 4

FLOORED_ITEMS = frozenset({"quilt", "food", "water", "mask-medical", "disinfectant-84"})
FLOOR_PERCENT = 25
FLOORED_ONE_IN = {Level.CITY: 2, Level.COUNTY: 3}
"""Half of the cities and a third of the counties hold a quarter of these items back for what comes next."""

LOT_SHARES = {1: (100,), 2: (60, 40), 3: (50, 30, 20)}
ORIGINS = ("政府采购", "上级调拨", "协议企业轮换")


def depot_code(division_code: str) -> str:
    """The code of the one government depot of a division."""
    return f"D{division_code}"


def make_depots(places: PlaceColumns) -> DepotColumns:
    """One government depot for the province and each city, county and township; the placeholder has none."""
    counties = find_counties(places)
    rows = [
        row
        for row, level in enumerate(places.level)
        if level is not Level.COMMUNITY and places.code[row] != PLACEHOLDER
    ]
    codes = [places.code[row] for row in rows]
    return DepotColumns(
        where=[f"depots:{row + 1}" for row in range(len(rows))],
        code=[depot_code(code) for code in codes],
        name=[places.name[row] + DEPOT_SUFFIX for row in rows],
        division_code=codes,
        custodian_code=[
            counties[row] if _is_county_managed(places.level[row], places.code[row]) else places.code[row]
            for row in rows
        ],
        kind=[DepotKind.GOVERNMENT] * len(rows),
        metres_to_division=[
            METRES_TO_DEPOT[places.level[row]] * pick(places.code[row], (50, 75, 100, 125)) // 100 for row in rows
        ],
    )


def _is_county_managed(level: Level, code: str) -> bool:
    return level is Level.TOWNSHIP and spread(code) % COUNTY_MANAGED_ONE_IN == 0


@dataclass(frozen=True)
class _Lot:
    depot: str
    item: str
    units: int
    code: str
    owner: str
    made: date
    expires: date | None
    origin: str
    condition: Condition


def make_stock(places: PlaceColumns, items: ItemColumns, as_of: date) -> StockColumns:
    """Opening stock: persons served x the item's figure for the tier, in one to three lots of different age.

    Ages count back from `as_of`, the day the demo is loaded: were they fixed, every lot would have expired by now,
    and nothing of the plan could be approved, dispatched or issued.
    """
    lots = [lot for shelf in _shelves(places, items) for lot in _split(shelf, as_of)]
    return StockColumns(
        where=[f"stock:{row + 1}" for row in range(len(lots))],
        depot_code=[lot.depot for lot in lots],
        item_code=[lot.item for lot in lots],
        quantity_units=[lot.units for lot in lots],
        lot=[lot.code for lot in lots],
        owner_code=[lot.owner for lot in lots],
        produced_on=[lot.made for lot in lots],
        expires_on=[lot.expires for lot in lots],
        origin=[lot.origin for lot in lots],
        earmark_code=[""] * len(lots),
        condition=[lot.condition for lot in lots],
    )


@dataclass(frozen=True)
class _Shelf:
    """An item at a depot: the division, the government above it, and how many packs."""

    division: str
    above: str
    item: str
    packs: int
    pack_size: int
    shelf_life_days: int | None


def _shelves(places: PlaceColumns, items: ItemColumns) -> Iterator[_Shelf]:
    facts = dict(zip(items.code, zip(items.pack_size, items.shelf_life_days, strict=True), strict=True))
    for code, above, level in zip(places.code, places.parent_code, places.level, strict=True):
        if level is Level.COMMUNITY or code == PLACEHOLDER:
            continue
        for reserve in RESERVES:
            pack_size, shelf_life_days = facts[reserve.item_code]
            packs = packs_up(_target_units(code, level, reserve), pack_size)
            if packs:
                yield _Shelf(code, above or code, reserve.item_code, packs, pack_size, shelf_life_days)


def _target_units(code: str, level: Level, reserve: Reserve) -> int:
    """The norm, met to between 80 and 120 per cent: nowhere is stock exactly what the plan says."""
    met_percent = pick(code + reserve.item_code, range(80, 121))
    return PERSONS_SERVED[level] * reserve.per_1000(level) * met_percent // 100_000


def _split(shelf: _Shelf, as_of: date) -> Iterator[_Lot]:
    shares = LOT_SHARES[min(shelf.packs, pick(shelf.division + shelf.item, (1, 2, 2, 3)))]
    left = shelf.packs
    for number, share in enumerate(shares, start=1):
        seed = f"{shelf.division}{shelf.item}{number}"
        packs = left if number == len(shares) else shelf.packs * share // 100
        left -= packs
        made = as_of - timedelta(days=_age_days(seed, shelf.shelf_life_days))
        if packs:
            yield _Lot(
                depot=depot_code(shelf.division),
                item=shelf.item,
                units=packs * shelf.pack_size,
                code=f"{made:%Y%m%d}-{number}",
                owner=_owner(seed, shelf.division, shelf.above),
                made=made,
                expires=None if shelf.shelf_life_days is None else made + timedelta(days=shelf.shelf_life_days),
                origin=ORIGINS[spread(seed) % len(ORIGINS)],
                condition=Condition.DAMAGED if spread(seed) % DAMAGED_ONE_IN == 0 else Condition.GOOD,
            )


def _age_days(seed: str, shelf_life: int | None) -> int:
    """Any age below nine tenths of the shelf life; a few lots are past it."""
    life = shelf_life or 3000
    if shelf_life is not None and spread(seed) % EXPIRED_ONE_IN == 0:
        return life + spread(seed) % 60
    return 5 + spread(seed) % (life * 9 // 10)


def _owner(seed: str, code: str, above: str) -> str:
    """The government of the place, or of the one above: always for county-managed depots, else for some lots."""
    is_township = not code.endswith("000000")
    lent = spread(code) % COUNTY_MANAGED_ONE_IN == 0 if is_township else spread(seed) % LENT_ONE_IN == 0
    return above if lent else code


def make_floors(places: PlaceColumns, stock: StockColumns) -> FloorColumns:
    """A quarter of what stands at some city and county depots stays there, whatever is asked."""
    level_of = {depot_code(code): level for code, level in zip(places.code, places.level, strict=True)}
    held: dict[tuple[str, str], int] = {}
    for depot, item, units in zip(stock.depot_code, stock.item_code, stock.quantity_units, strict=True):
        one_in = FLOORED_ONE_IN.get(level_of[depot])
        if one_in is not None and item in FLOORED_ITEMS and spread(depot) % one_in == 0:
            held[depot, item] = held.get((depot, item), 0) + units
    return FloorColumns(
        where=[f"floors:{row + 1}" for row in range(len(held))],
        depot_code=[depot for depot, _ in held],
        item_code=[item for _, item in held],
        quantity_units=[units * FLOOR_PERCENT // 100 for units in held.values()],
    )
