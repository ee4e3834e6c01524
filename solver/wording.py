"""Numbers, amounts, names and lists of names as people say them, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from solver.problem import Tables

NAMED = 3
"""Names told of each kind; how many more there are is told as a number."""


class Said(NamedTuple):
    """The same text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Goods:
    """An item's name and unit, and how many units a pack holds; what has no unit is counted in 件 and in units."""

    name: Said
    unit: Said
    pack_size: int

    def units(self, units: int) -> Said:
        """So many units: `1,230 只`, `1,230 pieces`."""
        (zh, one, more), number = self._units, grouped(units)
        return Said(f"{number} {zh}", f"{number} {one if units == 1 else more}")

    def packs(self, packs: int) -> Said:
        """What so many packs hold, and the packs where one holds more than one unit."""
        said = self.units(packs * self.pack_size)
        if self.pack_size == 1:
            return said
        number, (zh, en) = grouped(packs), self._of_packs
        return Said(f"{said.zh}（{number} {zh}）", f"{said.en} ({number} {'pack' if packs == 1 else 'packs'} {en})")

    @cached_property
    def _units(self) -> tuple[str, str, str]:
        """The unit in Chinese, one of it in English, and more of it."""
        en = self.unit.en or "unit"
        return self.unit.zh or "件", en, _plural(en)

    @cached_property
    def _of_packs(self) -> tuple[str, str]:
        size = grouped(self.pack_size)
        return f"包，每包 {size} {self._units[0]}", f"of {size}"


def goods_of(problem: Tables) -> list[Goods]:
    """How amounts of each item are told, alike in both languages; a nameless item is called by its code."""
    items = problem.items
    rows = zip(items.codes, items.names, items.unit, items.pack_size.tolist(), strict=True)
    return [Goods(Said(name or code, name or code), Said(unit, unit), size) for code, name, unit, size in rows]


class Names:
    """What divisions and depots are called; what has no name, or is not known, by its code."""

    def __init__(self, problem: Tables) -> None:
        self._names = [*problem.divisions.names, *problem.depots.names]
        self._codes = problem.node_codes()
        self._node = {code: node for node, code in enumerate(self._codes)}

    def __getitem__(self, code: str) -> str:
        node = self.node(code)
        return code if node < 0 else self.of(node)

    def node(self, code: str) -> int:
        """The node of a code, -1 where there is none."""
        return self._node.get(code, -1)

    def of(self, node: int) -> str:
        """What a node is called."""
        return self._names[node] or self._codes[node]

    def ends(self, way: str) -> tuple[str, str]:
        """What both ends of a way `A>B` are called."""
        start, _, end = way.partition(">")
        return self[start], self[end]


def grouped(number: int) -> str:
    """A number in groups of three digits."""
    return f"{number:,}"


def _plural(unit: str) -> str:
    """More than one of an English unit; signs such as kg, other scripts and what ends in s stay as they are."""
    if len(unit) < 3 or not (unit.isascii() and unit.isalpha()) or unit.endswith("s"):
        return unit
    return unit + ("es" if unit.endswith(("x", "ch", "sh")) else "s")


def counted(number: int, one: str, more: str) -> str:
    """An English noun after its number."""
    return f"{grouped(number)} {one if number == 1 else more}"


def listed_zh(names: Sequence[str], total: int, counter: str) -> str:
    """The first names, and how many there are in all: `甲库、乙库、丙库等 8 处储备库`."""
    said = "、".join(names[:NAMED])
    return f"{said}等 {grouped(total)} {counter}" if total > NAMED else said


def listed_en(names: Sequence[str], total: int, noun: str = "") -> str:
    """The first names, and how many more there are: `A, B, C and 5 more depots`."""
    told = [*names[:NAMED]]
    if total > NAMED:
        told.append(f"{grouped(total - NAMED)} more{noun and f' {noun}'}")
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
