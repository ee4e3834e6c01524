"""The tables that `make bench` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from tests.bench.clock import Time
from tests.bench.ours import TARGETS
from tests.bench.quality import Error, Quality

PAPER = 170
"""Columns where the output is no terminal."""
CLOCKS = ("processor s", "wall s")


@dataclass(frozen=True)
class Row:
    """One way to do the job: its time for all items, and what came of it."""

    title: str
    job: str
    time: Time
    quality: Quality
    error: Error | None = None


def show(table: Table) -> None:
    """Print at the width of the screen, or wide."""
    console = Console()
    Console(width=None if console.is_terminal else PAPER).print(table)


def table_of(title: str, *columns: str, words: int = 1) -> Table:
    """A table whose first columns hold words and the others numbers."""
    table = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place < words else "right", no_wrap=place < words)
    return table


def show_rows(rows: Sequence[Row], divisor: Time | None, measured_on: str) -> None:
    """Time of every way to do the job, or part of it, and what it is worth."""
    table = table_of(measured_on, "what", "its job", *CLOCKS, "times faster than PuLP", words=2)
    for row in rows:
        table.add_row(row.title, row.job, *clocks(row.time), f"{divisor.work / row.time.work:,.1f}" if divisor else "")
    show(table)
    _show_worth(rows)


def _show_worth(rows: Sequence[Row]) -> None:
    covered = ("class 1 covered", "lowest level, class 1", "lowest level of all")
    spread = ("Gini of fill", "Gini inside classes", "tonne-km")
    apart = ("requests not as exact", "levels off, mean", "levels off, most")
    table = table_of("what it is worth", "what", *covered, *spread, *apart)
    for row in rows:
        table.add_row(row.title, *_quality(row.quality), *_error(row.error))
    show(table)


def _quality(found: Quality) -> tuple[str, ...]:
    exact = (f"{value:.4f}" for value in (found.lowest_first, found.lowest, found.gini, found.gini_inside))
    return (f"{found.coverage:.2%}", *exact, "" if found.tonne_km is None else f"{found.tonne_km:,.0f}")


def _error(found: Error | None) -> tuple[str, ...]:
    return ("", "", "") if found is None else (f"{found.requests:,}", f"{found.mean:.4f}", f"{found.largest:.4f}")


def show_phases(phases: Mapping[str, Time]) -> None:
    """Where our own time goes."""
    table = table_of("ours by phase, medians", "phase", *CLOCKS)
    for phase, time in phases.items():
        table.add_row(phase, *clocks(time))
    show(table)


def show_ratios(targets: Mapping[str, Time], disk: Time, divisor: Time | None, harder: Time | None) -> None:
    """Our time as a part of the divisor's, beside what is promised and what is hoped for, and of a harder one's."""
    against = f"against PuLP + CBC in memory: {divisor.work:.1f} processor s" if divisor else "without a divisor"
    tuned = f"part of tuned ({harder.work:.1f} s)" if harder else ""
    names = ("part of PuLP", "limit", "moonshot", "", tuned, "times raw disk")
    table = table_of(f"ours, one thread, {against}", "what", *CLOCKS, *names)
    for target in TARGETS:
        time = targets[target.name]
        ratio = divisor.work / time.work if divisor else 0.0
        part = (f"1/{ratio:,.0f}" if divisor else "", f"1/{target.limit}", f"1/{target.moonshot}")
        disks = f"{time.wall / disk.wall:.0f}"
        of_tuned = f"1/{harder.work / time.work:,.0f}" if harder else ""
        table.add_row(target.title, *clocks(time), *part, _reached(ratio, target.limit), of_tuned, disks)
    table.add_row("raw .npy write + read of the same numbers", *clocks(disk), "", "", "", "", "", "1")
    show(table)


def clocks(time: Time) -> tuple[str, str]:
    """The cells below CLOCKS."""
    return f"{time.work:.3f}", f"{time.wall:.3f}"


def _reached(ratio: float, limit: int) -> str:
    if ratio >= 2 * limit:
        return "moonshot"
    return "met" if ratio >= limit else "not met"
