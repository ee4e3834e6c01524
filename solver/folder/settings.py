"""settings.json: how to plan, read with every fault and written so that decimals come back exactly."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from solver.plan import decimal_text
from solver.problem import BASES, METRES_MAX, Fault, Settings

_NAMES = ("as_of", "release_reserves", "mutual_aid", "mutual_aid_basis", "mutual_aid_penalty_km")
STANDS_TWICE = "写了不止一次", "stands more than once"
DIGITS_MAX = 30
"""Digits of a number in the settings, and the most places its point may be away."""


def read_settings(folder: Path) -> tuple[Settings, list[Fault], list[str]]:
    """settings.json, numbers as exact decimals, with its faults; harmless values where it cannot be read.

    Also the names in it that mean nothing, as `settings.json: release_reserve`.
    """
    path = folder / "settings.json"
    if not path.is_file():
        return Settings(), [_fault("", "文件缺失", "the file is missing")], []
    twice: list[str] = []
    try:
        found = json.loads(
            path.read_bytes().decode("utf-8-sig"),
            parse_float=Decimal,
            parse_int=Decimal,
            object_pairs_hook=lambda pairs: once(pairs, twice),
        )
    except (ValueError, RecursionError) as error:
        return Settings(), [_fault("", f"不是 JSON({error})", f"is not JSON ({error})")], []
    if not isinstance(found, dict):
        return Settings(), [_fault("", "应为 JSON 对象", "must be a JSON object")], []
    faults = [_fault(name, *STANDS_TWICE) for name in twice]
    settings = Settings(
        as_of=_setting_date(found, faults),
        release_reserves=_setting_bool(found, faults),
        mutual_aid=_setting_shares(found, faults),
        mutual_aid_basis=_setting_basis(found, faults),
        mutual_aid_penalty_metres=_setting_metres(found, faults),
    )
    return settings, faults, [f"settings.json: {name}" for name in found if name not in _NAMES]


def once(pairs: Sequence[tuple[str, Any]], twice: list[str]) -> dict[str, Any]:
    """An object; names that stand in it more than once are noted."""
    names = [name for name, _ in pairs]
    twice += sorted({name for name in names if names.count(name) > 1})
    return dict(pairs)


def _fault(column: str, zh: str, en: str) -> Fault:
    return Fault("settings.json", column, -1, zh, en)


def _setting_date(found: Mapping[str, Any], faults: list[Fault]) -> date | None:
    if "as_of" not in found:
        faults.append(_fault("as_of", "缺少此项(可为空)", "is missing (it may be blank)"))
    value = found.get("as_of")
    if value in (None, ""):
        return None
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    # Python also reads 20200126 and 2020-W04-7, which are not what the model asks for.
    if day is not None and day.isoformat() == value:
        return day
    faults.append(_fault("as_of", f"{value} 应为 YYYY-MM-DD", f"{value} must be a date written YYYY-MM-DD"))
    return None


def _setting_bool(found: Mapping[str, Any], faults: list[Fault]) -> bool:
    value = found.get("release_reserves", False)
    if not isinstance(value, bool):
        faults.append(_fault("release_reserves", f"{value} 应为 true 或 false", f"{value} must be true or false"))
        return False
    return value


def _setting_basis(found: Mapping[str, Any], faults: list[Fault]) -> str:
    value = found.get("mutual_aid_basis", BASES[0])
    if not isinstance(value, str):
        allowed = " ".join(BASES)
        faults.append(_fault("mutual_aid_basis", f"{value} 不在 {allowed} 之中", f"{value} is none of {allowed}"))
        return BASES[0]
    return value


def _setting_shares(found: Mapping[str, Any], faults: list[Fault]) -> dict[str, Decimal]:
    value = found.get("mutual_aid")
    if value is None:
        return {}
    if not isinstance(value, dict):
        faults.append(_fault("mutual_aid", f"{value} 应为层级到比例的对象", f"{value} must map levels to shares"))
        return {}
    shares = {level: _exact(share) for level, share in value.items()}
    for level, share in shares.items():
        if share is None:
            faults.append(
                _fault(
                    "mutual_aid",
                    f"{level} 的比例 {value[level]} 应为 0 至 1 的数",
                    f"share {value[level]} of {level} must be a number from 0 to 1",
                )
            )
    return {level: share for level, share in shares.items() if share is not None}


def _setting_metres(found: Mapping[str, Any], faults: list[Fault]) -> int:
    value = found.get("mutual_aid_penalty_km", Decimal(0))
    km = _exact(value)
    if km is None or not 0 <= km <= METRES_MAX // 1000 or km != round(km, 3):
        faults.append(
            _fault(
                "mutual_aid_penalty_km",
                f"{value} 应为 0 至 {METRES_MAX // 1000} 的公里数,至多三位小数",
                f"{value} must be km from 0 to {METRES_MAX // 1000} with at most three decimals",
            )
        )
        return 0
    return int(km * 1000)


def _exact(value: object) -> Decimal | None:
    """The number as written, in JSON or as text; None where it is not a finite one."""
    try:
        number = Decimal(value) if isinstance(value, str | Decimal) else None
    except ArithmeticError:
        return None
    if number is None or not number.is_finite():
        return None
    # A number as long as a line, or with an exponent of millions, is no share and no distance.
    return number if len(number.as_tuple().digits) <= DIGITS_MAX and abs(number.adjusted()) <= DIGITS_MAX else None


def write_settings(settings: Settings, folder: Path) -> None:
    """Write settings.json; decimals as text."""
    content = {
        "as_of": settings.as_of.isoformat() if settings.as_of else "",
        "release_reserves": settings.release_reserves,
        "mutual_aid": {level: decimal_text(share) for level, share in sorted(settings.mutual_aid.items())},
        "mutual_aid_basis": settings.mutual_aid_basis,
        "mutual_aid_penalty_km": decimal_text(Decimal(settings.mutual_aid_penalty_metres) / 1000),
    }
    text = json.dumps(content, ensure_ascii=False, indent=2)
    (folder / "settings.json").write_text(text + "\n", encoding="utf-8")
