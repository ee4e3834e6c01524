"""Verbs of supervision (监管): prove the ledger, seal it and hand it out, read postings and movements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from supplyhub.domain.oversight import ROOT, Findings, LedgerFault, Seal, onward
from supplyhub.domain.people import Actor
from supplyhub.domain.refusals import NotConfigured, NotDurable, NotFound, words
from supplyhub.domain.stock import MovementFacts, PostingFacts
from supplyhub.service.unit_of_work import Work


def verify_ledger(work: Work, actor: Actor | None, told: Callable[[str, int, int], None] = lambda *_: None) -> Findings:
    """Prove the whole ledger, in a transaction that sees everything; `actor` None is the installation itself.

    `told` hears which check goes on and how far it is; what it raises ends the proof.
    """
    if actor is not None:
        actor.must("verify_ledger")
    return work.oversight.verify(told)


NUMBERED_AT_ONCE, SEALED_BYTES = 2_000, 4 * 2**20
"""Postings numbered, and what is read to seal them, in one transaction: on SQLite others wait for some tenths of a
second meanwhile.
"""


def number_postings(work: Work) -> int:
    """Give committed postings that have none their numbers in the feed; how many got one."""
    work.oversight.lock_sealing()
    return work.oversight.number_postings(NUMBERED_AT_ONCE)


def seal_ledger(work: Work) -> Seal | None:
    """Number what has been committed and seal some of it; None where nothing is new. Call again for the rest."""
    number_postings(work)
    last = work.oversight.find_last_seal()
    number, after, root = (last.number, last.upto_seq, onward(last.root, last.line)) if last else (0, 0, ROOT)
    upto, read = after, 0
    for seq, line in work.oversight.list_lines(after, work.oversight.last_seq()):
        upto, root, read = seq, onward(root, line), read + len(line)
        if read >= SEALED_BYTES:
            break
    if upto == after:
        return None
    seal = Seal(number + 1, upto, root, work.at)
    work.oversight.add_seal(seal)
    return seal


def waits_for_numbers(work: Work) -> bool:
    """Whether a committed posting has no number in the feed yet."""
    return work.oversight.waits_for_numbers()


def has_news(work: Work) -> bool:
    """Whether anything was committed that is not sealed."""
    return work.oversight.has_news()


def find_last_seal(work: Work) -> Seal | None:
    """The newest seal."""
    return work.oversight.find_last_seal()


def export_lines(work: Work, *, seals_only: bool = False) -> Iterator[bytes]:
    """Everything that is sealed, a line a posting, each seal after what it covers; or the seals alone."""
    after = 0
    for seal in work.oversight.list_seals():
        if not seals_only:
            yield from (line for _, line in work.oversight.list_lines(after, seal.upto_seq))
        yield seal.line
        after = seal.upto_seq


def compare_export(work: Work, exported: Iterable[bytes]) -> LedgerFault | None:
    """The first line of an export, whole or of its seals only, that the ledger would not write today."""
    lines = iter(exported)
    first = next(lines, b"")
    if not first.strip():
        return LedgerFault("export", words("the export holds no line, and so proves nothing"))
    if not first.startswith(LINE_BEGINS):
        return LedgerFault("export", words("this file is no export of the ledger, and so proves nothing"))
    ours = export_lines(work, seals_only=first.startswith(SEAL_BEGINS))
    for number, line in enumerate(chain([first] if first else [], lines), start=1):
        found = next(ours, b"")
        if not found:
            what = words(
                "the ledger ends before line {line} of the export: what follows was sealed after a backup, or is gone"
            )
            return LedgerFault("export", what, {"line": number})
        if found != line:
            begins = line[:120].decode("utf-8", "replace").rstrip()
            what = words("line {line} of the export is not what stands in the ledger: {begins}")
            return LedgerFault("export", what, {"line": number, "begins": begins})
    return None


LINE_BEGINS = b'{"'
"""How every line of an export begins."""
SEAL_BEGINS = b'{"root":'
"""How the line of a seal begins, and no other."""


def erase_note(work: Work, posting_id: int) -> None:
    """Rub out the text beside a posting; `NotFound` where there is none."""
    if not work.stock.erase_note(posting_id):
        raise NotFound(noun="note", key=str(posting_id))


def must_be_durable(work: Work, mode: str) -> None:
    """Refuse a production start on a database that may lose what it acknowledged."""
    if mode == "production" and (unsafe := work.oversight.list_unsafe_settings()):
        raise NotDurable(settings=", ".join(unsafe))


NOT_GUARDED = words(
    "This database role owns the tables or stands above their rules, so PostgreSQL would not keep districts apart. "
    "Name another in SUPPLYHUB_APP_ROLE, run `supplyhub migrate` as the owner, and start as that role."
)


def must_be_guarded(work: Work, mode: str) -> None:
    """Refuse a production start on a connection that the database's own rules do not bind."""
    if mode == "production" and not work.oversight.is_guarded():
        raise NotConfigured(what=NOT_GUARDED)


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
    posting_id: int | None = None,
    before: int = 2**62,
    limit: int = 100,
) -> list[MovementFacts]:
    """Movements with either end in the district, latest first; of one depot, item or posting if named."""
    actor.must("read_movements")
    depot_id = None if depot_code is None else work.places.get_depot(depot_code).id
    item_id = None if item_code is None else work.catalogue.get_item(item_code).id
    return work.stock.list_movements(
        posting_id=posting_id, depot_id=depot_id, item_id=item_id, before=before, limit=limit
    )
