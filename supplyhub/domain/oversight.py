"""What supervision (监管) finds and keeps: the outcome of proving the ledger, and seals over what stands in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from supplyhub.domain.lives import take_step
from supplyhub.domain.moments import to_micros
from supplyhub.domain.people import Actor
from supplyhub.domain.refusals import words
from supplyhub.domain.stock import MovementFacts, PostingFacts

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
        what = say(self.what).format(**self.facts)
        return say(words("{where}: {what}")).format(where=say(words(", ")).join([kind, *where]), what=what)

    def __str__(self) -> str:
        return self.tell()

    def is_seen_by(self, actor: Actor) -> bool:
        """Whether it lies in the actor's district; of what lies nowhere, goods are named to the root alone."""
        if self.pos is not None:
            return actor.sees(self.pos)
        return not (self.item or self.lot) or actor.division_id == actor.tenant_id

    def as_json(self) -> dict[str, Any]:
        """The fault as it is kept; a value of a strange kind as text."""
        said = {**vars(self), "facts": {name: _plain(value) for name, value in self.facts.items()}}
        return {name: value if name == "facts" else _plain(value) for name, value in said.items()}


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str | None) else str(value)


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
    "rolled_up": words("sum of stock"),
    "stock_rollup": words("sum of stock"),
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
class Findings:
    """What was proved up to a number of the feed: movements, balances, how many faults, and the first of them."""

    movements: int
    balances: int
    fault_count: int
    faults: list[LedgerFault]
    upto_seq: int


class VerificationStatus(StrEnum):
    """The life of a proof of the ledger that a worker makes."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


VERIFICATION_STEPS: Mapping[tuple[VerificationStatus, str], VerificationStatus] = {
    (VerificationStatus.QUEUED, "start"): VerificationStatus.RUNNING,
    (VerificationStatus.RUNNING, "start"): VerificationStatus.RUNNING,  # again, after a worker was lost
    (VerificationStatus.RUNNING, "finish"): VerificationStatus.DONE,
    (VerificationStatus.RUNNING, "fail"): VerificationStatus.FAILED,
    (VerificationStatus.QUEUED, "cancel"): VerificationStatus.CANCELLED,
    (VerificationStatus.RUNNING, "cancel"): VerificationStatus.CANCELLED,
}


@dataclass(frozen=True)
class Verification:
    """A proof of the ledger as it is kept: asked for by somebody, or of a night; how far it is, what it found."""

    id: int
    night: date | None
    status: VerificationStatus
    made_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    phase: str
    done_steps: int
    total_steps: int
    upto_seq: int
    movements: int
    balances: int
    fault_count: int
    faults: list[LedgerFault]

    @property
    def is_going_on(self) -> bool:
        """Whether it waits for a worker, or one is at it."""
        return self.status in (VerificationStatus.QUEUED, VerificationStatus.RUNNING)

    @property
    def others(self) -> int:
        """Faults that were counted and are not among those told."""
        return self.fault_count - len(self.faults)

    def seen_by(self, actor: Actor) -> Verification:
        """The same for somebody who sees one district: what is wrong elsewhere is counted and not named."""
        return replace(self, faults=[fault for fault in self.faults if fault.is_seen_by(actor)])


def verification_step(status: VerificationStatus, wanted: str) -> VerificationStatus:
    """The status after a step, or `StepNotAllowed`."""
    return take_step(VERIFICATION_STEPS, "verification", status, wanted)


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


@dataclass(frozen=True)
class FeedPlace:
    """A number of the feed, and the mark of what has it: a feed taken up again from a backup has other marks."""

    seq: int
    mark: str = ""


def mark_of(seq: int, recorded_at: datetime | None) -> str:
    """The mark of an entry: twelve hexadecimal digits."""
    moment = 0 if recorded_at is None else to_micros(recorded_at)
    return hashlib.sha256(f"{seq}\n{moment}".encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Change:
    """An entry of the feed: its number, the posting, and what of its movements the reader may see.

    `more_movements`: the posting has more of them than one page holds.
    """

    seq: int
    posting: PostingFacts
    movements: list[MovementFacts]
    more_movements: bool = False


@dataclass(frozen=True)
class ChangePage:
    """Entries in the order of the feed; `next` is the last number looked at, `upto` the last there is."""

    changes: list[Change]
    next: FeedPlace
    upto: int

    @property
    def more(self) -> bool:
        """Whether entries stand after `next` already."""
        return self.next.seq < self.upto
