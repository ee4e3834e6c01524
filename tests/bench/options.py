"""What the command line asks of the parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.bench.instances import HUBEI

QUICK_ITEMS, QUICK_MOVEMENTS = 3, 100_000


@dataclass(frozen=True)
class Options:
    """`runs` of ours and `baseline_runs` of each baseline, of which the median counts; baselines on the first items.

    `picture`: where to draw what fairness bought. `movements`: of the ledgers that are read, the smaller one.
    """

    divisions: Path | None = None
    items: int = 12
    baseline_items: int = 12
    runs: int = 5
    baseline_runs: int = 1
    workers: int = 2
    picture: Path | None = None
    movements: int = 1_000_000

    @property
    def tree(self) -> Path:
        """The divisions to draw instances over."""
        return self.divisions or HUBEI
