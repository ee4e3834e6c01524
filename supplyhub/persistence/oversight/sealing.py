"""The feed and its seals: committed postings numbered without a gap, each read back as one line with all it says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import delete, func, insert, select, text

from supplyhub.domain.oversight import ROOT, LedgerFault, Seal, line_of, onward
from supplyhub.persistence.arrays import insert_columns, key_table
from supplyhub.persistence.oversight.raw import raw
from supplyhub.persistence.rows import (
    AccountRow,
    AnswerRow,
    FeedRow,
    LotRow,
    MovementRow,
    PostingNoteRow,
    PostingRow,
    Row,
    SealRow,
    UnnumberedRow,
)
from supplyhub.persistence.scope import Repository

SEALER = 5_302_020
"""The number of the lock by which PostgreSQL lets one sealer in at a time; SQLite lets one writer in anyway."""
AT_ONCE, MOVED_AT_ONCE = 1_000, 5_000
"""Postings that are read together, and movements after which no more are: one posting may have thousands."""
NOT_SEALED = {"pos"}
"""Columns of accounts that a renumbering of the tree may change; the verifier holds them to the tree instead."""


class SealRows(Repository):
    """The only hand that numbers and seals."""

    def lock_sealing(self) -> None:
        """Wait until no other sealer is at work."""
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(text("SELECT pg_advisory_xact_lock(:sealer)"), {"sealer": SEALER})

    def has_news(self) -> bool:
        """Whether anything was committed that is not sealed."""
        sealed = select(func.coalesce(func.max(SealRow.upto_seq), 0)).scalar_subquery()
        waits = select(UnnumberedRow.posting_id).exists() | select(FeedRow.seq).where(FeedRow.seq > sealed).exists()
        return bool(self.connection.scalar(select(waits)))

    def number_postings(self, most: int) -> int:
        """Give the next numbers to committed postings that have none; how many got one. The caller holds the lock."""
        waiting = select(UnnumberedRow.posting_id).order_by(UnnumberedRow.posting_id).limit(most)
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
        row = self.connection.execute(
            select(*SealRow.__table__.c).order_by(SealRow.number.desc()).limit(1)
        ).one_or_none()
        return None if row is None else _seal(row)

    def add_seal(self, seal: Seal) -> None:
        """Append a seal."""
        self.connection.execute(
            insert(SealRow).values(number=seal.number, upto_seq=seal.upto_seq, root=seal.root, sealed_at=seal.sealed_at)
        )

    def list_lines(self, after: int, upto: int) -> Iterator[tuple[int, bytes]]:
        """Every posting with a number in (after, upto] as its number and its line, in order, few at a time."""
        for low in range(after, upto, AT_ONCE):
            between = (FeedRow.seq > low) & (FeedRow.seq <= min(low + AT_ONCE, upto))
            answers, notes = (self._beside(row, between) for row in (AnswerRow, PostingNoteRow))
            for batch in self._batches(between):
                all_moves = [move for _, moves in batch for move in moves]
                accounts = self._facts_of(AccountRow, _named(all_moves, *ENDS))
                lots = self._facts_of(LotRow, _named(all_moves, "lot_id"))
                for row, moves in batch:
                    line = {
                        "seq": row.seq,
                        "posting": _facts(PostingRow, row[1:]),
                        "answers": answers[row.id],
                        "notes": [note["sha256"] for note in notes[row.id]],
                        "movements": moves,
                        "accounts": [accounts.get(key) for key in _named(moves, *ENDS)],
                        "lots": [lots.get(key) for key in _named(moves, "lot_id")],
                    }
                    yield row.seq, line_of(line)

    def list_feed_faults(self) -> Iterator[LedgerFault]:
        """Missing numbers, postings with no number or no place in line, seals that do not fit what they seal."""
        count, last = self.connection.execute(select(func.count(), func.max(FeedRow.seq))).one()
        if count != (last or 0):
            yield _fault("feed", 0, f"{count} numbers are given, the last is {last}")
        waits, numbered = select(UnnumberedRow.posting_id), select(FeedRow.posting_id)
        lost = select(PostingRow.id).where(PostingRow.id.not_in(numbered), PostingRow.id.not_in(waits))
        for posting_id in self.connection.scalars(lost.order_by(PostingRow.id)):
            yield _fault("feed", 0, f"posting {posting_id} has no number and does not wait for one")
        for posting_id in self.connection.scalars(waits.where(UnnumberedRow.posting_id.in_(numbered))):
            yield _fault("feed", 0, f"posting {posting_id} has a number and waits for one")
        yield from self._list_seal_faults()

    def _list_seal_faults(self) -> Iterator[LedgerFault]:
        after, root = 0, ROOT
        for number, seal in enumerate(self.list_seals(), start=1):
            if seal.number != number or seal.upto_seq <= after:
                yield _fault("seal", seal.number, f"seal {number} over more than {after} entries should stand here")
                return
            lines = 0
            for _, line in self.list_lines(after, seal.upto_seq):
                root, lines = onward(root, line), lines + 1
            if lines != seal.upto_seq - after or root != seal.root:
                what = f"entries {after + 1} to {seal.upto_seq} of the feed are not what was sealed"
                yield _fault("seal", seal.number, what)
                return
            after, root = seal.upto_seq, onward(root, seal.line)

    def _batches(self, between: Any) -> Iterator[list[tuple[Any, list[dict[str, Any]]]]]:
        """Postings of a stretch of the feed with their movements, in order; some thousand movements at a time."""
        numbered = self.connection.execute(
            select(FeedRow.seq, *raw(PostingRow))
            .join(PostingRow, PostingRow.id == FeedRow.posting_id)
            .where(between)
            .order_by(FeedRow.seq)
        ).all()
        moved = self.connection.execute(
            select(*raw(MovementRow))
            .join(FeedRow, FeedRow.posting_id == MovementRow.posting_id)
            .where(between)
            .order_by(FeedRow.seq, MovementRow.line, MovementRow.id),
            execution_options={"yield_per": AT_ONCE},
        )
        by_posting = groupby(moved, key=attrgetter("posting_id"))
        following = next(by_posting, None)
        batch, held = [], 0
        for row in numbered:
            moves = []
            if following is not None and following[0] == row.id:
                moves = [_facts(MovementRow, move) for move in following[1]]
                following = next(by_posting, None)
            batch.append((row, moves))
            held += len(moves)
            if held >= MOVED_AT_ONCE:
                yield batch
                batch, held = [], 0
        yield batch

    def _beside(self, row: type[Row], between: Any) -> dict[int, list[dict[str, Any]]]:
        """Rows beside the postings of a stretch of the feed, by posting."""
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        about = row.__table__.c.posting_id
        for one in self.connection.execute(select(*raw(row)).join(FeedRow, FeedRow.posting_id == about).where(between)):
            found[one.posting_id].append(_facts(row, one))
        return found

    def _facts_of(self, row: type[Row], ids: list[int]) -> dict[int, dict[str, Any]]:
        """What accounts or lots are, by id, but for columns that are not sealed."""
        keys = key_table(self.connection, row, id=ids)
        rows = self.connection.execute(select(*raw(row)).join(keys, keys.c.id == row.__table__.c.id))
        return {
            one.id: {name: value for name, value in _facts(row, one).items() if name not in NOT_SEALED} for one in rows
        }


ENDS = ("from_account_id", "to_account_id")


def _named(moves: Iterable[dict[str, Any]], *columns: str) -> list[int]:
    """The ids that stand in these columns, each once, ascending."""
    return sorted({move[column] for move in moves for column in columns})


def _fault(kind: str, number: int, what: str) -> LedgerFault:
    """A fault of the feed or of a seal, whose number stands where others have a version."""
    return LedgerFault(kind, 0, 0, number, what)


def _seal(row: Any) -> Seal:
    return Seal(row.number, row.upto_seq, row.root, row.sealed_at)


def _facts(row: type[Row], values: Sequence[Any]) -> dict[str, Any]:
    """All columns of a row, which `values` begins with, as JSON has them: days as ISO dates, bytes in hexadecimal.

    Moments are microseconds as they are stored. The two databases give the same: what is true or false is 1 or 0.
    """
    said = [value if type(value) in PLAIN else _plain(value) for value in values]
    return dict(zip(row.__table__.c.keys(), said, strict=False))


PLAIN = frozenset({int, str, type(None)})
"""Types that JSON has as they are."""


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value
