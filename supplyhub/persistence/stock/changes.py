"""Postings in the order of the feed, as one reader may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container
from dataclasses import replace

from sqlalchemy import func, select

from supplyhub.domain.oversight import Change, FeedPlace, mark_of
from supplyhub.domain.stock import MovementFacts, PostingFacts
from supplyhub.persistence.rows import FeedRow, MovementRow, PostingRow
from supplyhub.persistence.stock.postings import PostingRows, movement_facts, posting_facts

MOVEMENTS_MAX = 5_000
"""Movements of one page: as many as one document may have lines. An import has more, and is read on its own."""


class ChangeRows(PostingRows):
    """The feed, read forward."""

    def find_place(self, seq: int) -> FeedPlace | None:
        """A number with its mark, None where it was not given; 0 is before the first."""
        if seq == 0:
            return FeedPlace(0)
        with self.beyond():  # whose entry has the number is not said, and a mark tells nothing of it
            row = self.connection.execute(
                select(FeedRow.seq, FeedRow.recorded_at).where(FeedRow.seq == seq)
            ).one_or_none()
        return None if row is None else FeedPlace(seq, mark_of(seq, row.recorded_at))

    def find_end(self) -> int:
        """The last number of the feed, whoever may see what has it; 0 before the first."""
        with self.beyond():
            return self.connection.scalar(select(func.coalesce(func.max(FeedRow.seq), 0))) or 0

    def list_changes(self, after: int, upto: int) -> tuple[list[Change], int]:
        """What the reader may see of the entries in (after, upto], and the last number that was looked at.

        A posting is seen by whoever sees where it was made, or either end of one of its movements. A page ends early
        where it would hold too many movements; a posting that alone has too many is shown with the first of them.
        """
        movements, too_long = self._movements_between(after, upto), 0
        if len(movements) > MOVEMENTS_MAX:
            first, last = movements[0][0], movements[-1][0]
            too_long, upto = (first, first) if first == last else (0, last - 1)
            movements = [(seq, fact) for seq, fact in movements[:-1] if seq <= upto]
        moved = defaultdict[int, list[MovementFacts]](list)
        for seq, fact in movements:
            moved[seq].append(fact)
        postings = self._postings_between(after, upto, moved)
        return [Change(seq, posting, moved[seq], more_movements=seq == too_long) for seq, posting in postings], upto

    def _movements_between(self, after: int, upto: int) -> list[tuple[int, MovementFacts]]:
        """Movements with either end in the district, each with its number; one more than a page may hold."""
        statement, _, _ = self._movement_select()
        rows = self.connection.execute(
            statement.add_columns(FeedRow.seq)
            .join(FeedRow, FeedRow.posting_id == MovementRow.posting_id)
            .where(FeedRow.seq > after, FeedRow.seq <= upto)
            .order_by(FeedRow.seq, MovementRow.line)
            .limit(MOVEMENTS_MAX + 1)
        )
        return [(row["seq"], movement_facts(row)) for row in self.with_ends(rows)]

    def _postings_between(self, after: int, upto: int, moved: Container[int]) -> list[tuple[int, PostingFacts]]:
        """Postings made in the district, or with a number in `moved`; of others neither the person nor the note."""
        rows = self.connection.execute(
            self._posting_select()
            .add_columns(FeedRow.seq, PostingRow.pos)
            .join(FeedRow, FeedRow.posting_id == PostingRow.id)
            .where(FeedRow.seq > after, FeedRow.seq <= upto)
            .order_by(FeedRow.seq)
        )
        found = []
        for row in rows:
            ours = self.scope.lo <= row.pos < self.scope.hi
            if ours or row.seq in moved:
                posting = posting_facts(row)
                found.append((row.seq, posting if ours else replace(posting, actor="", note="")))
        return found
