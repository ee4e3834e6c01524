"""Supervision over HTTP: prove the ledger."""

from __future__ import annotations

from typing import Any

from supplyhub.api.door import Door
from supplyhub.api.naming import show
from supplyhub.domain.people import Actor
from supplyhub.schemas.oversight import VerificationSchema
from supplyhub.service import oversight
from supplyhub.service.unit_of_work import Work

door = Door("oversight", "The ledger proves itself")


@door.reads("/ledger/verification", "verify_ledger", VerificationSchema, steady=True)
def verify_ledger(work: Work, actor: Actor) -> Any:
    """Prove the whole ledger now: every balance is the sum of its movements, every hash fits."""
    return show(VerificationSchema, oversight.verify_ledger(work, actor))
