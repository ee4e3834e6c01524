"""Instances of any size from a real tree: every division above the communities has a depot, every community asks.

Only the tree, its road lengths and its populations are real; stock and needs are drawn at random, the same for the
same seed. There is about half of what is asked for, and it lies unevenly, so that mutual aid has work to do.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

import solver

HUBEI = Path(__file__).parents[2] / "supplyhub" / "demo" / "data" / "divisions.csv.gz"
AS_OF = date(2026, 1, 1)
EPOCH = date(1970, 1, 1)
ASKS = 0.92
"""The part of all pairs of community and item for which somebody asks."""
CLASS_SHARES = (0.05, 0.15, 0.30, 0.50)
WEIGHTS = (100, 125, 150)
"""Hundredths: places with many old people count for more."""
TIER_SHARES = {"province": 0.15, "city": 0.20, "county": 0.35, "township": 0.30}
ROAD_METRES = {"province": 12_000, "city": 8_000, "county": 4_000, "township": 600}
FLOOR_EVERY = {"province": 1, "city": 2, "county": 3}
FLOOR_SHARE = 0.25
PACK_SIZES = (50, 1, 20, 10, 1, 12, 100, 24, 1, 6, 40, 5)
WEIGHTS_KG = ("0.003", "0.25", "0.008", "1.2", "2.5", "0.6", "0.01", "0.5", "3", "0.4", "0.02", "1")
NORMS_PER_1000 = (3000, 5, 20, 100, 40, 600, 2000, 800, 10, 300, 500, 60)
MUTUAL_AID = {"county": Decimal("0.2"), "city": Decimal("0.2")}
"""A fifth of what they have: little enough that lenders reach their share, so that all kinds of reasons occur."""
AID_PENALTY_METRES = 20_000

Ints = npt.NDArray[np.int64]


def make_instance(divisions_csv: Path = HUBEI, items: int = 12, seed: int = 1) -> solver.Problem:
    """The question of a province, or of as many as the file holds, with mutual aid between counties and cities."""
    rng = np.random.default_rng(seed)
    tree = _read_divisions(divisions_csv)
    depots = _depots(tree, rng)
    demand = _demand(tree, items, rng)
    return solver.Problem(
        divisions=tree,
        depots=depots,
        items=solver.Items(
            codes=[f"item-{number + 1:02}" for number in range(items)],
            names=[f"物资{number + 1}" for number in range(items)],
            pack_size=np.array([PACK_SIZES[number % 12] for number in range(items)], dtype=np.int64),
            weight_kg=[Decimal(WEIGHTS_KG[number % 12]) for number in range(items)],
            unit=["piece"] * items,
            category=["relief"] * items,
        ),
        stock=_stock(tree, depots, demand, items, rng),
        demand=demand,
        settings=solver.Settings(
            as_of=AS_OF,
            mutual_aid=dict(MUTUAL_AID),
            mutual_aid_penalty_metres=AID_PENALTY_METRES,
        ),
    )


def _read_divisions(path: Path) -> solver.Divisions:
    frame = pl.read_csv(path, infer_schema=False).with_columns(pl.all().fill_null(""))
    codes = frame["code"].to_list()
    row = {code: number for number, code in enumerate(codes)}
    km = frame["km_to_parent"].replace("", "0").cast(pl.Decimal(18, 3))
    people = frame["population"].replace("", "0").cast(pl.Float64).to_numpy().astype(np.int64)
    levels = {name: number for number, name in enumerate(solver.LEVELS)}
    return solver.Divisions(
        codes=codes,
        names=frame["name"].to_list(),
        parent=np.array([row.get(code, -1) for code in frame["parent_code"].to_list()], dtype=np.int64),
        level=np.array([levels[level] for level in frame["level"].to_list()], dtype=np.int8),
        metres_to_parent=(km * 1000).cast(pl.Int64).to_numpy().copy(),
        population=people,
    )


def _depots(tree: solver.Divisions, rng: np.random.Generator) -> solver.Depots:
    place = np.flatnonzero(tree.level < solver.LEVELS.index("community"))
    base = np.array([ROAD_METRES[solver.LEVELS[level]] for level in tree.level[place]], dtype=np.int64)
    return solver.Depots(
        codes=[f"D{tree.codes[row]}" for row in place.tolist()],
        names=[f"{tree.names[row]}储备库" for row in place.tolist()],
        division=place,
        metres_to_division=base * rng.choice([50, 75, 100, 125], len(place)) // 100,
        kind=["government"] * len(place),
    )


def _demand(tree: solver.Divisions, items: int, rng: np.random.Generator) -> solver.Demand:
    community = np.flatnonzero(tree.level == solver.LEVELS.index("community"))
    place, item = np.repeat(community, items), np.tile(np.arange(items), len(community))
    asked = rng.random(len(place)) < ASKS
    place, item = place[asked], item[asked]
    norm = np.array([NORMS_PER_1000[number % 12] for number in range(items)])[item] / 1000
    quantity = np.ceil(np.maximum(tree.population[place], 100) * norm * rng.lognormal(-0.3, 0.7, len(place)))
    return solver.Demand(
        ids=[str(number) for number in range(1, len(place) + 1)],
        division=place,
        item=item,
        quantity=quantity.astype(np.int64),
        priority=rng.choice(4, len(place), p=CLASS_SHARES).astype(np.int8) + np.int8(1),
        weight_numerator=rng.choice(WEIGHTS, len(tree), p=(0.6, 0.3, 0.1))[place].astype(np.int64),
        weight_denominator=100,
    )


def _stock(
    tree: solver.Divisions, depots: solver.Depots, demand: solver.Demand, items: int, rng: np.random.Generator
) -> solver.Stock:
    """Lots of every depot: its tier's part of about half the demand, by people served and by luck."""
    asked = np.bincount(demand.item, demand.quantity, minlength=items)
    served = tree.population[depots.division].clip(1000) * rng.lognormal(0, 0.8, len(depots))
    tier = tree.level[depots.division]
    part = np.zeros(len(depots))
    for name, share in TIER_SHARES.items():
        inside = tier == solver.LEVELS.index(name)
        part[inside] = share * served[inside] / max(served[inside].sum(), 1)
    units = np.outer(asked * rng.uniform(0.35, 0.75, items), part) * rng.lognormal(0, 0.3, (items, len(depots)))
    floored = np.zeros((items, len(depots)), dtype=np.bool_)
    for name, every in FLOOR_EVERY.items():
        inside = np.flatnonzero(tier == solver.LEVELS.index(name))
        floored[::2, inside[::every]] = True
    lots = rng.integers(1, 4, (items, len(depots)))
    each = np.repeat(np.arange(items * len(depots)), lots.ravel())
    number = np.arange(len(each)) - np.repeat(np.cumsum(lots.ravel()) - lots.ravel(), lots.ravel())
    day = (AS_OF - EPOCH).days
    return solver.Stock(
        depot=each % len(depots),
        item=each // len(depots),
        quantity=(units.ravel()[each] / lots.ravel()[each]).astype(np.int64),
        lot=[f"L{lot + 1}" for lot in number.tolist()],
        expires_on=rng.integers(day - 30, day + 1200, len(each)).astype(np.int32),
        reserve_floor=(units * floored * FLOOR_SHARE).ravel().astype(np.int64)[each],
    )
