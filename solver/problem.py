"""The question: who stores what, who asks for what, and over which ways it may go, as checked integer arrays.

Every table is a set of equal-length columns; row numbers are the only keys between tables.
Nodes of the network share one numbering: divisions 0..N-1, then depots N..N+D-1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Int8 = npt.NDArray[np.int8]
Bool = npt.NDArray[np.bool_]

MODEL_VERSION = "1.0"
LEVELS = ("province", "city", "county", "township", "community")
KINDS = ("government", "agreement", "capacity", "social", "household")
BASES = ("stock", "surplus")
CLASSES = (1, 2, 3, 4)
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
        if self.table.endswith((".csv", ".json")):
            line = f":{self.row}" if self.row >= 0 else ""
            return f"{self.table}{line} {self.column}".rstrip()
        index = f"[{self.row}]" if self.row >= 0 else ""
        return f"{self.table}.{self.column}".rstrip(".") + index

    def __str__(self) -> str:
        return f"{self.where}: {self.en}"


class MalformedProblem(ValueError):
    """The question cannot be asked as it stands; `faults` holds every reason."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Divisions:
    """Places of the tree, N rows. `parent` is a row or -1 for a root; `metres_to_parent` is 0 for a root."""

    codes: list[str]
    names: list[str]
    parent: Int64
    level: Int8
    metres_to_parent: Int64
    population: Int64

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class Depots:
    """Stores 储备库, D rows. `division` is -1 for a depot that only links leave."""

    codes: list[str]
    names: list[str]
    division: Int64
    metres_to_division: Int64
    kind: list[str]

    def __len__(self) -> int:
        return len(self.codes)


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
    lot: list[str]
    expires_on: Int32
    reserve_floor: Int64

    def __len__(self) -> int:
        return len(self.depot)


@dataclass(frozen=True)
class Demand:
    """Requests, R rows, in the order that breaks the last ties.

    Weight is `weight_numerator / weight_denominator`; the denominator is a power of ten, one for all rows, so
    that weights are exact decimals.
    """

    ids: list[str]
    division: Int64
    item: Int64
    quantity: Int64
    priority: Int8
    weight_numerator: Int64
    weight_denominator: int
    needed_within_hours: list[Decimal | None] | None = None

    def __len__(self) -> int:
        return len(self.ids)


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
class Problem:
    """The whole question. Raises MalformedProblem, with every fault, when the tables do not fit together."""

    divisions: Divisions
    depots: Depots
    items: Items
    stock: Stock
    demand: Demand
    links: Links = field(default_factory=no_links)
    settings: Settings = field(default_factory=Settings)

    def __post_init__(self) -> None:
        faults = list(_shape_faults(self)) or list(_content_faults(self))
        if faults:
            raise MalformedProblem(faults)

    def nodes(self) -> int:
        """How many nodes the network has: divisions, then depots."""
        return len(self.divisions) + len(self.depots)

    def node_codes(self) -> list[str]:
        """Code of each node, divisions first."""
        return self.divisions.codes + self.depots.codes

    def as_of_day(self) -> int:
        """The planning day in days since 1970-01-01; before every date when `as_of` is blank: nothing expires."""
        day = self.settings.as_of
        return int(np.iinfo(np.int32).min) if day is None else (day - date(1970, 1, 1)).days


_CODE = re.compile(r"[^\s,@>]+")
_DTYPES: dict[str, dict[str, type[np.generic]]] = {
    "divisions": {"parent": np.int64, "level": np.int8, "metres_to_parent": np.int64, "population": np.int64},
    "depots": {"division": np.int64, "metres_to_division": np.int64},
    "items": {"pack_size": np.int64},
    "stock": {
        "depot": np.int64,
        "item": np.int64,
        "quantity": np.int64,
        "expires_on": np.int32,
        "reserve_floor": np.int64,
    },
    "demand": {
        "division": np.int64,
        "item": np.int64,
        "quantity": np.int64,
        "priority": np.int8,
        "weight_numerator": np.int64,
    },
    "links": {
        "from_node": np.int64,
        "to_node": np.int64,
        "item": np.int64,
        "metres": np.int64,
        "road_metres": np.int64,
        "capacity": np.int64,
        "open": np.bool_,
    },
}
_LISTS = {
    "divisions": ("codes", "names"),
    "depots": ("codes", "names", "kind"),
    "items": ("codes", "names", "weight_kg", "unit", "category"),
    "stock": ("lot",),
    "demand": ("ids", "needed_within_hours"),
    "links": ("hours",),
}


def _shape_faults(problem: Problem) -> Iterator[Fault]:
    """Columns of another type or length than their table; nothing else can be asked before this holds."""
    for table, dtypes in _DTYPES.items():
        columns = getattr(problem, table)
        rows = len(columns)
        for column, dtype in dtypes.items():
            array = getattr(columns, column)
            if not isinstance(array, np.ndarray) or array.dtype != dtype or array.shape != (rows,):
                found = f"{getattr(array, 'dtype', type(array).__name__)}{getattr(array, 'shape', '')}"
                allowed = f"{np.dtype(dtype)}({rows},)"
                yield Fault(
                    table,
                    column,
                    -1,
                    f"应为 {allowed} 数组,实为 {found}",
                    f"must be an array {allowed}, is {found}",
                )
        for column in _LISTS[table]:
            values = getattr(columns, column)
            if values is not None and len(values) != rows:
                yield Fault(
                    table,
                    column,
                    -1,
                    f"应有 {rows} 个值,实有 {len(values)} 个",
                    f"must have {rows} values, has {len(values)}",
                )


def _content_faults(problem: Problem) -> Iterator[Fault]:
    """Values outside what the model allows, in the order of the tables."""
    yield from _code_faults(problem)
    yield from _range_faults(problem)
    yield from _duplicate_faults(problem)
    yield from _cycle_faults(problem.divisions)
    yield from _total_faults(problem)
    yield from _settings_faults(problem.settings)


def _code_faults(problem: Problem) -> Iterator[Fault]:
    """Codes that are blank, hold a reserved mark, or stand twice; divisions and depots share one name space."""
    for table, codes in (
        ("divisions", problem.divisions.codes),
        ("depots", problem.depots.codes),
        ("items", problem.items.codes),
    ):
        for row, code in enumerate(codes):
            if not _CODE.fullmatch(code):
                yield Fault(
                    table,
                    "codes",
                    row,
                    f"代码 {code!r} 不可用:不得为空,不得含空格、逗号、@、>",
                    f"code {code!r} is not allowed: not blank, no space, comma, @ or >",
                )
    yield from _repeated("items", problem.items.codes, set())
    seen: set[str] = set()
    yield from _repeated("divisions", problem.divisions.codes, seen)
    yield from _repeated("depots", problem.depots.codes, seen)
    yield from _repeated("demand", problem.demand.ids, set(), column="ids")


def _repeated(table: str, codes: list[str], seen: set[str], column: str = "codes") -> Iterator[Fault]:
    """Codes met before, here or in `seen`, which grows."""
    if len(set(codes)) == len(codes) and seen.isdisjoint(codes):
        seen.update(codes)
        return
    for row, code in enumerate(codes):
        if code in seen:
            yield Fault(table, column, row, f"{code!r} 重复", f"{code!r} stands twice; each must be unique")
        seen.add(code)


def _range_faults(problem: Problem) -> Iterator[Fault]:
    """Numbers and row references outside their range."""
    divisions, depots, items = len(problem.divisions), len(problem.depots), len(problem.items)
    nodes, day = divisions + depots, np.iinfo(np.int32)
    ranges = (
        ("divisions", "parent", -1, divisions - 1),
        ("divisions", "level", 0, len(LEVELS) - 1),
        ("divisions", "metres_to_parent", 0, METRES_MAX),
        ("divisions", "population", -1, QUANTITY_MAX),
        ("depots", "division", -1, divisions - 1),
        ("depots", "metres_to_division", 0, METRES_MAX),
        ("items", "pack_size", 1, QUANTITY_MAX),
        ("stock", "depot", 0, depots - 1),
        ("stock", "item", 0, items - 1),
        ("stock", "quantity", 0, QUANTITY_MAX),
        ("stock", "expires_on", day.min, day.max),
        ("stock", "reserve_floor", 0, QUANTITY_MAX),
        ("demand", "division", 0, divisions - 1),
        ("demand", "item", 0, items - 1),
        ("demand", "quantity", 0, QUANTITY_MAX),
        ("demand", "priority", CLASSES[0], CLASSES[-1]),
        ("links", "from_node", 0, nodes - 1),
        ("links", "to_node", 0, nodes - 1),
        ("links", "item", -1, items - 1),
        ("links", "metres", 0, 2 * METRES_MAX),
        ("links", "road_metres", 0, METRES_MAX),
        ("links", "capacity", -1, QUANTITY_MAX),
    )
    for table, column, low, high in ranges:
        array = getattr(getattr(problem, table), column)
        for row in np.flatnonzero((array < low) | (array > high)).tolist():
            yield Fault(
                table,
                column,
                row,
                f"{array[row]} 不在允许范围 {low} 至 {high} 内",
                f"{array[row]} is not in {low} to {high}",
            )
    for row, kind in enumerate(problem.depots.kind):
        if kind not in KINDS:
            yield Fault(
                table="depots",
                column="kind",
                row=row,
                zh=f"{kind!r} 不在 {' '.join(KINDS)} 之中",
                en=f"{kind!r} is none of {' '.join(KINDS)}",
            )
    weights = problem.demand.weight_numerator
    for row in np.flatnonzero((weights <= 0) | (weights > WEIGHT_MAX)).tolist():
        yield Fault("demand", "weight_numerator", row, "权重须大于 0,小于 10^9", "a weight is above 0 and below 10^9")
    for row, weight in enumerate(problem.items.weight_kg):
        if not weight.is_finite() or not 0 <= weight <= QUANTITY_MAX:
            yield Fault(
                "items",
                "weight_kg",
                row,
                f"{weight} 不是非负有限数",
                f"{weight} is not a finite number of 0 or more",
            )
    for table, column, hours in (
        ("links", "hours", problem.links.hours),
        ("demand", "needed_within_hours", problem.demand.needed_within_hours or []),
    ):
        for row, value in enumerate(hours):
            if value is not None and not _is_hours(value):
                yield Fault(
                    table,
                    column,
                    row,
                    f"{value} 不是 0 至 {HOURS_MAX}、至多 {HOURS_DECIMALS} 位小数的小时数",
                    f"{value} is not hours from 0 to {HOURS_MAX} with at most {HOURS_DECIMALS} decimals",
                )
    denominator = problem.demand.weight_denominator
    if str(denominator).strip("0") != "1" or denominator > 10**9:
        yield Fault(
            "demand",
            "weight_denominator",
            -1,
            f"{denominator} 不是 1 至 10^9 的十的幂",
            f"{denominator} is not a power of ten from 1 to 10^9",
        )


def _is_hours(value: Decimal) -> bool:
    return value.is_finite() and 0 <= value <= HOURS_MAX and value == round(value, HOURS_DECIMALS)


def _duplicate_faults(problem: Problem) -> Iterator[Fault]:
    """A second row for one depot, item and lot, or for one link and item."""
    stock, links = problem.stock, problem.links
    lots = zip(stock.depot.tolist(), stock.item.tolist(), stock.lot, strict=True)
    arcs = zip(links.from_node.tolist(), links.to_node.tolist(), links.item.tolist(), strict=True)
    for table, column, keys in (("stock", "lot", lots), ("links", "to_node", arcs)):
        seen: set[tuple[int, int, int | str]] = set()
        for row, key in enumerate(keys):
            if key in seen:
                yield Fault(
                    table,
                    column,
                    row,
                    "同一储备库、物资、批次已有一行" if table == "stock" else "同一起点、终点、物资已有一行",
                    "this depot, item and lot stand twice"
                    if table == "stock"
                    else "this link stands twice for the item",
                )
            seen.add(key)


def _cycle_faults(divisions: Divisions) -> Iterator[Fault]:
    """Divisions that are their own ancestor."""
    parent = np.where((divisions.parent >= 0) & (divisions.parent < len(divisions)), divisions.parent, -1)
    above = np.append(parent, -1)
    for _ in range(len(divisions).bit_length()):
        above = above[above]
    on_cycle = np.zeros(len(divisions), dtype=np.bool_)
    on_cycle[above[:-1][above[:-1] >= 0]] = True
    for row in np.flatnonzero(on_cycle).tolist():
        code = divisions.codes[row]
        yield Fault(
            "divisions",
            "parent",
            row,
            f"{code!r} 是自己的上级",
            f"{code!r} is above itself; parents must form a tree",
        )


def _total_faults(problem: Problem) -> Iterator[Fault]:
    """Items of which more is stored or asked for, over all rows, than sums of int64 can bear."""
    for table in (problem.stock, problem.demand):
        name = "stock" if isinstance(table, Stock) else "demand"
        rough = table.quantity.astype(np.float64).sum()
        if rough < TOTAL_MAX:
            continue
        for item in np.unique(table.item).tolist():
            total = sum(table.quantity[table.item == item].tolist())
            if total > TOTAL_MAX:
                yield Fault(
                    name,
                    "quantity",
                    -1,
                    f"物资 {item} 合计 {total} 超过 {TOTAL_MAX}",
                    f"item {item} totals {total}, more than {TOTAL_MAX}",
                )


def _settings_faults(settings: Settings) -> Iterator[Fault]:
    """Shares, levels and penalties that mean nothing."""
    for level, share in settings.mutual_aid.items():
        if level not in LEVELS:
            yield Fault(
                "settings",
                "mutual_aid",
                -1,
                f"{level!r} 不在 {' '.join(LEVELS)} 之中",
                f"{level!r} is none of {' '.join(LEVELS)}",
            )
        if not share.is_finite() or not 0 <= share <= 1:
            yield Fault(
                "settings",
                "mutual_aid",
                -1,
                f"{level} 的比例 {share} 不在 0 至 1 之间",
                f"share {share} of {level} is not in 0 to 1",
            )
    if settings.mutual_aid_basis not in BASES:
        yield Fault(
            "settings",
            "mutual_aid_basis",
            -1,
            f"{settings.mutual_aid_basis!r} 不在 {' '.join(BASES)} 之中",
            f"{settings.mutual_aid_basis!r} is none of {' '.join(BASES)}",
        )
    if not 0 <= settings.mutual_aid_penalty_metres <= METRES_MAX:
        yield Fault(
            "settings",
            "mutual_aid_penalty_metres",
            -1,
            f"{settings.mutual_aid_penalty_metres} 不在允许范围 0 至 {METRES_MAX} 内",
            f"{settings.mutual_aid_penalty_metres} is not in 0 to {METRES_MAX}",
        )
