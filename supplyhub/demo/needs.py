"""Who asks in January 2020: the hospitals of the volunteers' sheet, and every community by its people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from supplyhub.demo.files import read_rows
from supplyhub.demo.norms import COMMUNITY_NEEDS, HOSPITAL_DAYS, HOSPITAL_ITEMS, HOSPITAL_PRIORITY
from supplyhub.domain.catalogue import packs_up
from supplyhub.domain.columns import InstitutionColumns, ItemColumns, PlaceColumns, RequestColumns
from supplyhub.domain.places import Level

CITIES = {
    "wuhanshi": "420100000000",
    "huangshishi": "420200000000",
    "shiyanshi": "420300000000",
    "yichangshi": "420500000000",
    "xiangyangshi": "420600000000",
    "ezhoushi": "420700000000",
    "jingmenshi": "420800000000",
    "xiaoganshi": "420900000000",
    "jingzhoushi": "421000000000",
    "huanggangshi": "421100000000",
    "xianningshi": "421200000000",
    "suizhoushi": "421300000000",
    "enshitujiazumiaozuzizhizhou": "422800000000",
    "xiantaoshi": "420000000000",
    "qianjiangshi": "420000000000",
    "tianmenshi": "420000000000",
}
"""The sheet's city names; three cities that are counties answer to the province."""

SEATS = {
    ("huangshishi", "黄石市"): "420202000000",  # 黄石港区
    ("shiyanshi", "十堰市"): "420302000000",  # 茅箭区
    ("yichangshi", "宜昌市"): "420502000000",  # 西陵区
    ("xiangyangshi", "高新区"): "420606000000",  # 樊城区: the zone is no county of its own
    ("ezhoushi", "鄂州市"): "420704000000",  # 鄂城区
    ("jingmenshi", "荆门市"): "420802000000",  # 东宝区
    ("xiaoganshi", "孝感市"): "420902000000",  # 孝南区
    ("jingzhoushi", "荆州市"): "421002000000",  # 沙市区
    ("jingzhoushi", "监利县"): "421088000000",  # a city since 2020
    ("huanggangshi", "黄冈市"): "421102000000",  # 黄州区
    ("suizhoushi", "城南新区"): "421303000000",  # 曾都区
    ("wuhanshi", "高新区"): "420111000000",  # 洪山区: the zone is no county of its own
    ("yichangshi", "天门市"): "429006000000",  # filed under the wrong city
    ("yichangshi", "武汉市"): "420107000000",  # filed under the wrong city; 青山区 is in the name
}
"""Districts of the sheet that are no county: a city's name stands for the district of its seat."""

HOSPITAL_COUNTIES = {
    "武汉亚洲心脏病医院": "420103000000",  # 江汉区
    "武汉协和医院": "420103000000",  # 江汉区
    "武汉市中心医院麻醉科": "420102000000",  # 江岸区
    "武汉大学人民医院（心外科）": "420106000000",  # 武昌区
}
"""Hospitals whose district the sheet leaves empty, by their published address."""

HOSPITAL_REASON = "定点医院防护物资"
OVERRIDE_REASON = "医院上报数,志愿者已核实"


@dataclass(frozen=True)
class Hospital:
    """A hospital of the sheet and what it needs: (item, units or None where the amount was not stated)."""

    number: str
    name: str
    county: str
    needs: list[tuple[str, int | None]] = field(default_factory=list)

    @property
    def code(self) -> str:
        """Its code as an institution."""
        return f"HB-{int(self.number):03d}"


@dataclass(frozen=True)
class Hospitals:
    """Those that were joined to a county, and the names of those that could not be, or that nobody had verified."""

    joined: list[Hospital]
    without_county: list[str]
    not_verified: list[str]


def read_hospitals(places: PlaceColumns) -> Hospitals:
    """The hospitals of the sheet with their counties; what cannot be used is named, not dropped."""
    counties = counties_by_city(places)
    joined: dict[str, Hospital] = {}
    lost: dict[str, None] = {}
    not_verified: dict[str, None] = {}
    for row in read_rows("hospital_needs.csv"):
        number, name = row["hospital_id"], row["hospital"]
        county = find_county(counties[CITIES[row["city_pinyin"]]], row["city_pinyin"], row["district"], name)
        if row["verified"] == "0":
            not_verified[name] = None
        elif county is None:
            lost[name] = None
        else:
            quantity = int(row["quantity"]) if row["quantity"] else None
            joined.setdefault(number, Hospital(number, name, county)).needs.append(
                (HOSPITAL_ITEMS[row["item"]], quantity)
            )
    return Hospitals(list(joined.values()), list(lost), list(not_verified))


def counties_by_city(places: PlaceColumns) -> dict[str, dict[str, str]]:
    """The code of each county by its name, for every division that has counties below it."""
    counties: dict[str, dict[str, str]] = {}
    for code, name, level, parent in zip(places.code, places.name, places.level, places.parent_code, strict=True):
        if level is Level.COUNTY:
            counties.setdefault(parent, {})[name] = code
    return counties


def find_county(counties: dict[str, str], city: str, district: str, hospital: str) -> str | None:
    """The county of a hospital: by its district, else by a county in its name, else by the tables above."""
    if district in counties:
        return counties[district]
    for name, code in counties.items():
        # 长阳县人民医院 stands for 长阳土家族自治县; 荆州市 is no word for its 荆州区.
        if district and name[:2] != district[:2] and name[:2] in hospital:
            return code
    return SEATS.get((city, district)) or HOSPITAL_COUNTIES.get(hospital)


def make_institutions(hospitals: Hospitals) -> InstitutionColumns:
    """The joined hospitals as institutions of their counties."""
    return InstitutionColumns(
        where=[f"institutions:{row + 1}" for row in range(len(hospitals.joined))],
        code=[hospital.code for hospital in hospitals.joined],
        name=[hospital.name for hospital in hospitals.joined],
        division_code=[hospital.county for hospital in hospitals.joined],
    )


class _Line(NamedTuple):
    """A request line; the fields are the columns that it goes into."""

    office_code: str
    division_code: str
    institution_code: str
    item_code: str
    quantity_units: int | None
    priority: int
    needed_by: datetime
    reason: str
    override_reason: str


def make_requests(places: PlaceColumns, items: ItemColumns, hospitals: Hospitals, as_of: date) -> RequestColumns:
    """All lines: hospitals through their county's office in class 1, communities through their township in 2 to 4.

    What the hospitals wrote in January 2020 is asked for as if it were `as_of`, the day the demo is loaded.
    """
    midnight = datetime.combine(as_of, time(), UTC)
    lines = [*_hospital_lines(places, items, hospitals, midnight), *_community_lines(places, midnight)]
    columns: dict[str, Any] = dict(zip(_Line._fields, map(list, zip(*lines, strict=True)), strict=True))
    return RequestColumns(where=[f"requests:{row}" for row in range(1, len(lines) + 1)], **columns)


def _hospital_lines(
    places: PlaceColumns, items: ItemColumns, hospitals: Hospitals, midnight: datetime
) -> Iterator[_Line]:
    people = dict(zip(places.code, places.population, strict=True))
    facts = dict(zip(items.code, zip(items.norm_per_1000, items.pack_size, strict=True), strict=True))
    needed_by = midnight + timedelta(days=HOSPITAL_DAYS)
    for hospital in sorted(hospitals.joined, key=lambda hospital: (hospital.county, int(hospital.number))):
        for item, units in hospital.needs:
            norm, pack_size = facts[item]
            bound = max(pack_size, packs_up((people[hospital.county] or 0) * (norm or 0), 1000))
            override = OVERRIDE_REASON if units is not None and units > bound else ""
            yield _Line(
                hospital.county, hospital.county, hospital.code, item, units, HOSPITAL_PRIORITY, needed_by,
                HOSPITAL_REASON, override,
            )  # fmt: skip


def _community_lines(places: PlaceColumns, midnight: datetime) -> Iterator[_Line]:
    needs = [(need, midnight + timedelta(days=need.days)) for need in COMMUNITY_NEEDS]
    for code, township, level, people in zip(
        places.code, places.parent_code, places.level, places.population, strict=True
    ):
        if level is Level.COMMUNITY and people:
            for need, needed_by in needs:
                units = packs_up(people * need.per_1000, 1000)
                yield _Line(township, code, "", need.item_code, units, need.priority, needed_by, need.reason, "")
