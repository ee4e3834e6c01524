"""Fair shares of scarce supplies over any network, in whole packs: exact, deterministic and explained."""

from solver.check import check
from solver.digest import input_digest
from solver.executors import Cluster, Executor, InProcess, Processes
from solver.folder import FolderOccupied, read_grants, read_instance, read_plan, write_instance, write_plan
from solver.plan import LIMITS, Flows, Limits, MalformedPlan, Plan, Prices, Shipments, hours_text
from solver.problem import (
    LEVELS,
    MODEL_VERSION,
    NO_EXPIRY,
    Demand,
    Depots,
    Divisions,
    Fault,
    Items,
    Links,
    MalformedProblem,
    Problem,
    Settings,
    Stock,
)
from solver.solve import solve
from solver.whatif import Variant, WhatIf, what_if

__version__ = "0.1.0"

__all__ = [
    "LEVELS",
    "LIMITS",
    "MODEL_VERSION",
    "NO_EXPIRY",
    "Cluster",
    "Demand",
    "Depots",
    "Divisions",
    "Fault",
    "Executor",
    "Flows",
    "InProcess",
    "Limits",
    "Prices",
    "Processes",
    "FolderOccupied",
    "Items",
    "Links",
    "MalformedPlan",
    "MalformedProblem",
    "Plan",
    "Problem",
    "Settings",
    "Shipments",
    "Stock",
    "Variant",
    "WhatIf",
    "check",
    "hours_text",
    "input_digest",
    "read_grants",
    "read_instance",
    "read_plan",
    "solve",
    "what_if",
    "write_instance",
    "write_plan",
]
