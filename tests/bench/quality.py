"""What a split is worth, in the same few figures for ours and for every baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.bench.case import Answer, Case, Floats, Ints


@dataclass(frozen=True)
class Outcome:
    """How each request fares that wants packs, all items together: fill is g / q, the level (g / q) / w."""

    priority: Ints
    fill: Floats
    level: Floats


@dataclass(frozen=True)
class Quality:
    """`coverage`: class-1 packs granted over packs wanted, the mean of the items. `nothing`: requests left without any.

    `gini` of fill over all requests, `gini_inside` the mean of the classes' own, by their requests: the first also
    counts it as unequal that class 1 goes first, the second only what befalls equals.
    """

    coverage: float
    lowest_first: float
    nothing_first: int
    lowest: float
    nothing: int
    gini: float
    gini_inside: float
    tonne_km: float | None


@dataclass(frozen=True)
class Error:
    """How far grants are from the exact fair ones: requests that differ, and by how much their levels do."""

    requests: int
    mean: float
    largest: float


def outcome_of(cases: Sequence[Case], answers: Sequence[Answer]) -> Outcome:
    """`cases` and `answers` are of the same items in the same order."""
    asks = np.concatenate([case.wanted > 0 for case in cases])
    rows = zip(cases, answers, strict=True)
    fill = np.concatenate([answer.granted / np.maximum(case.wanted, 1) for case, answer in rows])[asks]
    weight = np.concatenate([case.weight for case in cases])[asks]
    return Outcome(np.concatenate([case.priority for case in cases])[asks], fill, fill / weight)


def quality_of(cases: Sequence[Case], answers: Sequence[Answer]) -> Quality:
    """The figures over some items together."""
    found = outcome_of(cases, answers)
    first = found.priority == 1
    return Quality(
        coverage=_coverage(cases, answers),
        lowest_first=float(found.level[first].min(initial=np.inf)),
        nothing_first=int((found.fill[first] == 0).sum()),
        lowest=float(found.level.min(initial=np.inf)),
        nothing=int((found.fill == 0).sum()),
        gini=gini(found.fill),
        gini_inside=_gini_inside(found),
        tonne_km=_tonne_km(cases, answers),
    )


def _coverage(cases: Sequence[Case], answers: Sequence[Answer]) -> float:
    rows = [(case, answer, case.priority == 1) for case, answer in zip(cases, answers, strict=True)]
    asked = [(case.wanted[first].sum(), answer.granted[first].sum()) for case, answer, first in rows]
    return float(np.mean([granted / wanted for wanted, granted in asked if wanted]))


def _gini_inside(found: Outcome) -> float:
    classes = [found.fill[found.priority == number] for number in np.unique(found.priority)]
    return sum(gini(fill) * len(fill) for fill in classes) / max(len(found.fill), 1)


def error_of(cases: Sequence[Case], answers: Sequence[Answer], exact: Sequence[Answer]) -> Error:
    """The distance of some answers from the exact ones; the mean is over all that want packs."""
    off = np.abs(outcome_of(cases, answers).level - outcome_of(cases, exact).level)
    return Error(int((off > 0).sum()), float(off.mean()), float(off.max(initial=0)))


def gini(values: Floats) -> float:
    """0 where all are equal, towards 1 where one has everything; 0 where nobody has anything."""
    if not values.sum():
        return 0.0
    ranked = np.sort(values)
    places = np.arange(1, len(ranked) + 1)
    return float((2 * places - len(ranked) - 1) @ ranked / (len(ranked) * ranked.sum()))


def _tonne_km(cases: Sequence[Case], answers: Sequence[Answer]) -> float | None:
    """The answers' pack-metres by weight, None where one of them says nothing of ways."""
    metres = [answer.pack_metres for answer in answers if answer.pack_metres is not None]
    if len(metres) < len(answers):
        return None
    return sum(far * case.kilograms for far, case in zip(metres, cases, strict=True)) / 10**6
