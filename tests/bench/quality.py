"""What a split is worth, in the same few figures for ours and for every baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.bench.case import Answer, Case, Floats


@dataclass(frozen=True)
class Quality:
    """`coverage`: class-1 packs granted over packs wanted, the mean of the items. Levels are (g / q) / w.

    `gini` of fill over all requests, `gini_inside` the mean of the classes' own, by their requests: the first also
    counts it as unequal that class 1 goes first, the second only what befalls equals.
    """

    coverage: float
    lowest_first: float
    lowest: float
    gini: float
    gini_inside: float
    tonne_km: float | None


@dataclass(frozen=True)
class Error:
    """How far grants are from the exact fair ones: requests that differ, and by how much their levels do."""

    requests: int
    mean: float
    largest: float


def quality_of(cases: Sequence[Case], answers: Sequence[Answer]) -> Quality:
    """The figures over some items together, `cases` and `answers` in the same order."""
    first = [case.priority == 1 for case in cases]
    covered = [
        answer.granted[mine].sum() / case.wanted[mine].sum()
        for case, answer, mine in zip(cases, answers, first, strict=True)
        if case.wanted[mine].sum()
    ]
    asks = np.concatenate([case.wanted > 0 for case in cases])
    priority = np.concatenate([case.priority for case in cases])[asks]
    fill = np.concatenate([_fill(case, answer) for case, answer in zip(cases, answers, strict=True)])[asks]
    level = fill / np.concatenate([case.weight for case in cases])[asks]
    inside = [(gini(fill[priority == number]), int((priority == number).sum())) for number in np.unique(priority)]
    return Quality(
        coverage=float(np.mean(covered)),
        lowest_first=float(level[priority == 1].min(initial=np.inf)),
        lowest=float(level.min(initial=np.inf)),
        gini=gini(fill),
        gini_inside=sum(value * count for value, count in inside) / max(sum(count for _, count in inside), 1),
        tonne_km=_tonne_km(cases, answers),
    )


def error_of(cases: Sequence[Case], answers: Sequence[Answer], exact: Sequence[Answer]) -> Error:
    """The distance of some answers from the exact ones; the mean is over all requests."""
    rows = zip(cases, answers, exact, strict=True)
    off = np.concatenate([np.abs(_fill(case, mine) - _fill(case, best)) / case.weight for case, mine, best in rows])
    return Error(int((off > 0).sum()), float(off.mean()), float(off.max(initial=0)))


def gini(values: Floats) -> float:
    """0 where all are equal, towards 1 where one has everything; 0 where nobody has anything."""
    if not values.sum():
        return 0.0
    ranked = np.sort(values)
    places = np.arange(1, len(ranked) + 1)
    return float((2 * places - len(ranked) - 1) @ ranked / (len(ranked) * ranked.sum()))


def _fill(case: Case, answer: Answer) -> Floats:
    return answer.granted / np.maximum(case.wanted, 1)


def _tonne_km(cases: Sequence[Case], answers: Sequence[Answer]) -> float | None:
    """The answers' pack-metres by weight, None where one of them says nothing of ways."""
    metres = [answer.pack_metres for answer in answers if answer.pack_metres is not None]
    if len(metres) < len(answers):
        return None
    return sum(far * case.kilograms for far, case in zip(metres, cases, strict=True)) / 10**6
