"""Divisions, the organisations in them, and the depots (储备库) they keep: facts and the numbering of the tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

LEAF_GAP = 2**32
"""Positions between two leaves: so wide that renumbering is a rare maintenance command."""


class Level(StrEnum):
    """The five tiers of the tree."""

    PROVINCE = "province"  # 省
    CITY = "city"  # 市
    COUNTY = "county"  # 县
    TOWNSHIP = "township"  # 乡镇(街道)
    COMMUNITY = "community"  # 社区/村


class DepotKind(StrEnum):
    """The forms a reserve is held in."""

    GOVERNMENT = "government"  # 政府实物储备
    AGREEMENT = "agreement"  # 协议储备(代储)
    CAPACITY = "capacity"  # 产能储备
    SOCIAL = "social"  # 社会储备
    HOUSEHOLD = "household"  # 家庭储备


class RiskClass(StrEnum):
    """Area risk (分区分级)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True)
class Division:
    """One administrative division (行政区划): 12-digit code, explicit parent, depth-first interval [lo, hi)."""

    id: int
    code: str
    name: str
    level: Level
    parent_id: int | None
    population: int | None
    population_source: str
    lon: float | None
    lat: float | None
    metres_to_parent: int
    risk_class: RiskClass
    weight_thousandths: int
    lo: int
    hi: int


@dataclass(frozen=True)
class Depot:
    """A depot: where it stands (division), who keeps it (custodian) and in which form are separate facts."""

    id: int
    code: str
    name: str
    kind: DepotKind
    division_id: int
    custodian_id: int
    metres_to_division: int
    pos: int


@dataclass(frozen=True)
class Institution:
    """A hospital, school or home inside a division that a township office asks for (机构)."""

    id: int
    code: str
    name: str
    division_id: int


def number_tree(parents: Sequence[int]) -> tuple[list[int], list[int]]:
    """Depth-first intervals [lo, hi) for nodes given as parent indices (-1 = root), children in given order.

    A node takes `lo` for itself and its depots; its children's intervals lie inside (lo, hi). Raises
    ValueError naming the nodes of a cycle.
    """
    children: list[list[int]] = [[] for _ in parents]
    roots: list[int] = []
    for node, parent in enumerate(parents):
        (children[parent] if parent >= 0 else roots).append(node)
    lo, hi = [0] * len(parents), [0] * len(parents)
    clock = 0
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        node, leaving = stack.pop()
        if leaving:
            hi[node] = clock
            continue
        lo[node] = clock
        clock += LEAF_GAP
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(children[node]))
    lost = [node for node in range(len(parents)) if hi[node] == 0]
    if lost:
        raise ValueError(f"a cycle of parents runs through nodes {lost[:10]}")
    return lo, hi
