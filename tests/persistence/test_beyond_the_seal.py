"""What is newer than the last seal is as safe as the database: which changes the verifier finds there, and which not.

SUPPLYHUB_CORRUPTIONS_BEYOND says how often each kind is planted (once unless told); docs/ledger.md has the table.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from supplyhub.persistence.oversight.agreement import LEDGER
from supplyhub.persistence.rows import FeedRow, RolledUpRow, SealRow, StockRollupRow
from tests.persistence.conftest import House
from tests.persistence.forging import cut_off_the_end, rewrite_units
from tests.persistence.planting import ROW_KINDS, Corruption, change_a_value, change_rows, planted
from tests.persistence.sealing import Sealed, life_beyond_the_seal

TIMES = int(os.environ.get("SUPPLYHUB_CORRUPTIONS_BEYOND", "1"))
NEVER = {
    "answer.status", "answer.location", "answer.body", "answer swapped", "lot swapped", "movement.id",
    "movement swapped", "posting.idem_key", "posting.body_sha256", "posting.pos",
    "posting.occurred_at", "posting_note deleted", "posting_note cut off",
    "cut off with its hashes", "unnumbered.ticket", "unnumbered swapped",
}  # fmt: skip
"""Kinds that the verifier cannot find before a seal covers them."""
SOMETIMES = {
    "posting.actor_id", "posting.tenant_id", "posting.verb", "posting.recorded_at", "posting swapped",
    "posting_note.posting_id", "rewritten with its hashes",
}  # fmt: skip
"""Kinds that it finds where another row says otherwise: a movement, an answer, a reversal; or there is none to say."""
NOTHING_THERE = {FeedRow, RolledUpRow, SealRow, StockRollupRow}
"""Tables that have no rows beyond the last seal."""
DOCUMENT = Path(__file__).parents[2] / "docs" / "ledger.md"


@pytest.fixture(scope="module")
def life(house: House) -> Iterator[Sealed]:
    """A ledger that went on after its last seal."""
    with life_beyond_the_seal(house.hub, house.owner) as beyond:
        yield beyond


def kinds(life: Sealed) -> Iterator[tuple[str, Corruption]]:
    """Every column and every kind of change of rows, and history rewritten by who knows how."""
    for row in LEDGER:
        if row not in NOTHING_THERE:
            ground = life.grounds[row]
            yield from ((f"{row.__tablename__}.{name}", change_a_value(ground, name)) for name in ground.columns)
            yield from ((f"{ground.table.name} {kind}", change_rows(kind, ground)) for kind in ROW_KINDS)
    yield "rewritten with its hashes", rewrite_units(life.last_movement)
    yield "cut off with its hashes", cut_off_the_end(life.last_movement)


def test_what_is_found_beyond_the_seal_and_what_is_not(
    life: Sealed, record_property: Callable[[str, object], None]
) -> None:
    assert life.prove().faults == []
    done, unseen = Counter[str](), Counter[str]()
    for name, corrupt in kinds(life):
        for turn in range(TIMES * 5):
            if done[name] == TIMES:
                break
            with planted(life.connection, corrupt, Random(f"{name} {turn}")) as what:
                done[name] += bool(what)
                unseen[name] += bool(what) and not life.is_found(life.seals)
    not_found = {name for name, times in unseen.items() if times}
    assert not_found - NEVER - SOMETIMES == set(), "the verifier does not find these any more"
    assert {name for name in NEVER if unseen[name] < done[name]} == set(), "it finds these now: say so in the table"
    record_property("corruptions beyond the last seal", {"planted": done.total(), "not found": unseen.total()})


def test_the_table_of_the_document_is_this_one() -> None:
    said = DOCUMENT.read_text(encoding="utf-8")
    assert {name for name in NEVER | SOMETIMES if f"`{name}`" not in said} == set()
