"""Documents over the same lots in any order, sixty-four at once over HTTP: no deadlock, and every unit is counted.

SUPPLYHUB_ORDER_ROUNDS says how often (1 unless told). Retries are those that the servers' own metrics count. Locking in
the order of a document's lines stands beside the product and must deadlock on PostgreSQL in the same run.
"""

from __future__ import annotations

import re
import urllib.request
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import sqlalchemy as sa

from tests.conftest import Tell
from tests.rigs.contests import ITEM, Rig, line_of
from tests.rigs.counts import count
from tests.rigs.crowd import CLIENTS, Call, gathered
from tests.rigs.serving import SECRET, serving
from tests.rigs.test_contention import prepare
from tests.world import World

ROUNDS = count("ORDER_ROUNDS", 1)
LOTS = 6
STEPS = 4
"""Orders of a round that are dispatched, that arrive, and that are cancelled, so many each."""
NAIVE = 16
RETRIED = re.compile(r'^supplyhub_retries_total\{cause="(\w+)"\} (\d+)', re.MULTILINE)


class Books:
    """What should stand in the county's depot afterwards, and what was sent."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.lots = {f"any-{n}": rig.receive(f"any-{n}", 100_000) for n in range(LOTS)}
        self.free = Counter(dict.fromkeys(self.lots.values(), 100_000))
        self.sent = Counter[str]()

    def some(self) -> dict[str, int]:
        """A few lots in any order, and units of each."""
        names = self.rig.random.sample(list(self.lots), self.rig.random.randint(2, LOTS))
        return {name: self.rig.random.randint(1, 9) for name in names}

    def change(self, units: dict[str, int], sign: int) -> None:
        """Write down what a document does to what is free."""
        for name, number in units.items():
            self.free[self.lots[name]] += sign * number

    def document(self, path: str, units: dict[str, int]) -> Call:
        """A document over some lots."""
        self.sent[path] += 1
        self.change(units, 1 if path == "/receipts" else -1)
        lines: list[dict[str, Any]] = [line_of(self.lots[name], count) for name, count in units.items()]
        if path == "/receipts":
            lines = [
                {"item": ITEM, "quantity": n, "lot": name, "expires_on": "2099-01-01"} for name, n in units.items()
            ]
        if path == "/counts":
            lines = [{"lot_id": self.lots[name], "seen": 50, "counted": 50 - n} for name, n in units.items()]
        ends = {"from_depot": "A1", "to_depot": "T"} if path == "/transfers" else {"depot": "A1"}
        return self.rig.keeper(path, {**ends, "lines": lines})

    def step(self, name: str, *, dispatched: bool = False) -> Call:
        """A step of an order made for it."""
        units = self.some()
        order = self.rig.crowd.one(self.document("/transfers", units)).json["id"]
        if dispatched:
            self.rig.crowd.one(self.rig.keeper(f"/transfers/{order}/dispatch"), 200)
        if name == "cancellation":
            self.change(units, 1)
        self.sent[name] += 1
        return self.rig.keeper(f"/transfers/{order}/{name}", {"depot": "T"} if name == "arrival" else None)

    def round(self) -> list[Call]:
        """A round's calls, in any order."""
        calls = [self.step("dispatch") for _ in range(STEPS)]
        calls += [self.step("arrival", dispatched=True) for _ in range(STEPS)]
        calls += [self.step("cancellation") for _ in range(STEPS)]
        paths = ("/receipts", "/issues", "/counts", "/transfers")
        calls += [self.document(self.rig.random.choice(paths), self.some()) for _ in range(CLIENTS - len(calls))]
        self.rig.random.shuffle(calls)
        return calls


def test_documents_in_any_order_do_not_deadlock(world: World, database_url: str, owner: sa.Engine, tell: Tell) -> None:
    engine, deadlocks = world.hub.engine.dialect.name, 0
    tokens = prepare(world, owner)
    with serving(database_url) as ports, gathered(ports) as crowd:
        rig = Rig(world.hub, crowd, tokens, Random(20260701))
        books = Books(rig)
        for _ in range(ROUNDS):
            replies = crowd.at_once(books.round())
            assert {reply.status for reply in replies} <= {200, 201}, [r.body for r in replies if r.status > 201]
            deadlocks += naive_deadlocks(rig)
        assert Counter(rig.all_free()) == books.free
        retried = retries(ports)
    sent = ", ".join(f"{path.strip('/')} {count}" for path, count in sorted(books.sent.items()))
    tell(f"documents in any order on {engine}, {ROUNDS} rounds of {CLIENTS} at once: {sent}")
    tell(f"  deadlocks or other 5xx 0; retried inside {dict(retried)}; the naive variant deadlocked {deadlocks} times")
    if engine == "postgresql":
        assert deadlocks > 0, "the planted naive variant did not deadlock: this rig would catch nothing"


def naive_deadlocks(rig: Rig) -> int:
    """How many of some documents that lock as they are written meet a deadlock."""
    with rig.hub.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.exec_driver_sql("DELETE FROM naive_shelf")
        for lot in range(LOTS):
            connection.exec_driver_sql(f"INSERT INTO naive_shelf VALUES ({lot:d}, 0)")
    lots = [rig.random.sample(range(LOTS), LOTS) for _ in range(NAIVE)]
    replies = rig.crowd.at_once([rig.keeper("/naive/document", {"lots": order}) for order in lots])
    return sum(reply.status == 500 and reply.problem == "DeadlockDetected" for reply in replies)


def retries(ports: Sequence[int]) -> Counter[str]:
    """Transactions that were run again, by cause, as the servers' metrics tell it."""
    counted = Counter[str]()
    for port in ports:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {SECRET}"}
        )
        with urllib.request.urlopen(asked, timeout=10) as answer:
            counted.update({cause: int(n) for cause, n in RETRIED.findall(answer.read().decode())})
    return counted
