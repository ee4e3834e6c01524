"""Levels of requests, (packs / wanted) / weight, compared as the exact fractions they are."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.check.case import Case

EXACT_MAX = 2**52


def scales(case: Case) -> NDArray[Any]:
    """Packs wanted x numerator of the weight of each request; Python's integers where the product leaves int64."""
    wanted, weight = case.question.requests.wanted, case.question.requests.weight
    wide = int(wanted.max(initial=0)) * int(weight.max(initial=0)) >= 2**62
    kind = object if wide else np.int64
    scale: NDArray[Any] = wanted.astype(kind, copy=False) * weight.astype(kind, copy=False)
    return scale


def comparable(numerator: NDArray[Any], denominator: NDArray[Any]) -> NDArray[Any]:
    """Numbers that compare as these fractions do; numerators 0 or more, denominators more than 0.

    Floats do so while numerator x denominator stays below 2**52: two fractions that differ, differ by more than their
    rounding. Beyond that each is scaled to a whole number so large that different ones stay different, and ranked.
    """
    if _fit(numerator, denominator):
        return _quotients(numerator, denominator)
    common = np.gcd(numerator, denominator)
    over, under = numerator // common, denominator // common
    if _fit(over, under):
        return _quotients(over, under)
    shift = 2 * int(under.max()).bit_length()
    return ranks([(int(a) << shift) // int(b) for a, b in zip(over, under, strict=True)])


def _fit(numerator: NDArray[Any], denominator: NDArray[Any]) -> bool:
    return int(numerator.max(initial=0)) * int(denominator.max(initial=1)) < EXACT_MAX


def _quotients(numerator: NDArray[Any], denominator: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(numerator.astype(np.float64) / denominator.astype(np.float64))


def ranks(values: list[int]) -> NDArray[np.int64]:
    """Rank of each number, equal ones sharing one."""
    place = {value: rank for rank, value in enumerate(sorted(set(values)))}
    return np.array([place[value] for value in values], dtype=np.int64)
