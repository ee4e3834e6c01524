"""Seconds, and a line on the screen for what takes more than one."""

from __future__ import annotations

import os
import resource
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TypeVar

from rich.console import Console

Result = TypeVar("Result")
_screen = Console(stderr=True, highlight=False)


@dataclass(frozen=True)
class Time:
    """Seconds of processor, of this process and of those it waited for, and seconds on the wall.

    For one thread on an idle machine they are the same. Where others are at work the wall counts their work too, so
    ratios are taken of the processor's; what runs on several threads pays for each.
    """

    work: float
    wall: float

    def __add__(self, other: Time) -> Time:
        return Time(self.work + other.work, self.wall + other.wall)

    def __sub__(self, other: Time) -> Time:
        return Time(self.work - other.work, self.wall - other.wall)

    def times(self, part: float) -> Time:
        """A part of it, or a multiple."""
        return Time(self.work * part, self.wall * part)

    def of_wall(self, wall: float) -> Time:
        """The part of it that took so long on the wall, its work in proportion."""
        return self.times(wall / self.wall)


def say(text: str) -> None:
    """A line of progress, apart from the tables."""
    _screen.print(text, style="dim")


def say_load() -> None:
    """Who else is at work."""
    say(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the first measurement")


def timed(act: Callable[[], Result]) -> tuple[Time, Result]:
    """One call, and what it gave."""
    worked, started = _work(), perf_counter()
    result = act()
    return Time(_work() - worked, perf_counter() - started), result


def median(times: Iterable[Time]) -> Time:
    """The median of each clock."""
    listed: Sequence[Time] = list(times)
    return Time(statistics.median(time.work for time in listed), statistics.median(time.wall for time in listed))


def medians(runs: Sequence[dict[str, Time]]) -> dict[str, Time]:
    """The median of each figure over runs that all hold the same figures."""
    return {name: median(run[name] for run in runs) for name in runs[0]}


def _work() -> float:
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)
