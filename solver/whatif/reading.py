"""Variants from a JSON file, with every fault at its path."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from solver.problem import Fault, Tables
from solver.whatif.changes import AddStock, Change, ChangeBasis, ChangeRequest, ChangeShare, ReleaseReserves
from solver.whatif.codes import Codes, Wrong
from solver.whatif.roads import ChangeCapacity, CloseRoad, OpenRoad
from solver.whatif.variants import MalformedVariants, Variant, fault

_CHANGES = (ReleaseReserves, AddStock, OpenRoad, CloseRoad, ChangeCapacity, ChangeRequest, ChangeShare, ChangeBasis)
KINDS: Mapping[str, type[Any]] = {change.kind: change for change in _CHANGES}
"""What stands after `change` in the file."""


def read_variants(path: Path) -> list[Variant]:
    """The variants of a file. Raises MalformedVariants where it is no list of names and changes, OSError.

    What is wrong inside a change is said together with codes that nothing has, when the variants are asked.
    """
    try:
        found = json.loads(path.read_bytes().decode("utf-8-sig"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise MalformedVariants([fault("", f"不是 JSON({error})", f"is not JSON ({error})")]) from None
    variants = found.get("variants") if isinstance(found, dict) else None
    if not isinstance(variants, list) or not variants:
        raise MalformedVariants([fault("variants", "应有非空的 variants 列表", "there must be a list of variants")])
    faults = [one for place, variant in enumerate(variants) for one in _shape_faults(f"variants[{place}]", variant)]
    if faults:
        raise MalformedVariants(faults)
    return [Variant(one["name"], tuple(_change(change) for change in one["changes"])) for one in variants]


def _shape_faults(path: str, variant: object) -> Iterator[Fault]:
    if not isinstance(variant, dict):
        yield fault(path, "应为对象,含 name 与 changes", "must be an object with a name and changes")
        return
    if not isinstance(variant.get("name"), str):
        yield fault(f"{path}.name", "应为文字", "must be a text")
    changes = variant.get("changes")
    if not isinstance(changes, list):
        yield fault(f"{path}.changes", "应为列表", "must be a list")
        return


@dataclass(frozen=True)
class _Unread:
    """A change that cannot be read; it is refused in its turn, with all others."""

    faults: tuple[Wrong, ...]

    def wrongs(self, tables: Tables, codes: Codes) -> Iterator[Wrong]:
        yield from self.faults

    def apply(self, tables: Tables, codes: Codes) -> Tables:
        return tables


class _Odd(ValueError):
    """A value that is not what its field holds."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.wrong = Wrong(field, zh, en)


def _change(found: object) -> Change:
    if not isinstance(found, dict):
        return _Unread((Wrong("", "应为对象", "must be an object"),))
    kind = KINDS.get(str(found.get("change")))
    if kind is None:
        names, said = " ".join(KINDS), repr(found.get("change"))
        return _Unread((Wrong("change", f"{said} 不在 {names} 之中", f"{said} is none of {names}"),))
    strange = found.keys() - {field.name for field in fields(kind)} - {"change"}
    wrongs = [Wrong(key, "没有这一项", f"is not known to {kind.kind}") for key in sorted(strange)]
    values: dict[str, Any] = {}
    for field in fields(kind):
        try:
            values |= _value(field, found)
        except _Odd as odd:
            wrongs.append(odd.wrong)
    change: Change = _Unread(tuple(wrongs)) if wrongs else kind(**values)
    return change


def _value(field: Field[Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """The value of a field as the change holds it, nothing where it is left out and may be."""
    if field.name not in found:
        if field.default is MISSING:
            raise _Odd(field.name, "缺少此项", "is missing")
        return {}
    value, holds = found[field.name], str(field.type)
    if value is None and holds.endswith("| None"):
        return {field.name: None}
    read, zh, en = _READERS[holds.removesuffix(" | None")]
    try:
        return {field.name: read(value)}
    except (TypeError, ValueError, ArithmeticError):
        raise _Odd(field.name, f"{value!r} 应为{zh}", f"{value!r} must be {en}") from None


def _text(value: object) -> str:
    """Codes and ids of digits may be written as numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise TypeError
    return tuple(map(_text, value))


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _number(value: object) -> Decimal:
    """A number, or a text of one, as it is written."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise TypeError
    return Decimal(value)


def _day(value: object) -> date:
    if not isinstance(value, str) or (day := date.fromisoformat(value)).isoformat() != value:
        raise TypeError
    return day


_READERS: Mapping[str, tuple[Callable[[object], Any], str, str]] = {
    "str": (_text, "文字", "a text"),
    "tuple[str, ...]": (_texts, "至少一项的文字列表", "a list of at least one text"),
    "int": (_whole, "整数", "a whole number"),
    "Decimal": (_number, "数", "a number"),
    "date": (_day, "YYYY-MM-DD 的日期", "a date written YYYY-MM-DD"),
}
"""How a value in the file becomes what a field holds, by the field's type, and what it must be."""
