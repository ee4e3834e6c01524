"""Supervision over HTTP: have the ledger proved, watch it, read what was found; follow what is committed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g

from supplyhub.api.door import Door, now, the_hub
from supplyhub.api.naming import name_ends, page, show
from supplyhub.domain.people import Actor
from supplyhub.domain.refusals import NotFound
from supplyhub.schemas.fields import PageQuery, page_of
from supplyhub.schemas.oversight import ChangesQuery, ChangesSchema, VerificationSchema
from supplyhub.service import changes, proving
from supplyhub.service.unit_of_work import Work

door = Door("oversight", "The ledger proves itself")
VerificationPage = page_of(VerificationSchema)


@door.reads("/ledger/verification", "verify_ledger", VerificationSchema)
def read_last_verification(work: Work, actor: Actor) -> Any:
    """The newest proof that came to its end; a worker makes one every night."""
    found = proving.read_last_verification(work, actor)
    if found is None:
        raise NotFound(noun="verification", key="")
    return show(VerificationSchema, found)


@door.reads("/ledger/verifications", "verify_ledger", VerificationPage, PageQuery)
def list_verifications(work: Work, actor: Actor, query: Mapping[str, Any]) -> Any:
    """Proofs, latest first."""
    found = proving.list_verifications(work, actor, before=query["cursor"] or 2**62, limit=query["limit"] + 1)
    return page(VerificationPage, found, query["limit"], "id")


@door.reads("/ledger/verifications/<number:verification_id>", "verify_ledger", VerificationSchema)
def read_verification(work: Work, actor: Actor, verification_id: int) -> Any:
    """One proof: how far it is, or what it found."""
    return show(VerificationSchema, proving.read_verification(work, actor, verification_id))


# Neither moves stock or makes a document, so neither needs a key: a second wish for a proof means the one that goes on.


@door.serves("/ledger/verifications", "POST", "start_verification", status=202, answer=VerificationSchema)
def start_verification() -> Any:
    """Have a worker prove the whole ledger now: every balance is the sum of its movements, every hash fits."""

    def act(work: Work) -> Any:
        number = proving.start_verification(work, g.actor)
        return show(VerificationSchema, proving.read_verification(work, g.actor, number))

    return the_hub().write(act, at=now())


@door.serves(
    "/ledger/verifications/<number:verification_id>/cancellation",
    "POST",
    "cancel_verification",
    status=200,
    answer=VerificationSchema,
)
def cancel_verification(verification_id: int) -> Any:
    """Stop a proof: at once if it waits, at its next step if it goes on."""

    def act(work: Work) -> Any:
        return show(VerificationSchema, proving.cancel_verification(work, g.actor, verification_id))

    return the_hub().write(act, at=now())


@door.reads("/changes", "read_movements", ChangesSchema, ChangesQuery)
def list_changes(work: Work, actor: Actor, query: Mapping[str, Any]) -> Any:
    """What was committed, in an order that never changes: send `next` back as `after`, and nothing is missed.

    Only what your district may see is shown; `next` moves on over the rest.
    """
    page = changes.list_changes(work, actor, query["after"], limit=query["limit"])
    items = [
        {**vars(change.posting), "seq": change.seq, "movements": change.movements,
         "more_movements": change.more_movements}
        for change in page.changes
    ]  # fmt: skip
    names = name_ends(work, (movement for change in page.changes for movement in change.movements))
    return show(ChangesSchema, {"items": items, "next": page.next, "upto": page.upto, "more": page.more}, names)
