"""Supervision (监管): the ledger proved, numbered and sealed, under one gate."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from supplyhub.domain.oversight import FAULTS_KEPT, Findings, LedgerFault
from supplyhub.domain.refusals import words
from supplyhub.persistence.durability import find_unsafe
from supplyhub.persistence.grants import is_guarded
from supplyhub.persistence.oversight.agreement import Agreement
from supplyhub.persistence.oversight.chains import Chains, Told
from supplyhub.persistence.oversight.holdings import Holdings
from supplyhub.persistence.oversight.naming import Naming
from supplyhub.persistence.oversight.promises import Promises
from supplyhub.persistence.oversight.rollups import RollupRows
from supplyhub.persistence.oversight.sealing import SealRows
from supplyhub.persistence.oversight.verifications import VerificationRows
from supplyhub.persistence.races import may_pass
from supplyhub.persistence.rows import BalanceRow, MovementRow


def say_nothing(_check: str, _done: int, _of: int) -> None:
    """Nobody waits for the outcome."""


class OversightRepository(Chains, Promises, Agreement, SealRows, RollupRows, Naming, Holdings, VerificationRows):
    """Reads the whole ledger, whatever the scope: a sum proved in part is not proved."""

    CHECKS = (
        "chains", "other_ends", "reserved", "orders", "holds", "accounts", "lots", "items", "strays", "postings",
        "notes", "values", "feed", "seals", "sums",
    )  # fmt: skip
    """Each a method `check_NAME(told)` that yields faults."""

    def verify(self, told: Told = say_nothing) -> Findings:
        """Everything that contradicts itself. `told` hears how far it is; it may raise, which ends the proof."""
        with self.beyond() as everywhere:
            return everywhere._verify(told)

    def _verify(self, told: Told) -> Findings:
        movements, balances = (
            self.connection.scalar(select(func.count()).select_from(row)) or 0 for row in (MovementRow, BalanceRow)
        )
        count = 0
        kept: list[LedgerFault] = []
        chains: set[tuple[int | None, int | None]] = set()
        for check in self.CHECKS:
            told(check, 0, 0)
            for fault in self._check(check, told):
                key = (fault.account_id, fault.lot_id)
                if fault.kind == "movement":
                    chains.add(key)
                elif fault.kind == "balance" and key in chains:
                    continue  # of one chain the first fault is told
                count += 1
                if len(kept) < FAULTS_KEPT:
                    kept.append(fault)
        return Findings(movements, balances, count, self.name_faults(kept), self.last_seq())

    def _check(self, check: str, told: Told) -> Iterator[LedgerFault]:
        """The faults of one check; where it cannot even read what stands there, that is one."""
        try:
            with self.connection.begin_nested():
                yield from getattr(self, f"check_{check}")(told)
        except DBAPIError as error:
            if may_pass(error):
                raise
            cause = str(error.orig).splitlines()[0]
            yield LedgerFault(check, words("what stands there cannot be read: {cause}"), {"cause": cause})

    def list_unsafe_settings(self) -> list[str]:
        """Settings of the database under which what it acknowledges may be lost."""
        return find_unsafe(self.connection)

    def is_guarded(self) -> bool:
        """Whether the database itself keeps this connection to its district."""
        return is_guarded(self.connection)


__all__ = ["OversightRepository"]
