"""What else could do the job, or part of it: each file one tool, used as somebody who knows it would use it.

A module names in `BASELINES` what it offers. Modules are imported one by one, so that a library that is not
installed costs its own row only.
"""

from __future__ import annotations

from importlib import import_module

from tests.bench.case import Baseline

MODULES = ("pairs", "textbook_flow", "glop", "highs", "segments", "pro_rata", "first_come")
DIVISOR = "pairs"
"""The module whose first baseline divides all others, and ours; what else it offers is shown as a harder divisor."""


def baselines_of(module: str) -> tuple[Baseline, ...]:
    """What a module offers. Raises ImportError where its library is missing."""
    offered: tuple[Baseline, ...] = import_module(f"{__name__}.{module}").BASELINES
    return offered
