"""Seconds of wall clock: medians, and a line on the screen for what takes longer than one."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterable, Mapping
from time import perf_counter
from typing import TypeVar

from rich.console import Console

Result = TypeVar("Result")
_screen = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """A line of progress, apart from the tables."""
    _screen.print(text, style="dim")


def say_load() -> None:
    """Who else is at work: on a busy machine every figure is too high, and ratios wander."""
    say(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the first measurement")


def timed(act: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of one call, and what it gave."""
    started = perf_counter()
    result = act()
    return perf_counter() - started, result


def repeated(what: str, runs: int, act: Callable[[], Result]) -> tuple[float, Result]:
    """The median of some calls, and what the last one gave."""
    spent = []
    for _ in range(runs):
        seconds, result = timed(act)
        spent.append(seconds)
    if sum(spent) > 1:
        say(f"{what}: {statistics.median(spent):.2f} s, median of {runs}")
    return statistics.median(spent), result


def medians(runs: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The median of each figure over some runs that all hold the same figures."""
    listed = list(runs)
    return {name: statistics.median(run[name] for run in listed) for name in listed[0]}
