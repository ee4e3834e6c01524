"""`make bench`: what things cost and what they are worth, beside baselines of the same run.

`python -m tests.bench [PART ...]` runs the parts named, else all but the nation. Medians of several runs; nothing here
passes or fails.
"""

from __future__ import annotations

import argparse
import os
from importlib import import_module
from pathlib import Path

from tests.bench import ONE_THREAD

PARTS = ("solver", "fairness", "ledger", "reads", "nation")
USUAL = ("solver", "fairness", "ledger", "reads")


def main() -> None:
    """Run the parts that are asked for, one after the other."""
    # Before any part is imported; commands that are timed inherit it.
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    asked = _arguments()
    from tests.bench.clock import say_load
    from tests.bench.options import QUICK_ITEMS, QUICK_MOVEMENTS, Options

    items = min(asked.items, QUICK_ITEMS) if asked.quick else asked.items
    options = Options(
        divisions=asked.divisions,
        items=asked.items,
        baseline_items=min(asked.baseline_items or items, asked.items),
        runs=asked.runs,
        baseline_runs=asked.baseline_runs,
        workers=asked.workers,
        picture=asked.picture,
        movements=min(asked.movements, QUICK_MOVEMENTS) if asked.quick else asked.movements,
    )
    say_load()
    for part in asked.parts or USUAL:
        import_module(f"tests.bench.parts.{part}").run(options)
    if "nation" not in asked.parts:
        print("The whole country, some minutes more: make bench NATION=1")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; default: {' '.join(USUAL)}")
    parser.add_argument("--divisions", type=Path, help="a divisions.csv or .csv.gz; default: Hubei, or the nation")
    parser.add_argument("--items", type=int, default=12)
    parser.add_argument("--baseline-items", type=int, help="baselines on the first so many items, scaled to all")
    parser.add_argument("--quick", action="store_true", help="baselines on 3 items, ledgers of 100,000 movements")
    parser.add_argument("--runs", type=int, default=5, help="runs of ours; the median is printed")
    parser.add_argument("--baseline-runs", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="processes of the commands that plan the nation")
    parser.add_argument("--picture", type=Path, help="draw what fairness bought into this SVG file")
    parser.add_argument("--movements", type=int, default=1_000_000, help="of the ledger that is read, and four times")
    asked = parser.parse_args()
    unknown = set(asked.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return asked


if __name__ == "__main__":
    main()
