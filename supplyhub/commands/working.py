"""What commands that solve share: who does the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

import solver
from supplyhub.commands.saying import say, stop
from supplyhub.domain.refusals import words

Command = TypeVar("Command", bound=Callable[..., Any])

NOT_COMPLETE = 3
"""Exit code of a command whose answer holds only part of what was asked."""


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
