"""The lines of an export (监管): each posting of the feed with all it says, byte for byte as docs/ledger.md has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import chain, groupby
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, select

from supplyhub.persistence.arrays import key_table, table_of
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
)
from supplyhub.persistence.scope import Repository

AT_ONCE, MOVED_AT_ONCE = 1_000, 5_000
"""Postings that are read together, and movements after which no more are: one posting may have thousands."""
KEPT_AT_MOST = 50_000
"""Accounts, and lots, that are remembered as they are written; some hundred bytes each."""


class Shape:
    """How rows of a table are read and written: the columns by name, and JSON without blanks of their values.

    Moments are microseconds as they are stored, days ISO dates, bytes hexadecimal, what is true or false 1 or 0.
    """

    def __init__(self, row: type[Row], *left_out: str) -> None:
        by_name = sorted(((column.name, column) for column in raw(row)), key=lambda pair: pair[0])
        self.columns = [column for name, column in by_name if name not in left_out]
        self.place = {column.name: place for place, column in enumerate(self.columns)}
        self._template = "{" + ",".join(f'"{name}":%s' for name in self.place) + "}"

    def write(self, values: Iterable[Any]) -> str:
        """One row."""
        return self._template % tuple([TEXTS[type(value)](value) for value in values])


TEXTS: dict[type, Callable[[Any], str]] = {
    int: str,
    type(None): lambda _: "null",
    str: encode_basestring,
    bytes: lambda value: f'"{value.hex()}"',
    bool: lambda value: str(int(value)),
    date: lambda value: f'"{value.isoformat()}"',
    float: repr,
}
"""How JSON has what a database may hold; real numbers stand in no column unless somebody put them there."""

ACCOUNT, LOT = Shape(AccountRow, "pos"), Shape(LotRow)
"""An account's place may change when the tree is numbered anew; the verifier holds it to the tree instead."""
ANSWER, NOTE, POSTING, MOVEMENT = (Shape(row) for row in (AnswerRow, PostingNoteRow, PostingRow, MovementRow))
LINE = '{"accounts":[%s],"answers":[%s],"lots":[%s],"movements":[%s],"notes":[%s],"posting":%s,"seq":%d}\n'
ENDS = (MOVEMENT.place["from_account_id"], MOVEMENT.place["to_account_id"])
OF_LOT, OF_POSTING = (MOVEMENT.place["lot_id"],), MOVEMENT.place["posting_id"]

Texts: TypeAlias = dict[int, str]
Stretch: TypeAlias = list[tuple[int, Any, list[Any]]]
"""Numbers of the feed with the row of their posting and the rows of its movements."""


class Lines(Repository):
    """Reads plain rows and writes them into one template a table, so that a million movements take seconds."""

    def list_lines(self, after: int, upto: int) -> Iterator[tuple[int, bytes]]:
        """Every posting with a number in (after, upto] as its number and its line, in order, few at a time."""
        accounts: Texts = {}
        lots: Texts = {}
        for low in range(after, upto, AT_ONCE):
            between = (FeedRow.seq > low) & (FeedRow.seq <= min(low + AT_ONCE, upto))
            answers, notes = (self._beside(row, shape, between) for row, shape in BESIDE)
            for stretch in self._stretches(between):
                moves = [move for _, _, of_posting in stretch for move in of_posting]
                self._learn(accounts, AccountRow, ACCOUNT, _named(moves, ENDS))
                self._learn(lots, LotRow, LOT, _named(moves, OF_LOT))
                for seq, posting, of_posting in stretch:
                    posting_id = posting[POSTING.place["id"]]
                    line = LINE % (
                        ",".join([accounts[key] for key in _named(of_posting, ENDS)]),
                        ",".join(map(ANSWER.write, answers[posting_id])),
                        ",".join([lots[key] for key in _named(of_posting, OF_LOT)]),
                        ",".join(map(MOVEMENT.write, of_posting)),
                        ",".join(TEXTS[bytes](note[NOTE.place["sha256"]]) for note in notes[posting_id]),
                        POSTING.write(posting),
                        seq,
                    )
                    yield seq, line.encode()

    def _stretches(self, between: ColumnElement[bool]) -> Iterator[Stretch]:
        """Postings of a stretch of the feed with their movements, in order; some thousand movements at a time."""
        numbered = self.connection.execute(
            select(FeedRow.seq, *POSTING.columns)
            .join(PostingRow, PostingRow.id == FeedRow.posting_id)
            .where(between)
            .order_by(FeedRow.seq)
        ).all()
        moved = (
            select(*MOVEMENT.columns)
            .join(FeedRow, FeedRow.posting_id == MovementRow.posting_id)
            .where(between)
            .order_by(FeedRow.seq, MovementRow.line, MovementRow.id)
        )
        # Closed also where whoever reads has seen enough: PostgreSQL keeps what is left otherwise.
        with self.connection.execute(moved, execution_options={"yield_per": AT_ONCE}) as rows:
            yield from _cut(numbered, chain.from_iterable(rows.partitions()))

    def _beside(self, row: type[Row], shape: Shape, between: ColumnElement[bool]) -> dict[int, list[Any]]:
        """Rows beside the postings of a stretch of the feed, by posting."""
        found: dict[int, list[Any]] = defaultdict(list)
        about = table_of(row).c.posting_id
        for one in self.connection.execute(
            select(*shape.columns).join(FeedRow, FeedRow.posting_id == about).where(between)
        ):
            found[one.posting_id].append(one)
        return found

    def _learn(self, known: Texts, row: type[Row], shape: Shape, ids: list[int]) -> None:
        """Know these accounts or lots as they are written; what there is not is null."""
        if len(known) > KEPT_AT_MOST:
            known.clear()
        new = [key for key in ids if key not in known]
        known.update(dict.fromkeys(new, "null"))
        keys = key_table(self.connection, row, id=new)
        rows = self.connection.execute(select(*shape.columns).join(keys, keys.c.id == table_of(row).c.id))
        known.update((one[shape.place["id"]], shape.write(one)) for one in rows)


BESIDE: tuple[tuple[type[Row], Shape], ...] = ((AnswerRow, ANSWER), (PostingNoteRow, NOTE))


def _cut(numbered: Iterable[Sequence[Any]], moved: Iterable[Any]) -> Iterator[Stretch]:
    """Postings with their movements, which come in the same order; some thousand movements at a time."""
    by_posting = groupby(moved, key=itemgetter(OF_POSTING))
    following = next(by_posting, None)
    stretch: Stretch = []
    held = 0
    for seq, *posting in numbered:
        moves: list[Any] = []
        if following is not None and following[0] == posting[POSTING.place["id"]]:
            moves = list(following[1])
            following = next(by_posting, None)
        stretch.append((seq, posting, moves))
        held += len(moves)
        if held >= MOVED_AT_ONCE:
            yield stretch
            stretch, held = [], 0
    yield stretch


def _named(moves: Iterable[Sequence[Any]], places: Iterable[int]) -> list[int]:
    """The ids that stand in these columns, each once, ascending."""
    return sorted({move[place] for place in places for move in moves})
