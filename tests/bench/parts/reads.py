"""Stock of one item at province level through the API, beside the raw statement in the same run, as history grows.

Two ledgers on each database: one; and one with four times the movements, twice the lots (as many again are used up)
and ten times the closed orders. Calls go through the application by Flask's test client, without a network; the raw
statement through the bare driver on an open connection. All four in turn, item after item, so that what else the
machine does falls on all of them.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import quantiles
from time import perf_counter
from typing import Any, TypeAlias

import structlog

from supplyhub.app import create_app
from supplyhub.config import Config
from supplyhub.domain.people import Role, User
from supplyhub.persistence.engine import make_engine
from supplyhub.service.people import make_token
from supplyhub.service.unit_of_work import Hub, Work
from tests.bench.clock import say
from tests.bench.databases import Database, databases
from tests.bench.ledgers import BEGAN, Size, make_ledger
from tests.bench.options import Options
from tests.bench.tables import show, table_of

CALLS, WARMING = 1_000, 100
RAW_LIMIT, GROWTH_LIMIT = 20, 1.2
RAW = (
    "SELECT sum(on_hand), sum(reserved) FROM balance "
    "WHERE {live} AND item_id = {mark} AND pos >= {mark} AND pos < {mark}"
)
Ask: TypeAlias = Callable[[int], int]
"""Units on hand of an item, by its number from 1 on."""
Spent: TypeAlias = dict[tuple[str, str], list[float]]
"""Milliseconds of each call, by ledger and way."""


def run(options: Options) -> None:
    """Make the ledgers, read, print."""
    once = size_of(options.movements)
    grown = replace(once, movements=4 * once.movements, spent=once.balances, closed_orders=10 * once.closed_orders)
    for name, database in databases():
        with ExitStack() as stack:
            # Lines of the log are made as ever, and written where nobody reads them.
            unread = stack.enter_context(Path(os.devnull).open("w", encoding="utf-8"))
            structlog.configure(logger_factory=structlog.WriteLoggerFactory(unread))
            ways = {}
            for ledger, size in (("once", once), ("grown", grown)):
                scratch = stack.enter_context(database())
                fill(scratch.owner, size, f"{name}, {ledger}")
                ways[ledger, "raw"], ways[ledger, "API"] = stack.enter_context(_ways(scratch))
            _show(name, {"once": once, "grown": grown}, ask_in_turn(ways, once.items))


def size_of(movements: int) -> Size:
    """A ledger of so many movements: each depot holds every item, as in the great one; there are fewer items."""
    whole = Size()
    items = min(whole.items, movements // 5_000)
    return replace(
        whole, movements=movements, items=items, balances=items * whole.depots, closed_orders=movements // 100
    )


def fill(url: str, size: Size, title: str) -> None:
    """A ledger of this size, with what databases do to it by themselves in time."""
    hub = Hub(make_engine(url))
    make_ledger(hub, size, told=lambda step: say(f"{title}: {step}"))
    settling = "VACUUM ANALYZE" if hub.engine.dialect.name == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)"
    connection = hub.engine.raw_connection()  # VACUUM begins no transaction
    connection.cursor().execute(settling)
    connection.close()
    hub.engine.dispose()


def ask_in_turn(ways: dict[tuple[str, str], Ask], items: int) -> Spent:
    """Every way for one item after another; each must say what the others say of the same ledger."""
    random, spent = Random(1), defaultdict[tuple[str, str], list[float]](list)
    for turn in range(-WARMING, CALLS):
        item, said = random.randrange(items) + 1, defaultdict[str, set[int]](set)
        for (ledger, way), ask in ways.items():
            began = perf_counter()
            said[ledger].add(ask(item))
            if turn >= 0:
                spent[ledger, way].append((perf_counter() - began) * 1000)
        assert all(len(units) == 1 for units in said.values()), said
    return spent


@contextmanager
def _ways(scratch: Database) -> Iterator[tuple[Ask, Ask]]:
    """The raw statement, and the call through the application by somebody who sees the whole province.

    On PostgreSQL the statement is its owner's, whom no policy binds; the application is bound by all of them.
    """
    hub = Hub(make_engine(scratch.owner))
    app = create_app(Config(scratch.service, "bench-only-" * 4, "production"))
    token, client = hub.write(_let_in, at=BEGAN), app.test_client()
    sqlite = hub.engine.dialect.name == "sqlite"
    statement = RAW.format(live="live = 1" if sqlite else "live", mark="?" if sqlite else "%s")
    connection = hub.engine.raw_connection()
    cursor: Any = connection.cursor()

    def ask_raw(item: int) -> int:
        cursor.execute(statement, (item, 0, 2**62))
        return int(cursor.fetchone()[0])

    def ask_api(item: int) -> int:
        path = f"/api/v1/stock?item=item-{item:04}"
        answer: Any = client.get(path, headers={"Authorization": f"Bearer {token}"}).json
        return int(answer["items"][0]["subtree"]["on_hand"])

    try:
        yield ask_raw, ask_api
    finally:
        connection.close()
        hub.engine.dispose()
        app.extensions["supplyhub"].engine.dispose()


def _let_in(work: Work) -> str:
    [province] = work.places.list_divisions(limit=1)
    user = User(0, "reader", "读者", Role.SUPERVISOR, province.id, active=True, demo=False)
    actor = work.people.find_actor(work.people.add_user(user, "no password", at=BEGAN))
    assert actor is not None
    return make_token(work, actor, "reader", "bench")[1]


def _show(name: str, sizes: dict[str, Size], spent: Spent) -> None:
    table = table_of(
        f"stock of one item, {sizes['once'].places:,} places, {sizes['once'].depots:,} depots, {name}, {CALLS:,} calls",
        *("movements", "balances", "of them spent", "raw p50 ms", "p95", "API p50 ms", "p95", "API / raw, p95"),
        *(f"limit {RAW_LIMIT}", "API grown / once, p95", f"limit {GROWTH_LIMIT}"),
    )
    cuts = {way: quantiles(times, n=100) for way, times in spent.items()}
    for ledger, size in sizes.items():
        raw, api, before = (cuts[way] for way in ((ledger, "raw"), (ledger, "API"), ("once", "API")))
        gone = size.spent + size.closed_orders
        counts = (f"{size.movements:,}", f"{size.balances + gone:,}", f"{gone:,}")
        times = (f"{milliseconds:.2f}" for milliseconds in (raw[49], raw[94], api[49], api[94]))
        table.add_row(*counts, *times, *_held(api[94] / raw[94], RAW_LIMIT), *_held(api[94] / before[94], GROWTH_LIMIT))
    show(table)


def _held(ratio: float, limit: float) -> tuple[str, str]:
    return f"{ratio:.2f}", "met" if ratio <= limit else "not met"
