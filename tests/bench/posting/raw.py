"""The least SQL that books a movement in the product's own tables, run by pgbench: the divisor of the ledger's table.

One statement claims a key, changes the balance where its floor holds, and appends the movement, with the triggers and
keys that the tables have: no rights, policies, validation, hash or answer. Prepared once a connection, which is
the faster of pgbench's ways.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

SHELVES = 10_000
"""Balances among which single movements choose."""
LINES = 1_000
"""Movements of a batch."""

POSTED = """p AS (
  INSERT INTO posting (tenant_id, idem_key, body_sha256, actor_id, verb, pos, occurred_at, recorded_at)
  VALUES (0, gen_random_uuid()::text, '', 0, 'post_receipt', 0, 0, 0) RETURNING id)"""
CHANGE = "UPDATE balance SET on_hand = balance.on_hand + 1, version = version + 1"
BACK = "RETURNING balance.account_id, balance.lot_id, item_id, version, on_hand, hash"
APPEND = """INSERT INTO movement (posting_id, line, from_account_id, to_account_id, item_id, lot_id, quantity_units,
  reason, to_version, to_after, to_hash)
SELECT p.id, row_number() OVER (), {supplier}, b.account_id, b.item_id, b.lot_id, 1,
  'delivery', b.version, b.on_hand, b.hash FROM p, b;"""


@dataclass(frozen=True)
class Shelves:
    """Numbers of the accounts, and of so many lots that follow one another, which the statements move."""

    shelf: int
    supplier: int
    first_lot: int


def find_shelves(engine: Engine) -> Shelves:
    """Where the API's receipts have put the bench's lots."""
    with engine.connect() as connection:
        row = connection.exec_driver_sql(
            "SELECT m.to_account_id, m.from_account_id, min(m.lot_id), count(DISTINCT m.lot_id) FROM movement m "
            "JOIN lot ON lot.id = m.lot_id WHERE lot.code LIKE 'S%%' GROUP BY 1, 2"
        ).one()
    assert row[3] == SHELVES, f"{row[3]} lots, there should be {SHELVES}"
    return Shelves(*row[:3])


def write_scripts(shelves: Shelves, folder: Path) -> dict[str, Path]:
    """pgbench's scripts: one movement of any balance, of a hot one, and a batch in one order of locks."""
    append = APPEND.format(supplier=shelves.supplier)
    of_one = f"{CHANGE} WHERE account_id = {shelves.shelf} AND lot_id = :lot AND on_hand + 1 >= 0 {BACK}"
    one = f"WITH {POSTED}, b AS ({of_one})\n{append}\n"
    last, parts = shelves.first_lot + SHELVES - 1, SHELVES // LINES - 1
    held = (
        f"l AS (SELECT account_id, lot_id FROM balance WHERE account_id = {shelves.shelf} AND lot_id >= :low "
        f"AND lot_id < :low + {LINES} ORDER BY account_id, lot_id FOR UPDATE)"
    )
    of_many = f"{CHANGE} FROM l WHERE balance.account_id = l.account_id AND balance.lot_id = l.lot_id {BACK}"
    texts = {
        "one": f"\\set lot random({shelves.first_lot}, {last})\n{one}",
        "hot": f"\\set lot {shelves.first_lot}\n{one}",
        "batch": f"\\set part random(0, {parts})\n\\set low {shelves.first_lot} + :part * {LINES}\n"
        f"WITH {POSTED}, {held}, b AS ({of_many})\n{append}\n",
    }
    paths = {name: folder / f"{name}.sql" for name in texts}
    for name, path in paths.items():
        path.write_text(texts[name].replace("\n  ", " "), encoding="utf-8")
    return paths


def run_raw(program: Path, url: str, script: Path, clients: int, seconds: int) -> float:
    """Transactions in a second."""
    command = [
        str(program),
        "-n",
        "-M",
        "prepared",
        "-f",
        str(script),
        "-c",
        str(clients),
        "-j",
        "2",
        "-T",
        str(seconds),
        url,
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.M)
    assert found is not None, done.stdout + done.stderr
    return float(found[1])
