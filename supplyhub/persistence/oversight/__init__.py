"""Supervision (监管): the ledger proved, numbered and sealed, under one gate."""

from dataclasses import replace

from supplyhub.domain.oversight import Verification
from supplyhub.persistence.oversight.agreement import Agreement
from supplyhub.persistence.oversight.holdings import Holdings
from supplyhub.persistence.oversight.sealing import SealRows
from supplyhub.persistence.oversight.verifying import Verifier


class OversightRepository(Verifier, Agreement, SealRows, Holdings):
    """Reads the whole ledger, whatever the scope: a sum proved in part is not proved."""

    def verify(self) -> Verification:
        """Everything that contradicts itself: chains, balances, holds, orders, accounts, lots, the feed, its seals."""
        found = self.verify_stock()
        return replace(found, faults=[*found.faults, *self.list_disagreements(), *self.list_feed_faults()])


__all__ = ["OversightRepository"]
