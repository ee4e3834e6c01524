"""Fairness as a user of min-cost flow would approximate it: each request in eight segments of rising cost.

Claims: on the whole network the greatest quantity class by class, and inside a class nearly the fair levels: who has
less gets the next segment first. Does not: reach the fair levels themselves. Inside the segment at which a class runs
out it is as unfair as any flow, and levels are only told apart to a thousandth. No reasons, no proof.
"""

from __future__ import annotations

import numpy as np

from tests.bench.baselines.textbook_flow import CLASSES, class_step, least_cost_flow
from tests.bench.case import Answer, Baseline, Case

SEGMENTS = 8
STEPS = 1000
"""Costs are integers: so many steps from empty to full."""


def ship_by_segments(case: Case) -> Answer:
    """The textbook's flow with up to eight arcs a request, dearer by class and by the level at which each begins."""
    request = np.repeat(np.arange(len(case.row)), SEGMENTS)
    number = np.tile(np.arange(SEGMENTS), len(case.row))
    begins = case.wanted[request] * number // SEGMENTS
    packs = case.wanted[request] * (number + 1) // SEGMENTS - begins
    level = begins / np.maximum(case.wanted[request], 1) / case.weight[request]
    level *= case.weight.min(initial=np.inf)  # the highest is 1
    cost = (case.priority[request] - CLASSES - 1) * (STEPS + 1) + np.rint(level * STEPS).astype(np.int64)
    some = packs > 0
    carried, granted = least_cost_flow(case, request[some], packs[some], cost[some] * class_step(case))
    return Answer(granted, int(carried @ case.metres))


BASELINES = (Baseline("min-cost flow, 8 segments", "nearly fair, near, with mutual aid", ship_by_segments),)
