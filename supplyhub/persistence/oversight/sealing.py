"""The feed and its seals (监管): committed postings numbered without a gap, and hashes over their lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete, exists, func, insert, select, text

from supplyhub.domain.oversight import ROOT, LedgerFault, Seal, onward
from supplyhub.domain.refusals import words
from supplyhub.persistence.arrays import insert_columns, key_table
from supplyhub.persistence.oversight.chains import Told
from supplyhub.persistence.oversight.lines import Lines
from supplyhub.persistence.rows import FeedRow, PostingRow, SealRow, UnnumberedRow

SEALER = 5_302_020
"""The number of the lock by which PostgreSQL lets one sealer in at a time; SQLite lets one writer in anyway."""
HEARD_EVERY = 200
"""Lines between two looks whether to go on."""


class SealRows(Lines):
    """The only hand that numbers and seals."""

    def lock_sealing(self) -> None:
        """Wait until no other sealer is at work."""
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(text("SELECT pg_advisory_xact_lock(:sealer)"), {"sealer": SEALER})

    def waits_for_numbers(self) -> bool:
        """Whether a committed posting has no number yet."""
        return bool(self.connection.scalar(select(select(UnnumberedRow.posting_id).exists())))

    def has_news(self) -> bool:
        """Whether anything was committed that is not sealed."""
        sealed = select(func.coalesce(func.max(SealRow.upto_seq), 0)).scalar_subquery()
        waits = select(UnnumberedRow.posting_id).exists() | select(FeedRow.seq).where(FeedRow.seq > sealed).exists()
        return bool(self.connection.scalar(select(waits)))

    def number_postings(self, most: int) -> int:
        """Give the next numbers to committed postings that have none; how many got one. The caller holds the lock."""
        waiting = select(UnnumberedRow.posting_id).order_by(UnnumberedRow.ticket).limit(most)
        postings = list(self.connection.scalars(waiting))
        if postings:
            last = self.last_seq()
            numbers = list(range(last + 1, last + 1 + len(postings)))
            insert_columns(self.connection, FeedRow, {"seq": numbers, "posting_id": postings})
            keys = key_table(self.connection, UnnumberedRow, posting_id=postings)
            self.connection.execute(
                delete(UnnumberedRow).where(UnnumberedRow.posting_id.in_(select(keys.c.posting_id)))
            )
        return len(postings)

    def last_seq(self) -> int:
        """The last number given, 0 before the first."""
        return self.connection.scalar(select(func.coalesce(func.max(FeedRow.seq), 0))) or 0

    def list_seals(self) -> list[Seal]:
        """All seals, the first first."""
        return [_seal(row) for row in self.connection.execute(select(*SealRow.__table__.c).order_by(SealRow.number))]

    def find_last_seal(self) -> Seal | None:
        """The newest seal."""
        newest = select(*SealRow.__table__.c).order_by(SealRow.number.desc()).limit(1)
        with self.beyond():
            row = self.connection.execute(newest).one_or_none()
        return None if row is None else _seal(row)

    def add_seal(self, seal: Seal) -> None:
        """Append a seal."""
        self.connection.execute(
            insert(SealRow).values(number=seal.number, upto_seq=seal.upto_seq, root=seal.root, sealed_at=seal.sealed_at)
        )

    def check_feed(self, _: Told) -> Iterator[LedgerFault]:
        """No number is missing; each posting has one, or waits for one."""
        count, last = self.connection.execute(select(func.count(), func.max(FeedRow.seq))).one()
        if count != (last or 0):
            what = words("{count} numbers are given, the last is {last}")
            yield LedgerFault("feed", what, {"count": count, "last": last})
        numbered = exists().where(FeedRow.posting_id == PostingRow.id)
        waits = exists().where(UnnumberedRow.posting_id == PostingRow.id)
        for posting_id in self.connection.scalars(select(PostingRow.id).where(~numbered, ~waits)):
            what = words("posting {posting} has no number and does not wait for one")
            yield LedgerFault("feed", what, {"posting": posting_id})
        both = select(FeedRow.posting_id).join(UnnumberedRow, UnnumberedRow.posting_id == FeedRow.posting_id)
        for posting_id in self.connection.scalars(both):
            what = words("posting {posting} has a number and waits for one")
            yield LedgerFault("feed", what, {"posting": posting_id})
        other = FeedRow.recorded_at.is_distinct_from(PostingRow.recorded_at)
        moments = select(FeedRow.seq).join(PostingRow, PostingRow.id == FeedRow.posting_id).where(other)
        for seq in self.connection.scalars(moments.order_by(FeedRow.seq)):
            yield LedgerFault("feed", words("number {number} has another moment than its posting"), {"number": seq})

    def check_seals(self, told: Told) -> Iterator[LedgerFault]:
        """Each seal is the hash of what it covers; after the first that is not, those that follow say nothing."""
        after, root, seals = 0, ROOT, self.list_seals()
        for number, seal in enumerate(seals, start=1):
            if seal.number != number or seal.upto_seq <= after:
                what = words("seal {number} over more than {after} entries should stand here")
                yield LedgerFault("seal", what, {"number": number, "after": after}, version=seal.number)
                return
            lines = 0
            for seq, line in self.list_lines(after, seal.upto_seq):
                root, lines = onward(root, line), lines + 1
                if lines % HEARD_EVERY == 0:
                    told("seals", seq, seals[-1].upto_seq)
            if lines != seal.upto_seq - after or root != seal.root:
                what = words("entries {first} to {last} of the feed are not what was sealed")
                yield LedgerFault("seal", what, {"first": after + 1, "last": seal.upto_seq}, version=seal.number)
                return
            after, root = seal.upto_seq, onward(root, seal.line)


def _seal(row: Any) -> Seal:
    return Seal(row.number, row.upto_seq, row.root, row.sealed_at)
