"""What supervision (监管) finds: the outcome of proving the ledger."""

from __future__ import annotations

from dataclasses import dataclass


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
