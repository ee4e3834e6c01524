"""A line in the log about each command that was run, for who collects logs: which, how it ended, how long it took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
import structlog

from supplyhub import logs


@contextmanager
def told(ctx: click.Context) -> Iterator[None]:
    """Tell of a command when it has ended, however it ends; never of its arguments."""
    logs.set_up("production")
    began, code = time.perf_counter(), 1
    try:
        yield
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
        raise
    except click.exceptions.Exit as end:
        code = end.exit_code
        raise
    except click.ClickException as refused:
        code = refused.exit_code
        raise
    finally:
        seconds = round(time.perf_counter() - began, 3)
        log = structlog.get_logger("supplyhub.command")
        log.info("command", command=ctx.invoked_subcommand, exit=code, seconds=seconds)
