"""Posting through the API beside raw statements of the same server in the same run, and SQLite's writers in a crowd."""

from __future__ import annotations

import json
import shutil
import statistics
import tempfile
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from supplyhub.persistence.engine import make_engine
from supplyhub.service.unit_of_work import Hub
from tests.bench.clock import say
from tests.bench.databases import find_pgbench, on_postgresql
from tests.bench.options import Options
from tests.bench.posting.clients import run_clients
from tests.bench.posting.embedded import measure_writers
from tests.bench.posting.raw import LINES, SHELVES, find_shelves, run_raw, write_scripts
from tests.bench.posting.server import ONLY_READ, PROCESSES, serving
from tests.bench.tables import show, table_of
from tests.calling import make_callers
from tests.world import build_world

RECEIPTS = "/api/v1/receipts"
SECONDS = 4


@dataclass(frozen=True)
class Promise:
    """A figure as a share of another of the same run, the least that is promised, and what is hoped for."""

    title: str
    figure: str
    of: str
    least: float
    hope: float


PROMISES = (
    Promise(f"bulk of {LINES:,}, 4 clients, of raw batches", "bulk", "raw batch", 0.45, 0.75),
    Promise("single posts, 16 clients, of raw statements", "single", "raw one", 0.08, 0.2),
    Promise("single posts, of letting in and reading alone", "single", "only read", 0.3, 0.6),
    Promise("one hot balance, 64 clients, of raw hot", "hot", "raw hot", 0.4, 1.0),
)


def run(options: Options) -> None:
    """PostgreSQL where there is one, then SQLite."""
    with tempfile.TemporaryDirectory() as scratch:
        _run_postgresql(options, Path(scratch))
        _run_sqlite(options, Path(scratch))


def _run_postgresql(options: Options, scratch: Path) -> None:
    pgbench = find_pgbench()
    if pgbench is None:
        say("without PostgreSQL's programs (initdb, pgbench): its part is left out")
        return
    with on_postgresql() as found:
        world = build_world(Hub(make_engine(found.service)))
        token = make_callers(world, found.service).caller("keeper").token
        with serving(found.service) as address:
            _fill_shelves(address, token)
            engine = make_engine(found.owner)
            scripts = write_scripts(find_shelves(engine), scratch)
            raw = partial(run_raw, pgbench, found.owner, seconds=SECONDS)
            api = partial(_run_api, address, token)
            rounds = [_round(number, raw, api, scripts, partial(_tidy, engine)) for number in range(options.runs)]
            engine.dispose()
        world.hub.engine.dispose()
    figures = {name: statistics.median(found[name] for found in rounds) for name in rounds[0]}
    _show_figures(figures)
    _show_promises(figures)


def _fill_shelves(address: tuple[str, int], token: str) -> None:
    """One receipt a thousand lots, so that every balance is there before anything is measured."""
    for part in range(SHELVES // LINES):
        lots = [f"S{number}" for number in range(part * LINES, (part + 1) * LINES)]
        load = run_clients(address, 1, lambda _, lots=lots: _receipt(token, RECEIPTS, lots), most=1)
        if load.statuses != {201: 1}:
            raise RuntimeError(f"filling the shelves was answered with {dict(load.statuses)}")


def _receipt(token: str, path: str, lots: list[str]) -> bytes:
    lines = [{"item": "mask", "quantity": 1, "lot": lot} for lot in lots]
    body = json.dumps({"depot": "A1", "lines": lines}).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {uuid.uuid4()}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _tidy(engine: Engine) -> None:
    """Clear away what the last measurement has left, which the next would else pay for, or not, as it happens."""
    with engine.connect() as connection:
        connection.connection.execute("VACUUM ANALYZE balance, posting, movement, answer")


def _round(
    number: int,
    raw: Callable[..., float],
    api: Callable[..., float],
    scripts: Mapping[str, Path],
    tidy: Callable[[], None],
) -> dict[str, float]:
    """Each figure once, what is compared right after one another."""
    say(f"round {number + 1}: {SECONDS} s each")

    def any_lot(turn: int) -> list[str]:
        return [f"S{turn * 7919 % SHELVES}"]

    def many_lots(turn: int) -> list[str]:
        part = turn % (SHELVES // LINES)
        return [f"S{lot}" for lot in range(part * LINES, (part + 1) * LINES)]

    measured = {
        "raw one": lambda: raw(script=scripts["one"], clients=16),
        "only read": lambda: api(ONLY_READ, 16, any_lot),
        "single": lambda: api(RECEIPTS, 16, any_lot),
        "raw hot": lambda: raw(script=scripts["hot"], clients=64),
        "hot": lambda: api(RECEIPTS, 64, lambda _: ["S0"]),
        "raw batch": lambda: raw(script=scripts["batch"], clients=4),
        "bulk": lambda: api(RECEIPTS, 4, many_lots),
    }
    figures = {}
    for name, measure in measured.items():
        tidy()
        figures[name] = measure()
    return figures


def _run_api(address: tuple[str, int], token: str, path: str, clients: int, lots: Callable[[int], list[str]]) -> float:
    """Answers in a second, all of them good ones."""
    load = run_clients(address, clients, lambda turn: _receipt(token, path, lots(turn)), seconds=SECONDS)
    if set(load.statuses) - {200, 201}:
        raise RuntimeError(f"{path} answered {dict(load.statuses)}")
    return load.per_second


def _show_figures(figures: Mapping[str, float]) -> None:
    table = table_of(
        f"PostgreSQL, gunicorn with {PROCESSES} processes, all on one machine; medians",
        *("what", "a second"),
    )
    for name, figure in figures.items():
        table.add_row(name, f"{figure:,.1f}")
    show(table)


def _show_promises(figures: Mapping[str, float]) -> None:
    table = table_of("shares", "what", "share", "at least", "hoped for", "")
    for promise in PROMISES:
        share = figures[promise.figure] / figures[promise.of]
        table.add_row(promise.title, f"{share:.3f}", f"{promise.least}", f"{promise.hope}", _reached(share, promise))
    show(table)


def _reached(share: float, promise: Promise) -> str:
    if share >= promise.hope:
        return "moonshot"
    return "met" if share >= promise.least else "not met"


def _run_sqlite(options: Options, scratch: Path) -> None:
    """The longest waits of one in a hundred writes, in a crowd of threads."""
    tails: dict[str, list[float]] = {"bare": [], "ours": []}
    for number in range(options.runs):
        folder = scratch / f"sqlite-{number}"
        folder.mkdir()
        for name, waits in measure_writers(folder).items():
            tails[name].append(waits[int(len(waits) * 0.99)])
        shutil.rmtree(folder)
    bare, ours = (statistics.median(tails[name]) for name in ("bare", "ours"))
    table = table_of("SQLite, 16 threads posting 100 receipts each", "what", "p99 ms")
    for name, tail in (("bare connections, SQLite's busy handler", bare), ("ours, in turns and together", ours)):
        table.add_row(name, f"{tail * 1e3:,.1f}")
    table.add_row(f"share, at most 0.1: {'met' if ours <= bare / 10 else 'not met'}", f"{ours / bare:.3f}")
    show(table)
