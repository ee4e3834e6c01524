"""Whether the numbers of a plan's summary are those of its rows."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.check.case import Case
from solver.check.levels import comparable, scales
from solver.check.rows import Ints
from solver.digest import input_digest
from solver.plan import FILL_DECIMALS, Plan
from solver.problem import CLASSES, MODEL_VERSION, TOTAL_MAX, Fault, Problem


def total_faults(plan: Plan, problem: Problem, items: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """Everything in a summary that differs from the totals of the items that the plan holds."""
    held = set(plan.items.tolist())
    missing = [code for item, code in enumerate(problem.items.codes) if item not in held]
    expected = {
        "model_version": MODEL_VERSION,
        "input_digest": input_digest(problem),
        "complete": not missing,
        "items_missing": missing,
        "tonne_km": _decimal(sum((item["tonne_km"] for item in items), Fraction(0))),
        "items": [{**item, "tonne_km": _decimal(item["tonne_km"])} for item in items],
    }
    return list(_differences("", plan.summary, expected))


def item_totals(case: Case) -> dict[str, Any]:
    """The summary of one item, from the rows of the plan; tonne-km as a fraction."""
    problem, question = case.model.problem, case.question
    pack_metres = _pack_metres(case)
    grams_metres = pack_metres * question.size * Fraction(problem.items.weight_kg[question.item])
    return {
        "item": question.code,
        "tonne_km": grams_metres / 10**6,
        "pack_metres": pack_metres,
        "classes": list(_class_totals(case)),
    }


def _pack_metres(case: Case) -> int:
    """Sum of packs x metres over all arcs that carry; what comes to a leaf comes over one arc."""
    leaves = np.flatnonzero(case.model.leaf)
    packs = np.concatenate((case.carried, case.came[leaves]))
    metres = np.concatenate((case.question.arcs.metres, case.model.problem.divisions.metres_to_parent[leaves]))
    if int(packs.max(initial=0)) * int(metres.max(initial=0)) * len(packs) < TOTAL_MAX:
        return int(packs @ metres)
    return sum(map(mul, packs.tolist(), metres.tolist()))


def _class_totals(case: Case) -> Iterator[dict[str, Any]]:
    requests, units = case.question.requests, case.model.problem.demand.quantity[case.question.requests.rows]
    scale = np.maximum(scales(case), 1)
    levels = comparable(case.granted.astype(scale.dtype, copy=False), scale)
    for priority in CLASSES:
        members = np.flatnonzero(requests.priority == priority)
        if len(members):
            granted, wanted = int(case.granted[members].sum()), int(requests.wanted[members].sum())
            yield {
                "priority": priority,
                "requests": len(members),
                "requested": int(units[members].sum()),
                "granted": granted * case.question.size,
                "fill": _rounded_down(Fraction(granted, wanted) if wanted else Fraction(1)),
                "lowest_level": _lowest_level(case, levels, members),
            }


def _decimal(number: Fraction) -> str:
    """A decimal without exponent or trailing zeros; exact, for weights are decimals."""
    scale, places = 1, 0
    while scale % number.denominator:
        scale, places = scale * 10, places + 1
    digits = f"{number.numerator * scale // number.denominator:0{places + 1}d}"
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


def _rounded_down(fill: Fraction) -> str:
    millionths = fill * 10**FILL_DECIMALS // 1
    return f"{millionths // 10**FILL_DECIMALS}.{millionths % 10**FILL_DECIMALS:0{FILL_DECIMALS}d}"


def _lowest_level(case: Case, levels: NDArray[Any], members: Ints) -> str | None:
    """Least (granted / wanted) / weight of the class as a reduced fraction; None where nobody wants a pack."""
    members = members[case.question.requests.wanted[members] > 0]
    if not len(members):
        return None
    lowest = members[np.argmin(levels[members])]
    requests, denominator = case.question.requests, case.model.problem.demand.weight_denominator
    scale = int(requests.wanted[lowest]) * int(requests.weight[lowest])
    level = Fraction(int(case.granted[lowest]) * denominator, scale)
    return f"{level.numerator}/{level.denominator}"


def _differences(path: str, said: Any, true: Any) -> Iterator[Fault]:
    """Places where the summary's JSON is not what it should be."""
    if isinstance(true, Mapping) and isinstance(said, Mapping):
        for name in true:
            yield from _differences(f"{path}.{name}" if path else name, said.get(name), true[name])
        for name in sorted(map(str, said.keys() - true.keys())):
            yield Fault("summary.json", f"{path}.{name}" if path else name, -1, "不应有此项", "must not stand here")
    elif isinstance(true, list) and isinstance(said, list) and len(said) == len(true):
        for place, (one, value) in enumerate(zip(said, true, strict=True)):
            yield from _differences(f"{path}[{place}]", one, value)
    elif type(said) is not type(true) or said != true:
        yield Fault("summary.json", path, -1, f"写作 {said!r},应为 {true!r}", f"is {said!r}, must be {true!r}")
