"""summary.json of a plan folder: read with every fault, and the items that the plan holds told from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from solver.digest import input_digest
from solver.folder.settings import STANDS_TWICE, once
from solver.problem import MODEL_VERSION, Fault, Int64, Problem


def read_summary(folder: Path, problem: Problem, faults: list[Fault]) -> tuple[dict[str, Any], Int64]:
    """The summary, and the items held: all but those it names as missing."""
    try:
        twice: list[str] = []
        text = (folder / "summary.json").read_text("utf-8-sig")
        summary = json.loads(text, object_pairs_hook=lambda pairs: once(pairs, twice))
    except OSError:
        faults.append(_fault("", "文件缺失", "the file is missing"))
        return {}, np.zeros(0, dtype=np.int64)
    except (ValueError, RecursionError) as error:
        faults.append(_fault("", f"不是 JSON({error})", f"is not JSON ({error})"))
        return {}, np.zeros(0, dtype=np.int64)
    if not isinstance(summary, dict):
        faults.append(_fault("", "应为 JSON 对象", "must be a JSON object"))
        return {}, np.zeros(0, dtype=np.int64)
    faults.extend(_fault(name, *STANDS_TWICE) for name in twice)
    faults.extend(_faults(summary, problem))
    return summary, _held(summary, problem)


def _faults(summary: Mapping[str, Any], problem: Problem) -> Iterator[Fault]:
    if not isinstance(summary.get("proved"), bool):
        yield _fault("proved", "应为 true 或 false", "must be true or false")
    missing = summary.get("items_missing")
    codes = problem.items.codes
    if not isinstance(missing, list) or missing != [code for code in codes if code in missing]:
        zh, en = "应为物资代码的列表,依 items.csv 的次序", "must be a list of item codes in the order of items.csv"
        yield _fault("items_missing", f"{missing!r} {zh}", f"{missing!r} {en}")
    truth = {
        "model_version": MODEL_VERSION,
        "input_digest": input_digest(problem),
        "complete": missing == [],
    }
    for key, true in truth.items():
        found = summary.get(key)
        if type(found) is not type(true) or found != true:
            zh, en = _WHY.get(key, ("", ""))
            yield _fault(key, f"{zh}{_json(found)} 应为 {_json(true)}", f"{en}{_json(found)} must be {_json(true)}")


_WHY = {
    "model_version": ("方案由另一版本算出:", "the plan was made by another version: "),
    "input_digest": (
        "方案不是由此数据文件夹算出,或算出以后数据改过:",
        "the plan was not made from this instance, or that was changed since: ",
    ),
    "complete": ("与 items_missing 不符:", "does not fit items_missing: "),
}
"""What it means that a value is not the one that this instance, and this version, would give."""


def _json(value: object) -> str:
    """A value as it stands in the file; texts that are long end in dots."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."


_LONG = 24


def _held(summary: Mapping[str, Any], problem: Problem) -> Int64:
    missing = summary.get("items_missing")
    named = missing if isinstance(missing, list) else []
    return np.array([item for item, code in enumerate(problem.items.codes) if code not in named], dtype=np.int64)


def _fault(column: str, zh: str, en: str) -> Fault:
    return Fault("summary.json", column, -1, zh, en)
