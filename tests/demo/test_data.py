"""Laws of the demo's data: the same on every run, lawful everywhere, of the size and scarcity it is meant to have."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from supplyhub.demo.files import open_data, read_rows
from supplyhub.demo.needs import HOSPITAL_ITEMS, Hospitals, make_institutions, make_requests, read_hospitals
from supplyhub.demo.norms import COMMUNITY_NEEDS, RESERVES
from supplyhub.demo.province import PLACEHOLDER, PROVINCE, find_counties, make_places, weigh_counties
from supplyhub.demo.reserves import depot_code, make_depots, make_floors, make_stock
from supplyhub.domain.column_faults import find_date_faults, find_repeats, find_tree_faults
from supplyhub.domain.columns import ItemColumns, PlaceColumns, RequestColumns, StockColumns
from supplyhub.domain.places import Level
from supplyhub.schemas.sheets import CATEGORIES, ITEMS, read_sheets

AS_OF = date(2026, 1, 26)
DIRECT_COUNTIES = {"429004000000", "429005000000", "429006000000", "429021000000"}


@pytest.fixture(scope="module")
def places() -> PlaceColumns:
    return make_places()


@pytest.fixture(scope="module")
def items() -> ItemColumns:
    return read_sheets(ITEMS, [open_data("items.csv")])


@pytest.fixture(scope="module")
def stock(places: PlaceColumns, items: ItemColumns) -> StockColumns:
    return make_stock(places, items, AS_OF)


@pytest.fixture(scope="module")
def hospitals(places: PlaceColumns) -> Hospitals:
    return read_hospitals(places)


@pytest.fixture(scope="module")
def requests(places: PlaceColumns, items: ItemColumns, hospitals: Hospitals) -> RequestColumns:
    return make_requests(places, items, hospitals, AS_OF)


def test_the_tree_is_whole_and_without_a_fault(places: PlaceColumns) -> None:
    assert places.faults == []
    assert find_tree_faults(places) == []
    assert Counter(places.level) == {
        Level.PROVINCE: 1,
        Level.CITY: 14,
        Level.COUNTY: 105,
        Level.TOWNSHIP: 1_475,
        Level.COMMUNITY: 27_057,
    }


def test_the_four_direct_counties_answer_to_the_province_and_the_placeholder_to_nobody(places: PlaceColumns) -> None:
    parents = dict(zip(places.code, places.parent_code, strict=True))
    assert {
        code for code, parent in parents.items() if parent == PROVINCE and code in DIRECT_COUNTIES
    } == DIRECT_COUNTIES
    assert PLACEHOLDER not in parents.values()
    assert depot_code(PLACEHOLDER) not in make_depots(places).code


def test_every_level_of_government_has_one_depot_and_some_are_kept_by_the_county(places: PlaceColumns) -> None:
    depots = make_depots(places)
    assert len(depots.code) == 1 + 13 + 105 + 1_475
    assert find_repeats(depots, depots.code, "code") == []
    counties = dict(zip(places.code, find_counties(places), strict=True))
    kept_elsewhere = [
        (place, keeper)
        for place, keeper in zip(depots.division_code, depots.custodian_code, strict=True)
        if place != keeper
    ]
    assert 0.25 < len(kept_elsewhere) / 1_475 < 0.42
    assert all(counties[place] == keeper for place, keeper in kept_elsewhere)


def test_weights_follow_the_share_of_old_people(places: PlaceColumns) -> None:
    weights = weigh_counties()
    assert weights[PROVINCE] == 1000
    shares = {row["code"]: int(row["age65_and_over"]) / int(row["population"]) for row in read_rows("elderly_2020.csv")}
    by_share = [weights[code] for code in sorted(shares, key=shares.__getitem__)]
    assert by_share == sorted(by_share)
    assert all(500 <= weight <= 1500 for weight in places.weight_thousandths)


def test_items_have_packs_categories_and_enough_variety(items: ItemColumns) -> None:
    categories = read_sheets(CATEGORIES, [open_data("categories.csv")])
    assert items.faults == categories.faults == []
    assert len(items.code) >= 12
    assert set(items.category_code) <= set(categories.code)
    used = {reserve.item_code for reserve in RESERVES} | {need.item_code for need in COMMUNITY_NEEDS}
    assert used | set(HOSPITAL_ITEMS.values()) == set(items.code)


def test_stock_is_lawful_and_the_same_on_every_run(
    places: PlaceColumns, items: ItemColumns, stock: StockColumns
) -> None:
    assert stock == make_stock(places, items, AS_OF)
    assert find_date_faults(stock) == []
    packs = dict(zip(items.code, items.pack_size, strict=True))
    pairs = zip(stock.item_code, stock.quantity_units, strict=True)
    assert all(units > 0 and units % packs[item] == 0 for item, units in pairs)
    expired = sum(expiry is not None and expiry <= AS_OF for expiry in stock.expires_on)
    assert 0.01 < expired / len(stock.lot) < 0.1


def test_owner_keeper_and_place_are_three_facts(places: PlaceColumns, stock: StockColumns) -> None:
    parents = dict(zip(places.code, places.parent_code, strict=True))
    owners = list(zip(stock.depot_code, stock.owner_code, strict=True))
    assert all(owner in (depot[1:], parents[depot[1:]]) for depot, owner in owners)
    assert any(owner != depot[1:] for depot, owner in owners)


def test_floors_hold_back_part_of_what_stands_there(places: PlaceColumns, stock: StockColumns) -> None:
    floors = make_floors(places, stock)
    held: Counter[tuple[str, str]] = Counter()
    for depot, item, units in zip(stock.depot_code, stock.item_code, stock.quantity_units, strict=True):
        held[depot, item] += units
    rows = zip(floors.depot_code, floors.item_code, floors.quantity_units, strict=True)
    assert all(0 < units < held[depot, item] for depot, item, units in rows)
    assert len(floors.where) > 100


def test_every_hospital_is_joined_or_named(places: PlaceColumns, hospitals: Hospitals) -> None:
    level = dict(zip(places.code, places.level, strict=True))
    assert all(level[hospital.county] is Level.COUNTY for hospital in hospitals.joined)
    assert (len(hospitals.joined), hospitals.without_county) == (213, ["武汉市第四人民医院"])
    assert len(hospitals.not_verified) == 8
    institutions = make_institutions(hospitals)
    assert find_repeats(institutions, institutions.code, "code") == []


@pytest.mark.parametrize(
    ("hospital", "county"),
    [
        ("黄冈市中心医院", "黄州区"),
        ("湖北省长阳县人民医院", "长阳土家族自治县"),
        ("荆州市红十字会", "沙市区"),
        ("天门市第一人民医院", "天门市"),
        ("青山区钢花村街社区卫生服务中心", "青山区"),
        ("监利县中医院", "监利市"),
        ("松滋市中医院", "松滋市"),
    ],
)
def test_hospitals_stand_in_their_county(
    places: PlaceColumns, hospitals: Hospitals, hospital: str, county: str
) -> None:
    names = dict(zip(places.code, places.name, strict=True))
    assert {names[found.county] for found in hospitals.joined if found.name == hospital} == {county}


def test_there_is_enough_to_plan_and_nobody_plans_an_amount_that_was_not_stated(requests: RequestColumns) -> None:
    stated = [units for units in requests.quantity_units if units is not None]
    assert len(stated) >= 250_000
    assert min(stated) >= 1
    classes = Counter(requests.priority)
    assert set(classes) == {1, 2, 3, 4}
    unknown = [row for row, units in enumerate(requests.quantity_units) if units is None]
    assert len(unknown) > 1_000
    assert {requests.priority[row] for row in unknown} == {1}
    assert all(requests.institution_code[row] for row in unknown)


def test_every_community_asks_for_every_item_that_concerns_it(places: PlaceColumns, requests: RequestColumns) -> None:
    communities = {code for code, level in zip(places.code, places.level, strict=True) if level is Level.COMMUNITY}
    asked = Counter(
        code for code, hospital in zip(requests.division_code, requests.institution_code, strict=True) if not hospital
    )
    assert asked.keys() == communities
    assert set(asked.values()) == {len(COMMUNITY_NEEDS)}


def test_an_office_asks_for_its_own(places: PlaceColumns, requests: RequestColumns) -> None:
    parents = dict(zip(places.code, places.parent_code, strict=True))
    for office, division, hospital in zip(
        requests.office_code, requests.division_code, requests.institution_code, strict=True
    ):
        assert office == (division if hospital else parents[division])


def test_protective_equipment_is_far_too_little(stock: StockColumns, requests: RequestColumns) -> None:
    there: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for item, units in zip(stock.item_code, stock.quantity_units, strict=True):
        there[item] += units
    for item, asked in zip(requests.item_code, requests.quantity_units, strict=True):
        wanted[item] += asked or 0
    for item in ("mask-medical", "mask-surgical", "mask-n95", "coverall", "goggles"):
        assert there[item] * 3 < wanted[item], item
