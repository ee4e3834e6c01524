"""The tables of the question as columns of integers, and the ranges their values may have.

Every table is a set of equal-length columns; row numbers are the only keys between tables.
Nodes of the network share one numbering: divisions 0..N-1, then depots N..N+D-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import polars as pl

Texts = list[str] | pl.Series
"""A column of text; where it may be long, rooms pass on what they get and loop over neither."""
Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Int8 = npt.NDArray[np.int8]
Bool = npt.NDArray[np.bool_]

MODEL_VERSION = "1.0"
LEVELS = ("province", "city", "county", "township", "community")
KINDS = ("government", "agreement", "capacity", "social", "household")
BASES = ("stock", "surplus")
CLASSES = (1, 2, 3, 4)
WEIGHT_DENOMINATOR_MAX = 10**9
NO_EXPIRY = int(np.iinfo(np.int32).max)
"""`expires_on` of a lot without a date: it expires last."""
UNLIMITED = int(np.iinfo(np.int64).max)
"""Capacity, in packs, of an arc without a limit."""
QUANTITY_MAX = 10**15
"""Most units one row may name: float64 still holds every count of packs exactly (its limit is 2**53)."""
TOTAL_MAX = 2**62
"""Most units all rows of an item may name together: sums stay inside int64."""
WEIGHT_MAX = 10**18
"""Largest numerator of a weight: nine digits before the point and nine after it."""
METRES_MAX = 10**10
"""Longest arc, penalty apart: ten million km, so that no way through a million arcs leaves int64."""
HOURS_MAX = 10**5
HOURS_DECIMALS = 6


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where (table or file, column, row or line), and what, in Chinese and English.

    `row` is an array index where `table` is a table, a line number where it is a file, -1 where neither applies.
    """

    table: str
    column: str
    row: int
    zh: str
    en: str

    @property
    def where(self) -> str:
        """The place in one word: `demand.quantity[16]`, or `demand.csv:18 quantity`."""
        if self.table.endswith((".csv", ".csv.gz", ".json")):
            line = f":{self.row}" if self.row >= 0 else ""
            return f"{self.table}{line} {self.column}".rstrip()
        index = f"[{self.row}]" if self.row >= 0 else ""
        return f"{self.table}.{self.column}".rstrip(".") + index

    def __str__(self) -> str:
        return f"{self.where}: {self.en}"


@dataclass(frozen=True)
class Divisions:
    """Places of the tree, N rows. `parent` is a row or -1 for a root; `metres_to_parent` is 0 for a root."""

    codes: Texts
    names: Texts
    parent: Int64
    level: Int8
    metres_to_parent: Int64
    population: Int64

    def __len__(self) -> int:
        return len(self.parent)


@dataclass(frozen=True)
class Depots:
    """Stores 储备库, D rows. `division` is -1 for a depot that only links leave."""

    codes: Texts
    names: Texts
    division: Int64
    metres_to_division: Int64
    kind: Texts

    def __len__(self) -> int:
        return len(self.division)


@dataclass(frozen=True)
class Items:
    """What is stored and asked for. `pack_size` in units; `weight_kg` of one unit, 0 where unknown."""

    codes: list[str]
    names: list[str]
    pack_size: Int64
    weight_kg: list[Decimal]
    unit: list[str]
    category: list[str]

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class Stock:
    """Lots: quantity and reserve floor 保底 in units, `expires_on` in days since 1970-01-01 or NO_EXPIRY."""

    depot: Int64
    item: Int64
    quantity: Int64
    lot: Texts
    expires_on: Int32
    reserve_floor: Int64

    def __len__(self) -> int:
        return len(self.depot)


@dataclass(frozen=True)
class Demand:
    """Requests, R rows, in the order that breaks the last ties.

    Weight is `weight_numerator / weight_denominator`; the denominator is a power of ten, one for all rows, so
    that weights are exact decimals. `needed_within_hours_millionths` is -1 for a request that names no hours.
    """

    ids: Texts
    division: Int64
    item: Int64
    quantity: Int64
    priority: Int8
    weight_numerator: Int64
    weight_denominator: int
    needed_within_hours_millionths: Int64 | None = None

    def __len__(self) -> int:
        return len(self.division)

    def rows_of(self, request_id: str) -> list[int]:
        """The row of the request with this id, or none."""
        found: list[int] = (pl.Series(self.ids, dtype=pl.String) == request_id).arg_true().to_list()
        return found


@dataclass(frozen=True)
class Links:
    """Arcs added, replaced or closed, L rows. `metres` is km + penalty, `road_metres` km alone.

    `item` -1 means every item, `capacity` is in units with -1 for none, `hours` None means by the rule of roads.
    """

    from_node: Int64
    to_node: Int64
    item: Int64
    metres: Int64
    road_metres: Int64
    capacity: Int64
    open: Bool
    hours: list[Decimal | None]

    def __len__(self) -> int:
        return len(self.from_node)


@dataclass(frozen=True)
class Settings:
    """How to plan: the day, whether floors are released, which levels lend upward (互通有无) and how much."""

    as_of: date | None = None
    release_reserves: bool = False
    mutual_aid: Mapping[str, Decimal] = field(default_factory=dict)
    mutual_aid_basis: str = "stock"
    mutual_aid_penalty_metres: int = 0


def no_links() -> Links:
    """The links of a province where no road is cut and none is added."""
    none = np.zeros(0, dtype=np.int64)
    return Links(none, none, none, none, none, none, np.zeros(0, dtype=np.bool_), [])


@dataclass(frozen=True)
class Tables:
    """All tables of a question together, whether or not they fit."""

    divisions: Divisions
    depots: Depots
    items: Items
    stock: Stock
    demand: Demand
    links: Links = field(default_factory=no_links)
    settings: Settings = field(default_factory=Settings)

    def nodes(self) -> int:
        """How many nodes the network has: divisions, then depots."""
        return len(self.divisions) + len(self.depots)

    def node_codes(self) -> list[str]:
        """Code of each node, divisions first."""
        # Walking a Series costs several times what its list does.
        divisions, depots = (pl.Series(codes, dtype=pl.String) for codes in (self.divisions.codes, self.depots.codes))
        return [*divisions.to_list(), *depots.to_list()]

    def as_of_day(self) -> int:
        """The planning day in days since 1970-01-01; before every date when `as_of` is blank: nothing expires."""
        day = self.settings.as_of
        return int(np.iinfo(np.int32).min) if day is None else (day - date(1970, 1, 1)).days
