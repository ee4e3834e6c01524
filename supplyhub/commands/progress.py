"""What long commands share: progress on standard error, and words where Ctrl-C ends them."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

import click

from supplyhub.commands.saying import end_for_interrupt, say
from supplyhub.domain.refusals import words

_FIRST_SECONDS, _EVERY_SECONDS = 1.0, 3.0
"""Where no terminal is, a line is written after so long, and then so often at most: logs are read by people too."""


class Shown(Protocol):
    """What is being done, and how many of how many are done where that can be said."""

    def __call__(self, what: str, done: int = 0, of: int = 0) -> None: ...


@contextmanager
def progress_shown() -> Iterator[Shown]:
    """A bar on a terminal, gone when all is done; lines now and then anywhere else."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done=0, of=0: bar.update(task, description=what, completed=done, total=of or None)


class _Lines:
    def __init__(self) -> None:
        self._due = monotonic() + _FIRST_SECONDS

    def __call__(self, what: str, done: int = 0, of: int = 0) -> None:
        if monotonic() >= self._due:
            self._due = monotonic() + _EVERY_SECONDS
            click.echo(f"{what} {done}/{of}" if of else what, err=True)


@contextmanager
def ended_by_interrupt() -> Iterator[None]:
    """End in words where Ctrl-C ends the command: folders are written whole or not at all."""
    try:
        yield
    except KeyboardInterrupt:
        end_for_interrupt(words("Ended by Ctrl-C; nothing was written."))


STOPPING = words("Stopping: nothing further is begun, what is done is kept. Ctrl-C again ends at once.")


@contextmanager
def stopped_by_interrupt(message: str = STOPPING) -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed, for work that looks now and then; pressed again it ends the work at once.

    Work that does not look is finished: what is solved is checked and written, whenever the first Ctrl-C comes.
    """
    pressed, told = 0, False

    def press(*_: object) -> None:
        nonlocal pressed
        pressed += 1
        if pressed > 1:
            raise KeyboardInterrupt

    def stopped() -> bool:
        nonlocal told
        if pressed and not told:
            told = True
            click.echo(say(message), err=True)
        return pressed > 0

    before = signal.signal(signal.SIGINT, press)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)
