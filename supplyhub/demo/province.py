"""Hubei's tree as it is loaded: who answers to whom, how exposed each county is, and how many old people live there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zlib import crc32

from supplyhub.demo.files import open_data, read_rows
from supplyhub.domain.columns import PlaceColumns
from supplyhub.domain.places import Level, RiskClass
from supplyhub.schemas.sheets import PLACES, read_sheets

PROVINCE = "420000000000"
PLACEHOLDER = "429000000000"
"""省直辖县级行政区划: a code without a government, which holds no depot and commands nobody."""

HIGH_RISK_CITIES = frozenset({"4201", "4207", "4209", "4211", "4213"})
"""Wuhan, Ezhou, Xiaogan, Huanggang and Suizhou: the five with the most cases per head in January 2020."""
LOW_RISK_COUNTIES = frozenset({"429021"})
"""Shennongjia, a forest district of 66,571 people."""

WEIGHT_STEP = 50
"""Weights come in steps of 0.05: the census does not say more than that about a community."""


def make_places() -> PlaceColumns:
    """The divisions of Hubei with risk classes and weights.

    仙桃, 潜江, 天门 and 神农架 hang directly below the province, which they answer to, and not below the placeholder
    that the code list puts between: a middle without stock or office would only lend them a false distance.
    Their way to the province is computed from the seats; the placeholder keeps its code and no population of its own.
    """
    listed = read_sheets(PLACES, [open_data("divisions.csv.gz")])
    rows = range(len(listed.code))
    direct = [code == PLACEHOLDER for code in listed.parent_code]
    counties = find_counties(listed)
    weights = weigh_counties()
    return replace(
        listed,
        parent_code=[PROVINCE if direct[row] else listed.parent_code[row] for row in rows],
        metres_to_parent=[None if direct[row] else listed.metres_to_parent[row] for row in rows],
        population=[None if listed.code[row] == PLACEHOLDER else listed.population[row] for row in rows],
        risk_class=[_risk_class(counties[row]) for row in rows],
        weight_thousandths=[weights.get(counties[row], 1000) for row in rows],
    )


def find_counties(places: PlaceColumns) -> list[str]:
    """The county of every division below one, by the tree; other divisions stand for themselves."""
    row_of = {code: row for row, code in enumerate(places.code)}
    return [_county_of(places, row_of, code) for code in places.code]


def _county_of(places: PlaceColumns, row_of: dict[str, int], code: str) -> str:
    above: str | None = code
    while above:
        if places.level[row_of[above]] is Level.COUNTY:
            return above
        above = places.parent_code[row_of[above]]
    return code


def _risk_class(county: str) -> RiskClass:
    if county[:6] in LOW_RISK_COUNTIES:
        return RiskClass.LOW
    return RiskClass.HIGH if county[:4] in HIGH_RISK_CITIES else RiskClass.MEDIUM


def weigh_counties() -> dict[str, int]:
    """A county's vulnerability weight in thousandths: its share of people of 65 and over, against the province's."""
    shares = {
        row["code"]: (int(row["age65_and_over"]), int(row["population"])) for row in read_rows("elderly_2020.csv")
    }
    old, people = shares[PROVINCE]
    return {
        code: max(1, round(1000 * aged * people / (count * old) / WEIGHT_STEP)) * WEIGHT_STEP
        for code, (aged, count) in shares.items()
    }


def pick(code: str, choices: Sequence[int]) -> int:
    """One of some numbers, always the same one for the same code: variety without chance."""
    return choices[spread(code) % len(choices)]


def spread(text: str) -> int:
    """A number that looks arbitrary and is always the same for the same text."""
    return crc32(text.encode())
