"""What if: a question and variants of it answered in one go, and what is different where."""

from solver.whatif.asking import Outcome, WhatIf, what_if
from solver.whatif.changes import AddStock, Change, ChangeBasis, ChangeRequest, ChangeShare, ReleaseReserves
from solver.whatif.differences import Differences, Side, differences, totals
from solver.whatif.example import EXAMPLE
from solver.whatif.reading import read_variants
from solver.whatif.roads import ChangeCapacity, CloseRoad, OpenRoad
from solver.whatif.variants import MalformedVariants, Variant
from solver.whatif.writing import write_what_if

__all__ = [
    "EXAMPLE",
    "AddStock",
    "Change",
    "ChangeBasis",
    "ChangeCapacity",
    "ChangeRequest",
    "ChangeShare",
    "CloseRoad",
    "Differences",
    "MalformedVariants",
    "OpenRoad",
    "Outcome",
    "ReleaseReserves",
    "Side",
    "Variant",
    "WhatIf",
    "differences",
    "read_variants",
    "totals",
    "what_if",
    "write_what_if",
]
