"""Whether the numbers of a plan's summary are those of its rows."""

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from operator import mul
from typing import Any

import numpy as np

from solver.check.fair import level_parts, ratio_ranks
from solver.check.graph import Ints
from solver.check.shipped import Case
from solver.digest import input_digest
from solver.plan import FILL_DECIMALS
from solver.problem import MODEL_VERSION, Fault, Problem

# No exponent and no more digits than a computer takes at a glance: "1e999999999" must not become a number.
DECIMAL_TEXT = re.compile(r"[0-9]{1,100}(\.[0-9]{1,100})?", re.ASCII)


def total_faults(summary: Mapping[str, Any], problem: Problem, items: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """Everything in a summary that differs from the totals of the plan's items."""
    tonne_km = sum((item["tonne_km"] for item in items), Fraction(0))
    expected = {
        "model_version": MODEL_VERSION,
        "input_digest": input_digest(problem),
        "tonne_km": tonne_km,
        "items": items,
    }
    return list(_differences("", {name: summary.get(name) for name in expected}, expected))


def item_totals(case: Case) -> dict[str, Any]:
    """The summary of one item, from the rows of the plan; tonne-km as a fraction."""
    problem = case.model.problem
    priority = problem.demand.priority[case.requests.rows]
    pack_metres = sum(map(mul, case.carried.tolist(), case.arcs.metres.tolist()))
    grams_metres = pack_metres * case.size * Fraction(problem.items.weight_kg[case.item])
    return {
        "item": case.code,
        "tonne_km": grams_metres / 10**6,
        "pack_metres": pack_metres,
        "classes": [
            _class_totals(case, int(number), np.flatnonzero(priority == number)) for number in np.unique(priority)
        ],
    }


def _class_totals(case: Case, priority: int, members: Ints) -> dict[str, Any]:
    granted, wanted = int(case.granted[members].sum()), int(case.requests.wanted[members].sum())
    return {
        "priority": priority,
        "requests": len(members),
        "requested": int(case.model.problem.demand.quantity[case.requests.rows[members]].sum()),
        "granted": granted * case.size,
        "fill": _rounded_down(Fraction(granted, wanted) if wanted else Fraction(1)),
        "lowest_level": _lowest_level(case, members),
    }


def _rounded_down(fill: Fraction) -> str:
    millionths = fill * 10**FILL_DECIMALS // 1
    return f"{millionths // 10**FILL_DECIMALS}.{millionths % 10**FILL_DECIMALS:0{FILL_DECIMALS}d}"


def _lowest_level(case: Case, members: Ints) -> str | None:
    """Least (granted / wanted) / weight of the class as a reduced fraction; None where nobody wants a pack."""
    members = members[case.requests.wanted[members] > 0]
    if not len(members):
        return None
    packs, scale = (part[members] for part in level_parts(case))
    lowest = int(np.argmin(ratio_ranks(packs, scale)))
    level = Fraction(int(packs[lowest]) * case.model.problem.demand.weight_denominator, int(scale[lowest]))
    return f"{level.numerator}/{level.denominator}"


def _differences(path: str, said: Any, true: Any) -> Iterator[Fault]:
    """Places where the summary's JSON is not what it should be."""
    if isinstance(true, Mapping) and isinstance(said, Mapping):
        for name, value in true.items():
            yield from _differences(f"{path}.{name}" if path else name, said.get(name), value)
    elif isinstance(true, list) and isinstance(said, list) and len(said) == len(true):
        for place, (one, value) in enumerate(zip(said, true, strict=True)):
            yield from _differences(f"{path}[{place}]", one, value)
    elif not _same(said, true):
        right = float(true) if isinstance(true, Fraction) else true
        yield Fault("summary.json", path, -1, f"写作 {said!r},应为 {right!r}", f"is {said!r}, must be {right!r}")


def _same(said: Any, true: Any) -> bool:
    """Whether a value of the summary is the true one: a number that is one, and text where text belongs."""
    if isinstance(true, Fraction):
        return isinstance(said, str) and bool(DECIMAL_TEXT.fullmatch(said)) and Fraction(said) == true
    return type(said) is type(true) and bool(said == true)
