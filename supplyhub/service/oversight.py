"""Verbs of supervision (监管): prove the ledger, read postings and movements."""

from __future__ import annotations

from supplyhub.domain.oversight import Verification
from supplyhub.domain.people import Actor
from supplyhub.domain.refusals import NotDurable
from supplyhub.domain.stock import MovementFacts, PostingFacts
from supplyhub.service.unit_of_work import Work


def verify_ledger(work: Work, actor: Actor | None) -> Verification:
    """Prove the whole ledger; `actor` None is the installation itself."""
    if actor is not None:
        actor.must("verify_ledger")
    return work.oversight.verify()


def must_be_durable(work: Work, mode: str) -> None:
    """Refuse a production start on a database that may lose what it acknowledged."""
    if mode == "production" and (unsafe := work.oversight.list_unsafe_settings()):
        raise NotDurable(settings=", ".join(unsafe))


def list_postings(work: Work, actor: Actor, *, before: int = 2**62, limit: int = 50) -> list[PostingFacts]:
    """Postings of the district that moved stock, latest first."""
    actor.must("read_movements")
    return work.stock.list_postings(before=before, limit=limit)


def read_posting(work: Work, actor: Actor, posting_id: int) -> tuple[PostingFacts, list[MovementFacts]]:
    """A posting and its movements."""
    actor.must("read_movements")
    posting = work.stock.get_posting(posting_id)
    return posting, work.stock.list_movements(posting_id=posting.id, limit=10_000)


def list_movements(
    work: Work,
    actor: Actor,
    *,
    depot_code: str | None = None,
    item_code: str | None = None,
    before: int = 2**62,
    limit: int = 100,
) -> list[MovementFacts]:
    """Movements with either end in the district, latest first; of one depot or item if named."""
    actor.must("read_movements")
    depot_id = None if depot_code is None else work.places.get_depot(depot_code).id
    item_id = None if item_code is None else work.catalogue.get_item(item_code).id
    return work.stock.list_movements(depot_id=depot_id, item_id=item_id, before=before, limit=limit)
