"""The question: who stores what, who asks for what, and over which ways it may go, as checked integer arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solver.problem.rows import stacked, taken
from solver.problem.rules import find_faults
from solver.problem.tables import (
    BASES,
    CLASSES,
    HOURS_DECIMALS,
    HOURS_MAX,
    KINDS,
    LEVELS,
    METRES_MAX,
    MODEL_VERSION,
    NO_EXPIRY,
    QUANTITY_MAX,
    TOTAL_MAX,
    UNLIMITED,
    WEIGHT_MAX,
    Bool,
    Demand,
    Depots,
    Divisions,
    Fault,
    Int8,
    Int32,
    Int64,
    Items,
    Links,
    Settings,
    Stock,
    Tables,
    Texts,
    no_links,
)

__all__ = [
    "BASES",
    "CLASSES",
    "HOURS_DECIMALS",
    "HOURS_MAX",
    "KINDS",
    "LEVELS",
    "METRES_MAX",
    "MODEL_VERSION",
    "NO_EXPIRY",
    "QUANTITY_MAX",
    "TOTAL_MAX",
    "UNLIMITED",
    "WEIGHT_MAX",
    "MalformedProblem",
    "Problem",
    "Bool",
    "Demand",
    "Depots",
    "Divisions",
    "Fault",
    "Int8",
    "Int32",
    "Int64",
    "Items",
    "Links",
    "Settings",
    "Stock",
    "Tables",
    "Texts",
    "no_links",
    "stacked",
    "taken",
]


class MalformedProblem(ValueError):
    """The question cannot be asked as it stands; `faults` holds every reason."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Problem(Tables):
    """The whole question. Raises MalformedProblem, with every fault, when the tables do not fit together."""

    def __post_init__(self) -> None:
        faults = find_faults(self)
        if faults:
            raise MalformedProblem(faults)
