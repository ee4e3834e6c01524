"""What supervision (监管) finds and keeps: the outcome of proving the ledger, and seals over what stands in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from supplyhub.domain.moments import to_micros
from supplyhub.domain.refusals import words

ROOT = b"\0" * 32
"""The hash before the first line of an export."""


FAULTS_KEPT = 100
"""How many faults are kept and shown; of the others only the count is."""


@dataclass(frozen=True)
class LedgerFault:
    """One place where the ledger contradicts itself: which table, where in it, and what is wrong there.

    `what` is a template over `facts`. Codes and `pos` are filled in once for the faults that are kept (`depot` is the
    one whose shelf it is); what a fault is not about is None or "".
    """

    kind: str
    what: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    account_id: int | None = None
    lot_id: int | None = None
    item_id: int | None = None
    version: int | None = None
    account: str = ""
    depot: str = ""
    item: str = ""
    lot: str = ""
    pos: int | None = None

    def tell(self, say: Callable[[str], str] = str) -> str:
        """The fault in one line, by the codes people know and the numbers that operations need."""
        kind = say(FAULT_KINDS.get(self.kind, self.kind))
        where = [
            say(template).format(**vars(self)) for name, template in PLACES if getattr(self, name) not in (None, "")
        ]
        return f"{', '.join([kind, *where])}: {say(self.what).format(**self.facts)}"

    def __str__(self) -> str:
        return self.tell()


FAULT_KINDS = {
    "account": words("account"),
    "answer": words("answer"),
    "balance": words("balance"),
    "export": words("export"),
    "feed": words("feed"),
    "lot": words("lot"),
    "movement": words("movement"),
    "posting": words("posting"),
    "posting_note": words("note"),
    "request_line": words("request line"),
    "reservation": words("hold"),
    "seal": words("seal"),
    "transit": words("in transit"),
    "unnumbered": words("waiting for a number"),
}
"""What people call the tables that faults are found in."""
PLACES = (
    ("account_id", words("account {account_id}")),
    ("depot", words("depot {depot}")),
    ("item", words("item {item}")),
    ("lot", words("lot {lot}")),
    ("lot_id", words("lot number {lot_id}")),
    ("version", words("version {version}")),
)


@dataclass(frozen=True)
class Verification:
    """What was proved up to a number of the feed: movements, balances, how many faults, and the first of them."""

    movements: int
    balances: int
    fault_count: int
    faults: list[LedgerFault]
    upto_seq: int


@dataclass(frozen=True)
class Seal:
    """The hash `root` over all that stands in the feed up to a number, and over the seals before (docs/ledger.md)."""

    number: int
    upto_seq: int
    root: bytes
    sealed_at: datetime

    @property
    def line(self) -> bytes:
        """The seal as it is exported, and hashed before what follows it."""
        return line_of(
            {
                "seal": self.number,
                "upto_seq": self.upto_seq,
                "root": self.root.hex(),
                "sealed_at": to_micros(self.sealed_at),
            }
        )


def line_of(facts: Mapping[str, Any]) -> bytes:
    """One line of an export: JSON with its names in order, nothing between them, UTF-8, and a newline."""
    return (json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def onward(root: bytes, line: bytes) -> bytes:
    """The hash after one more line."""
    return hashlib.sha256(root + line).digest()
