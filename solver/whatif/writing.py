"""The folder of a what-if: differences.csv by place, summary.json in few numbers, and plans where they are wanted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import polars as pl

from solver.digest import input_digest
from solver.folder.columns import named, write_table
from solver.folder.plan_write import write_plan
from solver.folder.whole import written_whole
from solver.plan import Plan, decimal_text, fill_text
from solver.problem import MODEL_VERSION, Problem
from solver.summary import exact_sum, tonne_km
from solver.whatif.asking import Outcome, WhatIf
from solver.whatif.differences import Differences, Side, differences, totals

_PLANS = "plans"
Prove = Callable[[Problem, Plan], Plan]


def write_what_if(found: WhatIf, folder: Path, *, level: str = "county", prove: Prove | None = None) -> dict[str, Any]:
    """Write the folder, whole or not at all; an older one there is replaced.

    differences.csv has a row for each variant, item, place at the level and class in which anything is different. With
    `prove`, which looks at each plan and gives it back marked, plans are written too: plans/base, plans/NAME. Returns
    what summary.json says. Raises FolderOccupied where other files stand there, OSError where the disk refuses.
    """
    said = summary(found, level)
    with written_whole(folder, also_ours=[_PLANS]) as draft:
        _write_differences(found, draft / "differences.csv", level)
        text = json.dumps(said, ensure_ascii=False, indent=2)
        (draft / "summary.json").write_text(text + "\n", encoding="utf-8")
        if prove is not None:
            for one in [found.base, *found.variants]:
                write_plan(prove(one.problem, one.plan), one.problem, draft / _PLANS / one.name)
    return said


def _write_differences(found: WhatIf, path: Path, level: str) -> None:
    """One table for all variants; the base beside itself gives the columns where nothing is different."""
    frames = []
    for one in [found.base, *found.variants]:
        rows = columns(found.base.problem, differences(found.base, one, level))
        name = pl.repeat(one.name, len(rows["item_code"]), eager=True)
        frames.append(pl.DataFrame({"variant": name, **rows}))
    frame = pl.concat(frames)
    write_table(path, len(frame), lambda part: frame[part].to_dict())


def columns(problem: Problem, found: Differences) -> dict[str, pl.Series]:
    """Differences as the columns of a file, quantities in units; fractions and fills as in plans."""
    made: dict[str, Any] = {
        "item_code": named(problem.items.codes, found.item),
        "division_code": named(problem.divisions.codes, found.division),
        "priority": found.priority,
        "requests": found.requests,
        "requests_more": found.more,
        "requests_fewer": found.fewer,
        "requested": found.requested,
    }
    sides = [_columns(problem, found, side) for side in (found.before, found.after)]
    for name in sides[0]:
        made |= {f"{name}_{when}": side[name] for when, side in zip(("before", "after"), sides, strict=True)}
    return {name: pl.Series(name, values) for name, values in made.items()}


def _columns(problem: Problem, found: Differences, side: Side) -> dict[str, Any]:
    carried = tonne_km(problem, found.item.tolist(), side.pack_metres)
    return {
        "granted": side.packs * problem.items.pack_size[found.item],
        "fill": _texts(map(fill_text, side.packs.tolist(), found.wanted.tolist())),
        "lowest_level": _texts("" if one is None else f"{one.numerator}/{one.denominator}" for one in side.lowest),
        "tonne_km": _texts(map(decimal_text, carried)),
    }


def _texts(values: Iterable[str]) -> pl.Series:
    return pl.Series(list(values), dtype=pl.String)


def summary(found: WhatIf, level: str) -> dict[str, Any]:
    """What summary.json says: of each variant, which items were solved again, and its totals beside the base's."""
    return {
        "model_version": MODEL_VERSION,
        "input_digest": input_digest(found.base.problem),
        "level": level,
        "items_missing": _missing(found.base),
        "variants": [_variant(found.base, one) for one in found.variants],
    }


def _variant(base: Outcome, one: Outcome) -> dict[str, Any]:
    problem, found = base.problem, totals(base, one)
    before, after = (
        exact_sum(tonne_km(problem, found.item.tolist(), side.pack_metres)) for side in (found.before, found.after)
    )
    shown = columns(problem, found)
    del shown["division_code"]
    return {
        "name": one.name,
        "input_digest": input_digest(one.problem),
        "complete": not _missing(one),
        "items_missing": _missing(one),
        "items_solved": [problem.items.codes[item] for item in one.solved.tolist()],
        "tonne_km_before": decimal_text(before),
        "tonne_km_after": decimal_text(after),
        "totals": pl.DataFrame(shown).to_dicts(),
    }


def _missing(one: Outcome) -> list[str]:
    return [code for item, code in enumerate(one.problem.items.codes) if item not in one.parts]
