"""What supervision (监管) finds and keeps: the outcome of proving the ledger, and seals over what stands in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from supplyhub.domain.moments import to_micros

ROOT = b"\0" * 32
"""The hash before the first line of an export."""


@dataclass(frozen=True)
class LedgerFault:
    """One place where the ledger contradicts itself: what kind of row, which account and lot, which version."""

    kind: str
    account_id: int
    lot_id: int
    version: int
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: account {self.account_id}, lot {self.lot_id}, version {self.version}: {self.what}"


@dataclass(frozen=True)
class Verification:
    """What was proved: how many floored ends of movements, how many balances, and every fault found."""

    movements: int
    balances: int
    faults: list[LedgerFault]


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
