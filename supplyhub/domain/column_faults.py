"""What may not stand in loaded columns: repeats, unknown codes, cycles, dates out of order."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterable, Sequence

from supplyhub.domain.catalogue import CATEGORY_CODE, MAIN_CATEGORIES
from supplyhub.domain.columns import CategoryColumns, Columns, PlaceColumns, StockColumns, WayColumns
from supplyhub.domain.places import Level
from supplyhub.domain.refusals import Fault, InvalidInput, words

TIERS = {level: tier for tier, level in enumerate(Level)}


def must_be_sound(columns: Columns, *found: Iterable[Fault]) -> None:
    """Refuse with everything that is wrong, cells and rules together, in the order of the rows."""
    faults = [*columns.faults, *(fault for faults in found for fault in faults)]
    if faults:
        raise InvalidInput(faults=sorted(faults, key=_reading_order))


def _reading_order(fault: Fault) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", fault.where)]


def find_repeats(columns: Columns, keys: Sequence[Hashable], column: str) -> list[Fault]:
    """Rows whose key stood before; a key whose code could not be read is no key."""
    first: dict[Hashable, int] = {}
    faults = []
    for row, key in enumerate(keys):
        seen = first.setdefault(key, row)
        if seen != row and key and not (isinstance(key, tuple) and "" in key[:2]):
            message = words("this stands already in {earlier}; each may stand once")
            faults.append(Fault(f"{columns.where[row]}:{column}", message, {"earlier": columns.where[seen]}))
    return faults


def find_taken(columns: Columns, keys: Sequence[Hashable], taken: Collection[Hashable], column: str) -> list[Fault]:
    """Keys that are in use here already."""
    message = words("{key} is here already; leave the row out, or choose another code")
    return [
        Fault(f"{columns.where[row]}:{column}", message, {"key": " ".join(key) if isinstance(key, tuple) else key})
        for row, key in enumerate(keys)
        if key in taken
    ]


def find_unknown(columns: Columns, codes: Sequence[str], known: Collection[str], column: str) -> list[Fault]:
    """Codes that name nothing; an empty code names nothing on purpose."""
    message = words("nothing here has the code {code}; load it first, or correct the code")
    return [
        Fault(f"{columns.where[row]}:{column}", message, {"code": code})
        for row, code in enumerate(codes)
        if code and code not in known
    ]


def find_tree_faults(places: PlaceColumns) -> list[Fault]:
    """Parents that are not there, cycles, a child on its parent's tier or above it, a distance nobody can know."""
    rows = {code: row for row, code in enumerate(places.code)}
    parents = [rows.get(code, -1) if code else -1 for code in places.parent_code]
    return [
        *find_repeats(places, places.code, "code"),
        *find_unknown(places, places.parent_code, rows, "parent_code"),
        *_cycle_faults(places, parents),
        *_tier_faults(places, parents),
        *_distance_faults(places, parents),
    ]


def _cycle_faults(places: PlaceColumns, parents: Sequence[int]) -> list[Fault]:
    message = words("the parents of {code} lead back to it: {circle}; a division has one parent above it")
    faults = []
    for circle in _find_circles(parents):
        codes = [places.code[row] for row in circle]
        facts = {"code": codes[0], "circle": " > ".join([*codes, codes[0]])}
        faults.append(Fault(f"{places.where[circle[0]]}:parent_code", message, facts))
    return faults


def _find_circles(parents: Sequence[int]) -> list[list[int]]:
    """Every closed round of parents once, from its first row on."""
    met = [-1] * len(parents)  # the walk on which a row was met first
    circles = []
    for start in range(len(parents)):
        row = start
        while row >= 0 and met[row] < 0:
            met[row] = start
            row = parents[row]
        if row >= 0 and met[row] == start:
            circle = [row]
            while parents[circle[-1]] != row:
                circle.append(parents[circle[-1]])
            circles.append(circle)
    return circles


def _tier_faults(places: PlaceColumns, parents: Sequence[int]) -> list[Fault]:
    message = words(
        "a {level} cannot stand below a {parent_level}; tiers go province, city, county, township, community"
    )
    unread = {fault.where for fault in places.faults}
    known = [f"{where}:level" not in unread for where in places.where]
    return [
        Fault(
            f"{places.where[row]}:level",
            message,
            {"level": places.level[row].value, "parent_level": places.level[parent].value},
        )
        for row, parent in enumerate(parents)
        if parent >= 0 and known[row] and known[parent] and TIERS[places.level[row]] <= TIERS[places.level[parent]]
    ]


def _distance_faults(places: PlaceColumns, parents: Sequence[int]) -> list[Fault]:
    message = words("give km_to_parent, or lon and lat of both this division and its parent")
    lost = [lon is None or lat is None for lon, lat in zip(places.lon, places.lat, strict=True)]
    return [
        Fault(f"{places.where[row]}:km_to_parent", message)
        for row, parent in enumerate(parents)
        if parent >= 0 and places.metres_to_parent[row] is None and (lost[row] or lost[parent])
    ]


def find_category_faults(categories: CategoryColumns, known: Collection[str]) -> list[Fault]:
    """Codes that are no GB/T 38565 codes, the three main classes again, and parents that are not there."""
    all_codes = {*known, *categories.code, *MAIN_CATEGORIES}
    shape = words("{code} is no GB/T 38565 code: seven digits, one and three pairs, a 00 pair only before 00 pairs")
    orphan = words("its parent {parent} is missing; load it in the same file or before")
    faults = []
    for row, code in enumerate(categories.code):
        where = f"{categories.where[row]}:code"
        if code and not CATEGORY_CODE.fullmatch(code):
            faults.append(Fault(where, shape, {"code": code}))
        elif code and category_parent(code) not in all_codes:
            faults.append(Fault(where, orphan, {"parent": category_parent(code)}))
    return faults


def category_parent(code: str) -> str:
    """The category right above: the last pair that is not 00 becomes 00 (GB/T 38565-2020, clause 5)."""
    pairs = len(code[1:].rstrip("0")) + 1 >> 1  # a pair such as 10 counts, though its zero is stripped
    return code[: 1 + 2 * max(pairs - 1, 0)].ljust(7, "0")


def find_date_faults(stock: StockColumns) -> list[Fault]:
    """Goods that expired before they were made."""
    message = words("produced on {produced_on}, after it expires on {expires_on}; expiry comes after production")
    return [
        Fault(
            f"{stock.where[row]}:expires_on",
            message,
            {"produced_on": made.isoformat(), "expires_on": gone.isoformat()},
        )
        for row, (made, gone) in enumerate(zip(stock.produced_on, stock.expires_on, strict=True))
        if made is not None and gone is not None and made > gone
    ]


def find_way_faults(ways: WayColumns) -> list[Fault]:
    """Ways from a node to itself, and open ways of unknown length."""
    self_loop = words("a way needs two different ends; both are {code}")
    no_length = words("an open way needs its km; only a way with open = 0 may leave it empty")
    faults = []
    for row, (start, end) in enumerate(zip(ways.from_code, ways.to_code, strict=True)):
        if start and start == end:
            faults.append(Fault(f"{ways.where[row]}:to_code", self_loop, {"code": start}))
        if ways.open[row] and ways.metres[row] is None:
            faults.append(Fault(f"{ways.where[row]}:km", no_length))
    return faults
