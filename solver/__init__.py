"""Fair shares of scarce supplies over any network, in whole packs: exact, deterministic and explained."""

from solver.digest import input_digest
from solver.folder import read_instance, write_instance
from solver.plan import LIMITS, Flows, MalformedPlan, Plan, Shipments
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
from solver.solve import Cancelled, solve

__version__ = "0.1.0"

__all__ = [
    "LEVELS",
    "LIMITS",
    "MODEL_VERSION",
    "NO_EXPIRY",
    "Cancelled",
    "Demand",
    "Depots",
    "Divisions",
    "Fault",
    "Flows",
    "Items",
    "Links",
    "MalformedPlan",
    "MalformedProblem",
    "Plan",
    "Problem",
    "Settings",
    "Shipments",
    "Stock",
    "input_digest",
    "read_instance",
    "solve",
    "write_instance",
]
