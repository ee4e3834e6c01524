"""The tree as a linear program, given to GLOP and to HiGHS as a sparse matrix: what each arc carries, who gets what.

Claims, for both: on the tree the greatest quantity of class 1, then of class 2, and so on, over the fewest pack-km
that this costs. Does not: be fair inside a class, lend upward, give reasons or a proof. Columns are the arcs down and
then the requests; rows are the divisions, where what comes in goes on or stays, and the depots, which have so much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_matrix

from tests.bench.baselines.textbook_flow import CLASSES, class_step
from tests.bench.case import Answer, Case, Floats

METRES = 1000


@dataclass(frozen=True)
class TreeModel:
    """Minimise `cost` x subject to low <= matrix x <= high, 0 <= x <= `most`."""

    cost: Floats
    most: Floats
    matrix: csc_matrix
    low: Floats
    high: Floats


def model_of(case: Case) -> TreeModel:
    """The model of one item; kilometres keep the figures of the objective close together."""
    arcs, requests = case.down, len(case.row)
    arc, request = np.arange(arcs), arcs + np.arange(requests)
    row = np.concatenate([case.head[:arcs], case.tail[:arcs], case.division])
    column = np.concatenate([arc, arc, request])
    sign = np.repeat([1.0, -1.0, -1.0], [arcs, arcs, requests])
    reward = (CLASSES + 1 - case.priority) * class_step(case)
    return TreeModel(
        cost=np.concatenate([case.metres[:arcs], -reward]) / METRES,
        most=np.concatenate([np.full(arcs, np.inf), case.wanted]),
        matrix=csc_matrix((sign, (row, column)), shape=(len(case.packs), arcs + requests)),
        low=-case.packs.astype(np.float64),
        high=np.zeros(len(case.packs)),
    )


def answer_of(case: Case, values: Floats) -> Answer:
    """Whole packs from the values of the columns: every corner of this model is whole."""
    packs = np.rint(values).astype(np.int64)
    return Answer(packs[case.down :], int(packs[: case.down] @ case.metres[: case.down]))
