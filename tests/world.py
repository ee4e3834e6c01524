"""A small world for tests: a province of two cities with depots on every tier, items, a hospital, and people.

420000000000 province          depot P
  420100000000 city A          depot A
    420101000000 county A1     depot A1
      420101001000 township    depot T (kept by county A1: 县管、乡储); communities 420101001001, ...002
      420101002000 township    communities 420101002001, ...002
    420102000000 county A2     (noise)  township 420102001000, community 420102001001
  420200000000 city B          depot B (noise)
    420201000000 county B1     depot B1; township 420201001000, community 420201001001
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from supplyhub.domain.columns import (
    DepotColumns,
    FloorColumns,
    InstitutionColumns,
    ItemColumns,
    PlaceColumns,
    StockColumns,
)
from supplyhub.domain.people import Actor, Role, User
from supplyhub.domain.places import DepotKind, Level, RiskClass
from supplyhub.domain.stock import Condition
from supplyhub.service.catalogue import import_items
from supplyhub.service.opening import import_floors, import_stock
from supplyhub.service.people import HASHER
from supplyhub.service.places import import_depots, import_institutions, import_places
from supplyhub.service.unit_of_work import Hub, Work

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"

PROVINCE, CITY, COUNTY, TOWNSHIP = "420000000000", "420100000000", "420101000000", "420101001000"
COMMUNITY, NEIGHBOUR = "420101001001", "420101001002"
FOREIGN_COUNTY, FOREIGN_TOWNSHIP, FOREIGN_COMMUNITY = "420201000000", "420201001000", "420201001001"

PLACES = (
    # code, name, parent, level, population, km to parent
    (PROVINCE, "甲省", "", Level.PROVINCE, 60_000, 0),
    (CITY, "甲市", PROVINCE, Level.CITY, 40_000, 100),
    (COUNTY, "甲县", CITY, Level.COUNTY, 20_000, 40),
    (TOWNSHIP, "甲镇", COUNTY, Level.TOWNSHIP, 4_000, 10),
    (COMMUNITY, "一村", TOWNSHIP, Level.COMMUNITY, 2_000, 2),
    (NEIGHBOUR, "二村", TOWNSHIP, Level.COMMUNITY, 2_000, 3),
    ("420101002000", "乙镇", COUNTY, Level.TOWNSHIP, 4_000, 15),
    ("420101002001", "三村", "420101002000", Level.COMMUNITY, 2_000, 2),
    ("420101002002", "四村", "420101002000", Level.COMMUNITY, 2_000, 4),
    ("420102000000", "乙县", CITY, Level.COUNTY, 20_000, 60),
    ("420102001000", "丙镇", "420102000000", Level.TOWNSHIP, 4_000, 12),
    ("420102001001", "五村", "420102001000", Level.COMMUNITY, 2_000, 3),
    ("420200000000", "乙市", PROVINCE, Level.CITY, 20_000, 150),
    (FOREIGN_COUNTY, "丙县", "420200000000", Level.COUNTY, 20_000, 45),
    (FOREIGN_TOWNSHIP, "丁镇", FOREIGN_COUNTY, Level.TOWNSHIP, 4_000, 14),
    (FOREIGN_COMMUNITY, "六村", FOREIGN_TOWNSHIP, Level.COMMUNITY, 2_000, 2),
)
DEPOTS = (
    # code, name, division, custodian
    ("P", "省库", PROVINCE, PROVINCE),
    ("A", "甲市库", CITY, CITY),
    ("A1", "甲县库", COUNTY, COUNTY),
    ("T", "甲镇点", TOWNSHIP, COUNTY),
    ("B", "乙市库", "420200000000", "420200000000"),
    ("B1", "丙县库", FOREIGN_COUNTY, FOREIGN_COUNTY),
)
ITEMS = (
    # code, zh, en, unit zh, unit en, pack, grams, norm per 1,000 people
    ("mask", "医用外科口罩", "Surgical mask", "只", "piece", 10, 4, 3000),
    ("suit", "防护服", "Protective suit", "套", "set", 1, 400, 100),
    ("quilt", "棉被", "Quilt", "床", "piece", 1, 3000, 500),
)
STOCK = (
    # depot, item, units, lot, expires; dates so far off that the doors, which read the real clock, see the same
    ("P", "mask", 5_000, "P-2098", date(2098, 1, 1)),
    ("A", "mask", 1_000, "A-2097", date(2097, 1, 1)),
    ("A1", "mask", 300, "A1-late", date(2098, 6, 1)),
    ("A1", "mask", 200, "A1-soon", date(2096, 9, 1)),
    ("A1", "mask", 70, "A1-gone", date(2026, 6, 1)),
    ("A1", "suit", 40, "A1-suit", None),
    ("T", "quilt", 100, "T-quilt", None),
    ("B", "mask", 999, "B-2097", date(2097, 1, 1)),
    ("B1", "mask", 777, "B1-2097", date(2097, 1, 1)),
    ("B1", "quilt", 55, "B1-quilt", None),
)
USERS = (
    ("planner", Role.PLANNER, PROVINCE),
    ("keeper", Role.KEEPER, COUNTY),
    ("township", Role.TOWNSHIP, TOWNSHIP),
    ("supervisor", Role.SUPERVISOR, CITY),
    ("administrator", Role.ADMINISTRATOR, PROVINCE),
    ("foreign_keeper", Role.KEEPER, FOREIGN_COUNTY),
    ("foreign_township", Role.TOWNSHIP, FOREIGN_TOWNSHIP),
)


@dataclass(frozen=True)
class World:
    """The hub of the small world, and its people by user name."""

    hub: Hub
    actors: dict[str, Actor]

    def depot_id(self, code: str) -> int:
        """The row number of a depot."""
        with self.hub.read(None, at=NOW) as work:
            return work.places.get_depot(code).id

    def item_id(self, code: str) -> int:
        """The row number of an item."""
        with self.hub.read(None, at=NOW) as work:
            return work.catalogue.get_item(code).id

    def division_id(self, code: str) -> int:
        """The row number of a division."""
        with self.hub.read(None, at=NOW) as work:
            return work.places.get_division(code).id


def build_world(hub: Hub) -> World:
    """Load the small world through the same verbs that a county begins with."""
    hub.carry_out("import_places", "world:places", lambda work: import_places(work, _places()), at=NOW)
    hub.carry_out("import_depots", "world:depots", lambda work: import_depots(work, _depots()), at=NOW)
    hub.carry_out("import_items", "world:items", lambda work: import_items(work, _items()), at=NOW)
    hub.carry_out("import_stock", "world:stock", lambda work: import_stock(work, _stock()), at=NOW)
    hub.carry_out("import_floors", "world:floors", lambda work: import_floors(work, _floors()), at=NOW)
    hub.carry_out(
        "import_institutions",
        "world:institutions",
        lambda work: import_institutions(
            work,
            InstitutionColumns(where=["1"], code=["H1"], name=["甲县人民医院"], division_code=[COUNTY]),
        ),
        at=NOW,
    )
    actors = {}
    for username, role, division in USERS:
        actors[username] = hub.write(lambda work, who=(username, role, division): add_user(work, *who), at=NOW)
    return World(hub, actors)


@cache
def _password_hash() -> str:
    """Hashing is slow on purpose; the people of the small world share one hash."""
    return HASHER.hash(PASSWORD)


def add_user(work: Work, username: str, role: Role, division_code: str) -> Actor:
    """Somebody more, with everybody's password."""
    division = work.places.get_division(division_code)
    user = User(0, username, f"{username} 先生", role, division.id, active=True, demo=False)
    actor = work.people.find_actor(work.people.add_user(user, _password_hash(), at=NOW))
    assert actor is not None
    return actor


def _where(rows: tuple[object, ...]) -> list[str]:
    return [str(row) for row in range(2, len(rows) + 2)]


def _places() -> PlaceColumns:
    count = len(PLACES)
    return PlaceColumns(
        where=_where(PLACES),
        code=[row[0] for row in PLACES],
        name=[row[1] for row in PLACES],
        parent_code=[row[2] for row in PLACES],
        level=[row[3] for row in PLACES],
        population=[row[4] for row in PLACES],
        population_source=["made up"] * count,
        lon=[None] * count,
        lat=[None] * count,
        metres_to_parent=[row[5] * 1000 for row in PLACES],
        risk_class=[RiskClass.MEDIUM] * count,
        weight_thousandths=[1000] * count,
    )


def _depots() -> DepotColumns:
    return DepotColumns(
        where=_where(DEPOTS),
        code=[row[0] for row in DEPOTS],
        name=[row[1] for row in DEPOTS],
        division_code=[row[2] for row in DEPOTS],
        custodian_code=[row[3] for row in DEPOTS],
        kind=[DepotKind.GOVERNMENT] * len(DEPOTS),
        metres_to_division=[0] * len(DEPOTS),
    )


def _items() -> ItemColumns:
    count = len(ITEMS)
    return ItemColumns(
        where=_where(ITEMS),
        code=[row[0] for row in ITEMS],
        name_zh=[row[1] for row in ITEMS],
        name_en=[row[2] for row in ITEMS],
        unit_zh=[row[3] for row in ITEMS],
        unit_en=[row[4] for row in ITEMS],
        pack_size=[row[5] for row in ITEMS],
        weight_g=[row[6] for row in ITEMS],
        volume_cm3=[100] * count,
        shelf_life_days=[None] * count,
        durable=[False] * count,
        recoverable=[False] * count,
        product_standard=[""] * count,
        category_code=["1000000"] * count,
        norm_per_1000=[row[7] for row in ITEMS],
    )


def _stock() -> StockColumns:
    count = len(STOCK)
    return StockColumns(
        where=_where(STOCK),
        depot_code=[row[0] for row in STOCK],
        item_code=[row[1] for row in STOCK],
        quantity_units=[row[2] for row in STOCK],
        lot=[row[3] for row in STOCK],
        owner_code=[""] * count,
        produced_on=[None] * count,
        expires_on=[row[4] for row in STOCK],
        origin=[""] * count,
        earmark_code=[""] * count,
        condition=[Condition.GOOD] * count,
    )


def _floors() -> FloorColumns:
    return FloorColumns(where=["2"], depot_code=["A"], item_code=["mask"], quantity_units=[400])
