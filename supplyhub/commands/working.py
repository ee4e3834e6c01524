"""What long commands share: progress on standard error, what Ctrl-C means, and who does the work."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Protocol, TypeVar

import click

import solver
from supplyhub.commands.saying import end_for_interrupt, say, stop
from supplyhub.domain.refusals import words

Command = TypeVar("Command", bound=Callable[..., Any])

NOT_COMPLETE = 3
"""Exit code of a command whose answer holds only part of what was asked."""
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
def stopped_by_interrupt() -> Iterator[Callable[[], bool]]:
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
            message = words("Stopping: nothing further is begun, what is done is kept. Ctrl-C again ends at once.")
            click.echo(say(message), err=True)
        return pressed > 0

    before = signal.signal(signal.SIGINT, press)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def ended_by_interrupt() -> Iterator[None]:
    """End in words where Ctrl-C ends the command: folders are written whole or not at all."""
    try:
        yield
    except KeyboardInterrupt:
        end_for_interrupt(words("Ended by Ctrl-C; nothing was written."))


def by_workers(command: Command) -> Command:
    """Add the options that say who does the work."""
    workers = click.option(
        "--workers",
        default=1,
        show_default=True,
        type=click.IntRange(1, 256),
        help="求解进程数,结果不变 / processes that solve; the answer is the same for any number",
    )
    cluster = click.option(
        "--cluster", metavar="ADDRESS", help="dask 调度器地址 / scheduler of a dask cluster that solves instead"
    )
    return workers(cluster(command))


@contextmanager
def at_work(workers: int, cluster: str | None) -> Iterator[solver.Executor]:
    """Who is to do the work; says so where some of them were lost over it."""
    if cluster is not None:
        with _client(cluster) as client:
            yield solver.Cluster(client)
    elif workers == 1:
        yield solver.InProcess()
    else:
        crew = solver.Processes(workers)
        yield crew
        if crew.lost:
            message = words("{lost} worker processes were lost; what they were asked was solved without them.")
            click.echo(say(message).format(lost=crew.lost), err=True)


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        stop(say(words("Clusters need the extra `distributed`: pip install 'supplyhub[distributed]'.")))
    try:
        return Client(address)
    except (OSError, ValueError) as error:
        stop(say(words("No cluster answers at {address}: {cause}")).format(address=address, cause=error))
