"""The plan in a few exact numbers, by item and class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np

from solver.packs import Requests, sums_by
from solver.plan import decimal_text, fill_text
from solver.problem import CLASSES, Int64, Problem

_DIGITS = 120
"""Enough for any sum of packs times metres times a weight, so that no digit of tonne-km is rounded."""


def pack_metres(packs: Int64, metres: Int64) -> int:
    """Sum of packs times metres, exact beyond int64 too."""
    if (packs.astype(np.float64) * metres).sum() < 2**62:
        return int((packs * metres).sum())
    return sum(p * m for p, m in zip(packs.tolist(), metres.tolist(), strict=True))


def tonne_km(problem: Problem, items: Sequence[int], metres: Sequence[int]) -> list[Decimal]:
    """Pack-metres of each of these items in its weight: packs x units x kg x m, over a thousand twice."""
    size, weight = problem.items.pack_size.tolist(), problem.items.weight_kg
    with localcontext(prec=_DIGITS):
        return [(size[item] * weight[item] * far).scaleb(-6) for item, far in zip(items, metres, strict=True)]


def exact_sum(values: list[Decimal]) -> Decimal:
    """The sum, no digit rounded."""
    with localcontext(prec=_DIGITS):
        return sum(values, Decimal(0))


def item_summary(
    problem: Problem, item: int, requests: Requests, granted: Int64, metres: int, carried: Decimal
) -> dict[str, Any]:
    """What Plan.summary says of one item. `granted` in packs."""
    return {
        "item": problem.items.codes[item],
        "tonne_km": decimal_text(carried),
        "pack_metres": metres,
        "classes": list(_class_summaries(problem, item, requests, granted)),
    }


def _class_summaries(problem: Problem, item: int, requests: Requests, granted: Int64) -> Iterator[dict[str, Any]]:
    rank, count = requests.priority.astype(np.int64), CLASSES[-1] + 1
    many, pack = np.bincount(rank, minlength=count), int(problem.items.pack_size[item])
    wants = requests.wanted > 0
    packs, wanted, asked = (
        sums_by(rank, values, count) for values in (granted, requests.wanted, problem.demand.quantity[requests.row])
    )
    empty_handed = np.bincount(rank[wants & (granted == 0)], minlength=count)
    for priority in CLASSES:
        if many[priority]:
            lowest: str | None = "0/1"
            if not empty_handed[priority]:
                rows = np.flatnonzero(wants & (rank == priority))
                lowest = _lowest_level(problem.demand.weight_denominator, requests, granted, rows)
            yield {
                "priority": priority,
                "requests": int(many[priority]),
                "requested": int(asked[priority]),
                "granted": int(packs[priority]) * pack,
                "fill": fill_text(int(packs[priority]), int(wanted[priority])),
                "lowest_level": lowest,
            }


def _lowest_level(denominator: int, requests: Requests, granted: Int64, rows: Int64) -> str | None:
    """The least (g / q) / w of these requests, all of which got something, as a reduced fraction; None for none."""
    if not len(rows):
        return None
    packs, wanted, weight = granted[rows], requests.wanted[rows], requests.weight[rows]
    rough = packs / (wanted.astype(np.float64) * weight)
    # float64 is right to fifteen digits: the least fraction is among these few.
    near = np.flatnonzero(rough <= rough.min() * (1 + 1e-12))
    triples = {(int(g), int(q), int(w)) for g, q, w in zip(packs[near], wanted[near], weight[near], strict=True)}
    lowest = min(Fraction(g * denominator, q * w) for g, q, w in triples)
    return f"{lowest.numerator}/{lowest.denominator}"
