"""Loading a county's own data: all or nothing, every fault at once, the same contents never twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from supplyhub.domain.column_faults import category_parent, find_tree_faults
from supplyhub.domain.distances import road_metres
from supplyhub.domain.places import Level
from supplyhub.domain.refusals import AlreadyLoaded, Fault, InvalidInput
from supplyhub.persistence.scope import EVERYWHERE
from supplyhub.schemas import sheets
from supplyhub.schemas.files import SheetFile, digest_of
from supplyhub.schemas.sheets import Sheet, read_sheets
from supplyhub.service import catalogue, opening, places
from supplyhub.service.loading import load_once
from supplyhub.service.unit_of_work import Hub, Work
from tests.conftest import NOW
from tests.world import CITY, COUNTY, PROVINCE, TOWNSHIP, World

TREE = """code,name,parent_code,level,km_to_parent,lon,lat,population,weight
110101001001,一社区,110101001000,community,1.5,,,900,1.2
110000000000,某市,,province,,116.4,39.9,,
110101000000,某区,110000000000,county,,116.5,39.9,1000,
110101001000,某街道,110101000000,township,2,,,,
"""


def load(hub: Hub, sheet: Sheet[Any], verb: Callable[[Work, Any], int], text: str, name: str = "sheet.csv") -> int:
    files = [SheetFile(name, text.encode())]
    columns = read_sheets(sheet, files)
    return load_once(hub, verb.__name__, digest_of(files), lambda work: verb(work, columns), at=NOW)


def faults_of(hub: Hub, sheet: Sheet[Any], verb: Callable[[Work, Any], int], text: str) -> list[Fault]:
    before = count_rows(hub)
    with pytest.raises(InvalidInput) as refused:
        load(hub, sheet, verb, text)
    assert count_rows(hub) == before
    return refused.value.faults


def wheres(faults: list[Fault]) -> list[str]:
    return [fault.where for fault in faults]


def count_rows(hub: Hub) -> dict[str, int]:
    tables = ("division", "depot", "institution", "item", "category", "way", "reserve_floor", "lot", "movement",
              "balance", "posting")  # fmt: skip
    with hub.engine.connect().execution_options(scope=EVERYWHERE) as connection:
        return {table: connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0 for table in tables}


# --- places ---------------------------------------------------------------------------------------------------


def test_a_tree_is_loaded_whatever_the_order_of_its_rows(hub: Hub) -> None:
    assert load(hub, sheets.PLACES, places.import_places, TREE) == 4
    with hub.read(None, at=NOW) as work:
        root, district, street, community = work.places.list_divisions()
    assert [root.level, district.level, street.level, community.level] == list(Level)[:1] + list(Level)[2:]
    assert root.lo < district.lo < street.lo < community.lo < community.hi <= street.hi <= district.hi <= root.hi
    assert (community.metres_to_parent, community.weight_thousandths) == (1500, 1200)
    assert district.metres_to_parent == road_metres(116.4, 39.9, 116.5, 39.9)


def test_a_second_tree_is_refused(world: World) -> None:
    [fault] = faults_of(world.hub, sheets.PLACES, places.import_places, TREE)
    assert fault.where == "sheet.csv:2"


def test_what_is_wrong_with_a_tree_is_said_at_once(hub: Hub) -> None:
    text = """code,name,parent_code,level,km_to_parent,population
110000000000,根,,province,,
110000000000,又一根,,province,,
110101000000,甲,119999000000,county,1,
110102000000,乙,110103000000,county,1,
110103000000,丙,110102000000,county,1,
110104000000,丁,110101001000,county,1,-5
110101001000,戊,110000000000,township,,
1101,己,110000000000,county,1,
"""
    assert wheres(faults_of(hub, sheets.PLACES, places.import_places, text)) == [
        "sheet.csv:3:code",
        "sheet.csv:4:parent_code",
        "sheet.csv:5:level",
        "sheet.csv:5:parent_code",
        "sheet.csv:6:level",
        "sheet.csv:7:level",
        "sheet.csv:7:population",
        "sheet.csv:8:km_to_parent",
        "sheet.csv:9:code",
    ]


@given(
    parents=st.integers(2, 12).flatmap(
        lambda count: st.lists(st.integers(-1, count - 1), min_size=count, max_size=count)
    )
)
def test_a_tree_has_a_cycle_exactly_when_somebody_never_reaches_a_root(parents: list[int]) -> None:
    codes = [f"{number:012d}" for number in range(len(parents))]
    text = "code,name,parent_code,level,km_to_parent\n" + "".join(
        f"{code},x,{codes[parent] if parent >= 0 else ''},county,1\n"
        for code, parent in zip(codes, parents, strict=True)
    )
    columns = read_sheets(sheets.PLACES, [SheetFile("t.csv", text.encode())])
    said = any(fault.where.endswith(":parent_code") for fault in find_tree_faults(columns))
    assert said == any(not _reaches_root(node, parents) for node in range(len(parents)))


def _reaches_root(node: int, parents: list[int]) -> bool:
    for _ in parents:
        if node < 0:
            return True
        node = parents[node]
    return node < 0


# --- depots, institutions, ways -------------------------------------------------------------------------------


def test_a_depot_stands_in_one_place_and_may_be_kept_by_another(world: World) -> None:
    text = f"code,name,division_code,custodian_code,kind,km_to_division\nNEW,新库,{TOWNSHIP},{COUNTY},agreement,0.4\n"
    load(world.hub, sheets.DEPOTS, places.import_depots, text)
    with world.hub.read(None, at=NOW) as work:
        depot = work.places.get_depot("NEW")
        keeper = work.places.get_division_by_id(depot.custodian_id)
        assert (keeper.code, depot.metres_to_division) == (COUNTY, 400)
        assert work.places.get_division_by_id(depot.division_id).lo == depot.pos


def test_depots_share_one_name_space_with_places(world: World) -> None:
    text = (
        "code,name,division_code,custodian_code\n"
        f"P,又一省库,{PROVINCE},\n"
        f"{CITY},像市的库,{CITY},\n"
        f"X,x,999999999999,{COUNTY}\n"
        f"Y,y,{COUNTY},888888888888\n"
        f"Y,y,{COUNTY},\n"
    )
    assert wheres(faults_of(world.hub, sheets.DEPOTS, places.import_depots, text)) == [
        "sheet.csv:2:code",
        "sheet.csv:3:code",
        "sheet.csv:4:division_code",
        "sheet.csv:5:custodian_code",
        "sheet.csv:6:code",
    ]


def test_institutions_stand_in_known_divisions(world: World) -> None:
    assert (
        load(world.hub, sheets.INSTITUTIONS, places.import_institutions, f"code,name,division_code\nH2,二院,{COUNTY}\n")
        == 1
    )
    text = f"code,name,division_code\nH1,一院,{COUNTY}\nH3,三院,777777777777\n"
    assert wheres(faults_of(world.hub, sheets.INSTITUTIONS, places.import_institutions, text)) == [
        "sheet.csv:2:code",
        "sheet.csv:3:division_code",
    ]


def test_ways_join_two_known_nodes_once_and_have_a_length_when_open(world: World) -> None:
    header = "from_code,to_code,item_code,km,capacity,open\n"
    assert (
        load(world.hub, sheets.WAYS, places.import_ways, header + f"B,{COUNTY},mask,12.5,500,1\n{CITY},{COUNTY},,,,0\n")
        == 2
    )
    text = (
        header
        + f"B,{COUNTY},mask,1,,1\nP,P,,1,,1\nP,{CITY},,,,1\nP,nowhere,,1,,1\nP,{CITY},soap,1,,1\nP,{CITY},,1,,1\n"
    )
    assert wheres(faults_of(world.hub, sheets.WAYS, places.import_ways, text)) == [
        "sheet.csv:2:to_code",
        "sheet.csv:3:to_code",
        "sheet.csv:4:km",
        "sheet.csv:5:to_code",
        "sheet.csv:6:item_code",
        "sheet.csv:7:to_code",
    ]


# --- catalogue ------------------------------------------------------------------------------------------------


def test_categories_hang_below_the_three_main_classes(hub: Hub) -> None:
    text = "code,name_zh\n2010100,口罩\n2010000,个人防护\n"
    assert load(hub, sheets.CATEGORIES, catalogue.import_categories, text) == 2
    codes = ("2000000", "4010000", "2020101", "2010100", "201", "2030000", "2030000")
    bad = "code,name_zh\n" + "".join(f"{code},类\n" for code in codes)
    assert wheres(faults_of(hub, sheets.CATEGORIES, catalogue.import_categories, bad)) == [
        "sheet.csv:2:code",
        "sheet.csv:3:code",
        "sheet.csv:4:code",
        "sheet.csv:5:code",
        "sheet.csv:6:code",
        "sheet.csv:8:code",
    ]


@pytest.mark.parametrize(
    ("code", "parent"),
    [
        ("1010203", "1010200"),
        ("1010200", "1010000"),
        ("1010000", "1000000"),
        ("1101000", "1100000"),
        ("1100000", "1000000"),
    ],
)
def test_the_parent_of_a_category_is_one_layer_up(code: str, parent: str) -> None:
    assert category_parent(code) == parent


def test_items_need_a_known_category_and_a_code_of_their_own(world: World) -> None:
    header = "code,name_zh,unit_zh,pack_size,category_code\n"
    load(world.hub, sheets.ITEMS, catalogue.import_items, header + "soap,香皂,块,24,1000000\n")
    with world.hub.read(None, at=NOW) as work:
        soap = work.catalogue.get_item("soap")
    assert (soap.name_en, soap.unit_en, soap.pack_size) == ("香皂", "块", 24)
    text = header + "mask,口罩,只,1,1000000\nrope,绳,米,0,1000000\nboat,艇,艘,1,1990000\n"
    assert wheres(faults_of(world.hub, sheets.ITEMS, catalogue.import_items, text)) == [
        "sheet.csv:2:code",
        "sheet.csv:3:pack_size",
        "sheet.csv:4:category_code",
    ]


# --- opening stock and floors ---------------------------------------------------------------------------------

STOCK = "depot_code,item_code,quantity,lot,owner_code,produced_on,expires_on,condition\n"


def test_opening_stock_stands_on_the_shelf_and_comes_from_the_opening_account(world: World) -> None:
    text = STOCK + f"T,mask,30,L1,{CITY},2026-01-01,2099-01-01,good\nT,mask,2,L1,,,,damaged\nT,suit,0,,,,,\n"
    assert load(world.hub, sheets.STOCK, opening.import_stock, text) == 2
    with world.hub.read(None, at=NOW) as work:
        depot = work.places.get_depot("T")
        shelves = work.stock.list_shelves(depot_id=depot.id, item_id=world.item_id("mask"))
        held = {shelf.condition.value: (shelf.on_hand, shelf.owner_id) for shelf in shelves}
    assert held == {"good": (30, world.division_id(CITY)), "damaged": (2, depot.custodian_id)}


def test_one_bad_line_keeps_the_whole_file_out_and_all_bad_lines_are_named(world: World) -> None:
    text = STOCK + (
        f"T,mask,30,L1,{CITY},2026-01-01,2099-01-01,good\n"
        f"NO,mask,30,L1,{CITY},,,good\n"
        f"T,nothing,30,L1,{CITY},,,good\n"
        "T,mask,9223372036854775808,L2,,,,good\n"
        "T,mask,1,L3,111111111111,,,good\n"
        "T,mask,1,L4,,2026-02-01,2026-01-01,good\n"
        f"T,mask,31,L1,{CITY},2026-01-01,2099-01-01,good\n"
    )
    assert wheres(faults_of(world.hub, sheets.STOCK, opening.import_stock, text)) == [
        "sheet.csv:3:depot_code",
        "sheet.csv:4:item_code",
        "sheet.csv:5:quantity",
        "sheet.csv:6:owner_code",
        "sheet.csv:7:expires_on",
        "sheet.csv:8:depot_code",
    ]


def test_the_same_contents_are_not_loaded_twice(world: World) -> None:
    text = STOCK + "T,mask,30,L1,,,,\n"
    load(world.hub, sheets.STOCK, opening.import_stock, text)
    before = count_rows(world.hub)
    with pytest.raises(AlreadyLoaded):
        load(world.hub, sheets.STOCK, opening.import_stock, text, name="renamed.csv")
    assert count_rows(world.hub) == before


def test_a_refused_file_may_be_corrected_and_sent_again(world: World) -> None:
    faults_of(world.hub, sheets.STOCK, opening.import_stock, STOCK + "T,mask,-1,,,,,\n")
    assert load(world.hub, sheets.STOCK, opening.import_stock, STOCK + "T,mask,1,,,,,\n") == 1


def test_floors_are_set_once_for_a_depot_and_item(world: World) -> None:
    header = "depot_code,item_code,quantity\n"
    assert load(world.hub, sheets.FLOORS, opening.import_floors, header + "B,quilt,5\n") == 1
    text = header + "B,quilt,6\nB,nothing,1\nNO,mask,1\nB1,suit,1\nB1,suit,2\n"
    assert wheres(faults_of(world.hub, sheets.FLOORS, opening.import_floors, text)) == [
        "sheet.csv:2:depot_code",
        "sheet.csv:3:item_code",
        "sheet.csv:4:depot_code",
        "sheet.csv:6:depot_code",
    ]
