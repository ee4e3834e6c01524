"""No check is there for nothing: a verifier without it lets something pass that it finds with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from supplyhub.persistence.oversight import OversightRepository
from supplyhub.schemas.glossary import CHECKS
from tests.persistence.conftest import House
from tests.persistence.planting import planted
from tests.persistence.sealing import Sealed, life_beyond_the_seal

ONLY = {
    "chains": "UPDATE balance SET version = version + 1 WHERE on_hand > 0",
    "other_ends": "UPDATE movement SET from_after = 7 "
    "WHERE id = (SELECT max(id) FROM movement WHERE from_version IS NULL)",
    "reserved": "UPDATE balance SET reserved = reserved + 1 WHERE on_hand > reserved",
    "orders": "UPDATE request_line SET ordered_units = ordered_units - 1 WHERE ordered_units > 0",
    "holds": "UPDATE reservation SET state = 'released' WHERE state = 'consumed'",
    "accounts": "UPDATE account SET pos = pos + 1 WHERE kind = 'supplier'",
    "lots": "UPDATE lot SET origin = 'elsewhere' WHERE code = 'LATE-1'",
    "items": "UPDATE balance SET pos = pos + 1",
    "strays": "INSERT INTO answer (posting_id, status, location, body) VALUES (99999, 201, '', '{}')",
    "postings": "DELETE FROM answer WHERE posting_id = (SELECT max(posting_id) FROM answer)",
    "notes": "UPDATE posting_note SET note = 'something else' WHERE salt IS NOT NULL",
    "values": "UPDATE movement SET line = CAST(line AS BLOB) WHERE id = (SELECT max(id) FROM movement)",
    "feed": "DELETE FROM unnumbered",
    "seals": "UPDATE answer SET body = '[]' WHERE posting_id = (SELECT min(posting_id) FROM answer)",
    "sums": "UPDATE stock_rollup SET on_hand = on_hand + 1",
}
"""By check, what it alone finds; some of it is newer than the last seal."""
SQLITE_ONLY = {"values"}


@pytest.fixture(scope="module")
def life(house: House) -> Iterator[Sealed]:
    """A ledger that went on after its last seal."""
    with life_beyond_the_seal(house.hub, house.owner) as beyond:
        yield beyond


def test_every_check_has_something_that_it_alone_finds() -> None:
    said = "a line in ONLY for each check: a corruption that no other finds"
    assert ONLY.keys() == set(OversightRepository.CHECKS), said


def test_every_check_has_a_name_that_people_are_told() -> None:
    assert CHECKS.keys() == {*OversightRepository.CHECKS, "export"}


@pytest.mark.parametrize("check", ONLY)
def test_without_its_check_a_corruption_passes(life: Sealed, check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if check in SQLITE_ONLY and life.connection.dialect.name != "sqlite":
        pytest.skip("PostgreSQL takes no value of another kind")

    def corrupt(connection: Connection, _: object) -> str:
        return "done" if connection.execute(text(ONLY[check])).rowcount else ""

    with planted(life.connection, corrupt, None) as done:  # type: ignore[arg-type]
        assert done
        assert life.prove().faults
        others = tuple(name for name in OversightRepository.CHECKS if name != check)
        monkeypatch.setattr(OversightRepository, "CHECKS", others)
        assert life.prove().faults == []
