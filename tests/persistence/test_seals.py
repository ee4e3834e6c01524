"""What is sealed and exported cannot be changed unseen: corruptions of every column of every table of the ledger.

SUPPLYHUB_CORRUPTIONS says how many are planted in each database (150 unless told), all columns and kinds in turn.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from random import Random

import pytest

from supplyhub.persistence.oversight.agreement import LEDGER
from supplyhub.persistence.rows import RolledUpRow, UnnumberedRow
from supplyhub.service import oversight
from tests.persistence.conftest import House
from tests.persistence.forging import cut_off_the_end, rewrite_units
from tests.persistence.planting import ROW_KINDS, Corruption, Ground, change_a_value, change_rows, planted
from tests.persistence.sealing import Sealed, sealed_life
from tests.service.test_stock import issue, receive
from tests.world import NOW, World

PLANTED = int(os.environ.get("SUPPLYHUB_CORRUPTIONS", "150"))
POSSIBLE = {UnnumberedRow: {"inserted"}, RolledUpRow: {"deleted", "inserted"}}
"""Once all is sealed nothing waits for a number; and one row says up to where the sums go."""
KINDS = [
    *(("changed", row, column) for row in LEDGER if row is not UnnumberedRow for column in Ground(row).columns),
    *((kind, row, "") for row in LEDGER for kind in ROW_KINDS if kind in POSSIBLE.get(row, ROW_KINDS)),
    ("rewritten with its hashes and seals", None, ""),
    ("cut off with its hashes and seals", None, ""),
]
TRIES = 40


@pytest.fixture(scope="module")
def sealed(house: House) -> Iterator[Sealed]:
    """A ledger with a life behind it, all of it sealed."""
    with sealed_life(house.hub, house.owner) as life:
        yield life


def test_what_is_much_is_sealed_part_by_part_to_the_same_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """On both databases: a seal for each posting, and the lines of one are those of the other."""
    receive(world, "r-1", 120)
    issue(world, "i-1", 5)
    monkeypatch.setattr(oversight, "SEALED_BYTES", 1)
    seals = 0
    while world.hub.write(oversight.seal_ledger, at=NOW):
        seals += 1
    with world.hub.read(None, at=NOW) as work:
        assert [seal.upto_seq for seal in work.oversight.list_seals()] == list(range(1, seals + 1))
        assert work.oversight.last_seq() == seals > 2
        assert oversight.verify_ledger(work, None).faults == []
        assert oversight.compare_export(work, list(oversight.export_lines(work))) is None


def test_what_was_not_touched_is_as_exported(sealed: Sealed) -> None:
    assert sealed.prove().faults == []
    assert sealed.compare(sealed.whole) is sealed.compare(sealed.seals) is None


def corruption(sealed: Sealed, number: int) -> Corruption:
    """What is planted in turn."""
    kind, row, column = KINDS[number % len(KINDS)]
    if row is None:
        return rewrite_units(0) if kind.startswith("rewritten") else cut_off_the_end(0)
    return change_a_value(sealed.grounds[row], column) if column else change_rows(kind, sealed.grounds[row])


@pytest.mark.parametrize("number", range(PLANTED))
def test_what_was_planted_below_a_seal_is_found(
    sealed: Sealed, number: int, record_property: Callable[[str, object], None]
) -> None:
    corrupt, exported = corruption(sealed, number), (sealed.whole, sealed.seals)[number // len(KINDS) % 2]
    for turn in range(TRIES):
        with planted(sealed.connection, corrupt, Random(f"{number} {turn}")) as done:
            if done:
                assert sealed.is_found(exported), done
                break
    else:
        pytest.fail(f"{KINDS[number % len(KINDS)]}: none of {TRIES} could be planted")
    record_property("corruptions below a seal", {KINDS[number % len(KINDS)][0]: 1})
