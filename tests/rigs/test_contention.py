"""Sixty-four clients on one balance, over HTTP, by each path that takes stock: no unit is taken twice.

SUPPLYHUB_CONTENTION_ROUNDS says how often (1 unless told). Two server processes of sixteen threads each serve them;
the naive way of taking stock stands beside the product on the same servers and must oversell in the same run.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

import sqlalchemy as sa

from supplyhub.domain.columns import ItemColumns
from supplyhub.service.catalogue import import_items
from supplyhub.service.people import make_token
from tests.conftest import Tell
from tests.rigs import naive
from tests.rigs.contests import ITEM, PATHS, Contest, Rig, contend_for_the_naive
from tests.rigs.counts import count
from tests.rigs.crowd import CLIENTS, Reply, gathered
from tests.rigs.serving import serving
from tests.world import NOW, World

ROUNDS = count("CONTENTION_ROUNDS", 1)
TOO_LATE = {"step-not-allowed", "already-reversed"}


@dataclass
class Tally:
    """What came of the rounds of one path."""

    rounds: int = 0
    won: int = 0
    refused: int = 0
    planned: int = 0
    """Units that went to plans instead of to clients."""
    oversold: int = 0
    """Units that were promised to somebody beyond those that were there."""

    def count(self, contest: Contest, won: int, refused: int, planned: int = 0) -> None:
        """Add a round."""
        self.rounds, self.won, self.refused = self.rounds + 1, self.won + won, self.refused + refused
        self.planned += planned
        self.oversold += max(0, won * contest.each + planned - contest.there)

    def row(self, path: str) -> str:
        """A line of the table."""
        counts = f"{self.won:>7} {self.refused:>8} {self.planned:>8} {self.oversold:>9}"
        return f"  {path:<14} {self.rounds:>6} {CLIENTS:>7} {counts}"


def test_no_unit_is_taken_twice(world: World, database_url: str, owner: sa.Engine, tell: Tell) -> None:
    tallies = {path: Tally() for path in PATHS}
    naively = Tally()
    with rigged(world, database_url, owner) as rig:
        for number in range(1, ROUNDS + 1):
            for path, contend in PATHS.items():
                compete(contend(rig, f"{path} {number}"), rig, tallies[path])
            count_naive(contend_for_the_naive(rig, f"R{number}"), rig, naively)
    tell(f"contention on {world.hub.engine.dialect.name}:")
    tell(f"  {'path':<14} {'rounds':>6} {'clients':>7} {'took':>7} {'refused':>8} {'planned':>8} {'oversold':>9}")
    for path, tally in {**tallies, "(naive)": naively}.items():
        tell(tally.row(path))
    assert not any(tally.oversold for tally in tallies.values())
    assert naively.oversold > 0, "the planted naive variant did not oversell: this rig would catch nothing"


@contextmanager
def rigged(world: World, database_url: str, owner: sa.Engine) -> Iterator[Rig]:
    """The crowd before servers over the small world."""
    tokens = prepare(world, owner)
    with serving(database_url) as ports, gathered(ports) as crowd:
        yield Rig(world.hub, crowd, tokens, Random(20260701))


def prepare(world: World, owner: sa.Engine) -> dict[str, str]:
    """An item of which there is nothing yet, a table for the naive, and everybody's tokens."""
    world.hub.carry_out("import_items", "rig:items", lambda work: import_items(work, item()), at=NOW)
    naive.make(owner)
    return {
        name: world.hub.write(lambda work, name=name: make_token(work, world.actors[name], name, "rig"), at=NOW)[1]
        for name in ("keeper", "planner", "township")
    }


def item() -> ItemColumns:
    return ItemColumns(
        where=["2"], code=[ITEM], name_zh=["饮用水"], name_en=["Water"], unit_zh=["瓶"], unit_en=["bottle"],
        pack_size=[1], weight_g=[500], volume_cm3=[500], shelf_life_days=[None], durable=[False], recoverable=[False],
        product_standard=[""], category_code=["1000000"], norm_per_1000=[1000],
    )  # fmt: skip


def compete(contest: Contest, rig: Rig, tally: Tally) -> None:
    """One round: all send at once, and what was taken is what is gone."""
    with working(contest):
        replies = rig.crowd.at_once(contest.calls)
    won = sum(reply.status in (200, 201) for reply in replies)
    planned = contest.planned()
    tally.count(contest, won, refusals(replies, contest.each), planned)
    assert contest.left() == contest.there - planned - won * contest.each >= 0
    assert won == min(contest.takes, (contest.there - planned) // contest.each)
    contest.clean()


def refusals(replies: list[Reply], each: int) -> int:
    """How many were refused; each of them learns what is short, or that another was first."""
    refused = [reply for reply in replies if reply.status >= 400]
    for reply in refused:
        assert reply.status == 409, (reply.status, reply.body)
        facts = reply.json["facts"]
        if reply.problem not in TOO_LATE:
            assert reply.problem == "insufficient-stock"
            assert facts["wanted_units"] == each
            assert 0 < facts["short_units"] == each - facts["free_units"] <= each
    return len(refused)


def count_naive(contest: Contest, rig: Rig, tally: Tally) -> None:
    """The same round against the naive route; only counted."""
    replies = rig.crowd.at_once(contest.calls)
    won = sum(reply.status == 201 for reply in replies)
    refused = sum(reply.status == 409 for reply in replies)
    assert won + refused == len(replies)
    tally.count(contest, won, refused)


@contextmanager
def working(contest: Contest) -> Iterator[None]:
    """A worker beside: it does what waits, again and again, until all have their answers."""
    over = threading.Event()

    def work() -> None:
        while contest.beside and not over.wait(0.002):
            contest.beside()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        if contest.beside:
            contest.beside()
