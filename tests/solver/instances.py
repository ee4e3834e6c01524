"""Random small instance folders, from a seed, with every feature of the model's sections 2 to 6.

An instance is a handful of divisions and depots and some forty packs of an item, so that `oracle` can share
them out pack by pack. `features` tells what an instance really has, not what the generator meant it to have.
"""

import csv
import json
from pathlib import Path
from random import Random

from tests.solver import oracle
from tests.solver.oracle import Row, Tables

LEVELS = ("province", "city", "county", "township", "community")
AS_OF = "2024-06-30"
DATES = ("", "", "2024-06-01", "2024-06-30", "2024-07-01", "2024-09-15", "2024-09-15", "2025-01-31")
WEIGHTS = ("", "1", "1.5", "0.75", "2", "1.25", "3")
SHARES = ("0", "0.25", "0.5", "0.75", "1", "0.333")
KINDS = ("", "government", "agreement", "capacity", "social", "household")
PACK_SIZES = ("", "1", "2", "5", "10")
CLASSES = ("1", "2", "3", "2", "2", "3", "")
CLOSED = ("0", "false", "no")

COLUMNS = {
    "divisions": ("code", "name", "parent_code", "level", "km_to_parent", "population", "lon", "lat"),
    "depots": ("code", "name", "division_code", "km_to_division", "kind"),
    "items": ("code", "name", "pack_size", "unit", "category", "weight_kg", "volume_m3"),
    "stock": ("depot_code", "item_code", "quantity", "lot", "expires_on", "reserve_floor"),
    "demand": ("division_code", "item_code", "quantity", "id", "priority", "weight", "needed_within_hours"),
    "links": ("from_code", "to_code", "item_code", "km", "penalty_km", "capacity", "open", "hours"),
}

# What the model's users would look for first: each must be in a third of all instances.
NAMED_FEATURES = (
    "packs",
    "floors",
    "expiry",
    "weights",
    "classes",
    "aid on stock",
    "aid on surplus",
    "cut roads",
    "capacities",
    "direct links",
    "requests at one place",
)


def kilometres(random: Random, longest: int = 60) -> str:
    return random.choice(("", ".5", ".25", ".125")).join((str(random.randint(0, longest)), ""))


def some_divisions(random: Random) -> list[Row]:
    """One to three trees; a child stands one level below its parent, or more (levels skipped)."""
    rows: list[Row] = []
    for index in range(random.randint(5, 11)):
        above = [row for row in rows if row["level"] != "community"]
        parent = random.choice(above) if above and (index < 4 or random.random() < 0.9) else None
        first = LEVELS.index(parent["level"]) + 1 if parent else random.choice((0, 0, 1))
        level = min(first + (random.random() < 0.25), 4)
        rows.append(
            {
                "code": f"V{index}",
                "name": f"地{index}",
                "parent_code": parent["code"] if parent else "",
                "level": LEVELS[level],
                "km_to_parent": kilometres(random) if parent else "",
                "population": random.choice(("", "1200")),
                "lon": "",
                "lat": "",
            }
        )
    if random.random() < 0.45:
        measure_by_coordinates(random, rows)
    random.shuffle(rows)
    return rows


def measure_by_coordinates(random: Random, rows: list[Row]) -> None:
    for row in rows:
        row["lon"], row["lat"] = f"{random.uniform(113, 114):.4f}", f"{random.uniform(30, 31):.4f}"
        if random.random() < 0.6:
            row["km_to_parent"] = ""


def some_depots(random: Random, divisions: list[Row]) -> list[Row]:
    """Depots high up, whose stock many can ask for, as often as anywhere."""
    places = [row["code"] for row in divisions]
    upper = [row["code"] for row in divisions if row["level"] in LEVELS[:2]] or places
    rows = []
    for index in range(random.randint(3, 6)):
        place = random.choice(random.choice((places, upper))) if random.random() < 0.85 else ""
        rows.append(
            {
                "code": f"D{index}",
                "name": f"库{index}",
                "division_code": place,
                "km_to_division": random.choice(("", kilometres(random, 20))) if place else "",
                "kind": random.choice(KINDS),
            }
        )
    return rows


def some_items(random: Random) -> list[Row]:
    return [
        {
            "code": f"I{index}",
            "name": f"物{index}",
            "pack_size": random.choice(PACK_SIZES),
            "unit": "件",
            "category": "",
            "weight_kg": random.choice(("", "0.4", "12", "1.25")),
            "volume_m3": "",
        }
        for index in range(random.randint(1, 2))
    ]


def some_stock(random: Random, depots: list[Row], items: list[Row]) -> list[Row]:
    rows = []
    for item in items:
        size = int(item["pack_size"] or 1)
        for depot in depots:
            for lot in range(random.choice((0, 1, 2, 2, 3))):
                floor = random.randint(0, 3 * size) if random.random() < 0.25 else ""
                rows.append(
                    {
                        "depot_code": depot["code"],
                        "item_code": item["code"],
                        "quantity": str(random.randint(0, 9 * size)),
                        "lot": f"L{lot}" if lot else "",
                        "expires_on": random.choice(DATES),
                        "reserve_floor": str(floor),
                    }
                )
    random.shuffle(rows)
    return rows


def some_demand(random: Random, places: list[str], items: list[Row]) -> list[Row]:
    """Two or three times what is on offer, in several classes, often several requests at one place.

    In a third of instances requests are alike but for their row, so that the order of rows decides.
    """
    asking = random.sample(places, random.randint(2, len(places)))
    alike = random.random() < 0.35
    rows = []
    for item in items:
        size = int(item["pack_size"] or 1)
        for _ in range(random.randint(5, 10)):
            quantity = random.choice((3, 3, 6)) * size if alike else random.randint(1, 8 * size)
            if random.random() < 0.06:
                quantity = 0
            rows.append(
                {
                    "division_code": random.choice(asking),
                    "item_code": item["code"],
                    "quantity": str(quantity),
                    "id": "",
                    "priority": random.choice(CLASSES[1:3] if alike else CLASSES),
                    "weight": "" if alike else random.choice(WEIGHTS),
                    "needed_within_hours": random.choice(("", "6", "10")),
                }
            )
    random.shuffle(rows)
    if random.random() < 0.5:
        for index, row in enumerate(rows):
            row["id"] = f"Q{index * 7 % 100:02}"
    return rows


def standing_arcs(divisions: list[Row], depots: list[Row], shares: dict[str, float]) -> list[tuple[str, str]]:
    children = [row for row in divisions if row["parent_code"]]
    down = [(row["parent_code"], row["code"]) for row in children]
    up = [(row["code"], row["parent_code"]) for row in children if row["level"] in shares]
    return down + up + [(row["code"], row["division_code"]) for row in depots if row["division_code"]]


def a_link(random: Random, pair: tuple[str, str], item: str, size: int) -> Row:
    capacity = str(random.randint(0, 4 * size)) if random.random() < 0.6 else ""
    return {
        "from_code": pair[0],
        "to_code": pair[1],
        "item_code": item,
        "km": kilometres(random),
        "penalty_km": random.choice(("", "", "3", "0.125")),
        "capacity": capacity,
        "open": random.choice(("", "1", "true", "yes")),
        "hours": random.choice(("", "", "0.5", "1.25")),
    }


def some_links(
    random: Random, places: list[str], depots: list[Row], arcs: list[tuple[str, str]], items: list[Row]
) -> list[Row]:
    """Roads cut, roads narrowed, direct ways, some for one item only; never two rows for one arc and item."""
    nodes = places + [row["code"] for row in depots]
    pairs = random.sample(arcs, min(len(arcs), random.randint(0, 3)))
    pairs += [(a, b) for a, b in (random.sample(nodes, 2) for _ in range(random.randint(1, 4)))]
    pairs += [(row["code"], random.choice(places)) for row in depots if not row["division_code"]]
    cut = set(random.sample(arcs, min(len(arcs), random.choice((0, 1, 2, 2)))))
    rows: dict[tuple[str, str, str], Row] = {}
    for pair in [*pairs, *sorted(cut)]:
        for _ in range(random.choice((1, 1, 1, 2))):
            item = random.choice(items) if random.random() < 0.35 else None
            code, size = (item["code"], int(item["pack_size"] or 1)) if item else ("", 1)
            row = a_link(random, pair, code, max(size, 3))
            if pair in cut and random.random() < 0.85:
                row["open"] = random.choice(CLOSED)
            rows[*pair, code] = row
    found = list(rows.values())
    random.shuffle(found)
    return found


def some_settings(random: Random) -> dict[str, object]:
    """Mutual aid between some levels nearly always, on either basis."""
    levels = random.sample(LEVELS[1:], random.randint(2, 4)) if random.random() < 0.9 else []
    settings: dict[str, object] = {"as_of": AS_OF if random.random() < 0.9 else ""}
    if random.random() < 0.2:
        settings["release_reserves"] = True
    if levels:
        settings["mutual_aid"] = {level: float(random.choice(SHARES)) for level in levels}
        settings["mutual_aid_basis"] = random.choice(("stock", "surplus"))
        settings["mutual_aid_penalty_km"] = random.choice((0, 0, 5, 2.5))
    return settings


def make(seed: int) -> Tables:
    """The instance of a seed."""
    random = Random(seed)
    settings, divisions = some_settings(random), some_divisions(random)
    places = [row["code"] for row in divisions]
    depots, items = some_depots(random, divisions), some_items(random)
    shares = settings.get("mutual_aid") or {}
    assert isinstance(shares, dict)
    arcs = standing_arcs(divisions, depots, shares)
    links = some_links(random, places, depots, arcs, items) if random.random() < 0.8 else []
    stock, demand = some_stock(random, depots, items), some_demand(random, places, items)
    if random.random() < 0.4:
        make_equally_long(divisions + depots + links)
    return Tables(divisions, depots, items, stock, demand, links, settings)


def make_equally_long(rows: list[Row]) -> None:
    """Round all roads to 0, 30 or 60 km, so that many ways are equally near and some take no way at all."""
    for row in rows:
        for column in ("km_to_parent", "km_to_division", "km"):
            if row.get(column):
                row[column] = str(int(float(row[column])) // 30 * 30)


def write(tables: Tables, folder: Path, seed: int) -> None:
    """Write the folder as files come in practice: columns in any order, a BOM, columns that nobody knows."""
    random = Random(seed)
    folder.mkdir(parents=True)
    for name, columns in COLUMNS.items():
        rows = getattr(tables, name)
        if name == "links" and not rows:
            continue
        order = [column for column in columns if keep_column(random, name, column, rows)]
        random.shuffle(order)
        if random.random() < 0.3:
            order.insert(random.randint(0, len(order)), "remark")
        encoding = "utf-8-sig" if random.random() < 0.3 else "utf-8"
        with open(folder / f"{name}.csv", "w", encoding=encoding, newline="") as stream:
            writer = csv.DictWriter(stream, order, restval="备注", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    (folder / "settings.json").write_text(json.dumps(tables.settings), encoding="utf-8")


REQUIRED = {"divisions": 5, "depots": 3, "items": 2, "stock": 3, "demand": 3, "links": 0}


def keep_column(random: Random, name: str, column: str, rows: list[Row]) -> bool:
    """A column that holds nothing may be left out where the model calls it optional."""
    optional = COLUMNS[name].index(column) >= REQUIRED[name] and column not in ("from_code", "to_code", "km")
    return not optional or any(row[column] for row in rows) or random.random() < 0.5


def features(tables: Tables) -> set[str]:
    """Names of the features that an instance has and that can matter in it."""
    found = settings_features(tables) | link_features(tables) | tree_features(tables)
    requests = [(row["item_code"], row["division_code"]) for row in tables.demand if row["quantity"] != "0"]
    stocked = {(row["depot_code"], row["item_code"]) for row in tables.stock}
    checks = {
        "packs": any(oracle.pack_size(tables, row["code"]) > 1 for row in tables.items),
        "floors": any(oracle.withheld(tables, depot, item) for depot, item in stocked),
        "expiry": any(expires(tables, depot, item) for depot, item in stocked),
        "weights": len({row["weight"] or "1" for row in tables.demand}) > 1,
        "classes": len({row["priority"] or "4" for row in tables.demand}) > 1,
        "requests at one place": len(set(requests)) < len(requests),
        "requests for nothing": len(requests) < len(tables.demand),
        "requests alike but for their row": alike(tables),
        "reserves released": bool(tables.settings.get("release_reserves")),
    }
    return found | {name for name, holds in checks.items() if holds}


def alike(tables: Tables) -> bool:
    columns = ("item_code", "quantity", "priority", "weight")
    kinds = {tuple(row[column] for column in columns) for row in tables.demand}
    return 2 * len(kinds) < len(tables.demand)


def expires(tables: Tables, depot: str, item: str) -> bool:
    """Whether dates matter at a depot: a lot has expired, or lots of two dates can be shipped."""
    dates = {date for date, _, packs in oracle.lots(tables, depot, item) if packs}
    in_date = len(oracle.lots(tables, depot, item))
    held = sum((row["depot_code"], row["item_code"]) == (depot, item) for row in tables.stock)
    return len(dates) > 1 or in_date < held


def settings_features(tables: Tables) -> set[str]:
    shares = tables.settings.get("mutual_aid") or {}
    assert isinstance(shares, dict)
    lenders = [row for row in tables.divisions if row["parent_code"] and row["level"] in shares]
    found = {f"aid on {tables.settings['mutual_aid_basis']}"} if lenders else set()
    return found | ({"share of zero"} if any(shares[row["level"]] == 0 for row in lenders) else set())


def link_features(tables: Tables) -> set[str]:
    found = set()
    parent = {row["code"]: row["parent_code"] for row in tables.divisions}
    parent |= {row["code"]: row["division_code"] for row in tables.depots}
    for item in (row["code"] for row in tables.items):
        base = oracle.tree_arcs(tables, item).keys()
        arcs, closed = oracle.arcs_of(tables, item)
        links = {pair: arc for pair, arc in arcs.items() if arc.kind == "link"}
        direct = links.keys() - base
        tails = {tail for tail, _ in links}
        checks = {
            "cut roads": bool(closed),
            "capacities": any(arc.capacity is not None for arc in links.values()),
            "direct links": bool(direct),
            "links crossing borders": any(parent[a] != b and parent[b] != a for a, b in direct),
            "links of one item": any(row["item_code"] for row in tables.links),
            "links that replace an arc": bool(links.keys() & base),
            "depots left only by links": any(
                not row["division_code"] and row["code"] in tails for row in tables.depots
            ),
        }
        found |= {name for name, holds in checks.items() if holds}
    return found


def tree_features(tables: Tables) -> set[str]:
    level = {row["code"]: LEVELS.index(row["level"]) for row in tables.divisions}
    children = [row for row in tables.divisions if row["parent_code"]]
    checks = {
        "several roots": sum(not row["parent_code"] for row in tables.divisions) > 1,
        "levels skipped": any(level[row["code"]] - level[row["parent_code"]] > 1 for row in children),
        "depots without a division": any(not row["division_code"] for row in tables.depots),
        "great-circle distances": any(not row["km_to_parent"] for row in children),
        "roads of no length": any(row["km_to_parent"] == "0" for row in children),
    }
    return {name for name, holds in checks.items() if holds}
