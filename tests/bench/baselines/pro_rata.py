"""按比例分配: what a competent official does by hand, in proportion to what is asked, tier after tier down the tree.

Each office first counts what its own stock leaves uncovered below it and reports that upward; what it then has, from
above and of its own, it splits in proportion to these reports and to what is asked of itself, in whole packs by the
largest remainder. Nothing that somebody below could use is left. Two ways: whoever asks, or class after class.
Claims: whole packs that exist, over the tree, all that can be used, used. Does not: put life first (the first way);
lift the worst off, since whoever lives beside a full depot is reckoned as served before others get anything; lend
upward; choose lots; give reasons or a proof.
"""

from __future__ import annotations

import numpy as np

from tests.bench.case import Answer, Baseline, Case, Ints, sums, sums_before


def split_among_all(case: Case) -> Answer:
    """Whoever asks, by quantity."""
    granted, _ = _split(case, _held(case), case.wanted)
    return Answer(granted)


def split_by_class(case: Case) -> Answer:
    """Class 1 first, by quantity; then class 2 from what is left, and so on."""
    granted, held = np.zeros(len(case.row), dtype=np.int64), _held(case)
    for priority in np.unique(case.priority):
        mine, held = _split(case, held, np.where(case.priority == priority, case.wanted, 0))
        granted += mine
    return Answer(granted)


def _held(case: Case) -> Ints:
    """Packs on offer in each division's own depots."""
    stands = case.depot_division >= 0
    return sums(case.depot_division[stands], case.offered[stands], case.divisions)


def _split(case: Case, held: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """Packs of each request, and what each division is left with."""
    reported, held = _reported(case, held, wanted), held.copy()
    granted = np.zeros(len(wanted), dtype=np.int64)
    for depth in range(int(case.depth.max(initial=0)) + 1):
        asks = np.flatnonzero((case.depth[case.division] == depth) & (wanted > 0))
        below = np.flatnonzero((case.depth == depth + 1) & (reported > 0))
        office = np.concatenate([case.division[asks], case.parent[below]])
        given = in_proportion(office, np.concatenate([wanted[asks], reported[below]]), held)
        held -= sums(office, given, case.divisions)
        granted[asks] = given[: len(asks)]
        held[below] += given[len(asks) :]
    return granted, held


def _reported(case: Case, held: Ints, wanted: Ints) -> Ints:
    """What each division lacks for itself and all below it."""
    lacks = sums(case.division, wanted, case.divisions)
    for depth in range(int(case.depth.max(initial=0)), -1, -1):
        rows = np.flatnonzero(case.depth == depth)
        lacks[rows] = np.maximum(lacks[rows] - held[rows], 0)
        below = rows[case.parent[rows] >= 0]
        np.add.at(lacks, case.parent[below], lacks[below])
    return lacks


def in_proportion(office: Ints, asked: Ints, held: Ints) -> Ints:
    """What each gets of `held[office]`: all it asked if that suffices, else its share by the largest remainder."""
    total = sums(office, asked, len(held))[office]
    some = np.minimum(held[office], total)
    given, remainder = np.divmod(some * asked, total)
    order = np.lexsort((-remainder, office))
    left = some - sums(office, given, len(held))[office]
    place = sums_before(office[order], np.ones(len(order), dtype=np.int64))
    given[order] += place < left[order]
    return given


BASELINES = (
    Baseline("pro rata", "tree only, whoever asks", split_among_all),
    Baseline("pro rata, class after class", "life first, tree only", split_by_class),
)
