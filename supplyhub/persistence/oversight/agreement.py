"""Books that must agree (监管): accounts and lots with what makes them, balances with both, notes with their hashes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    LargeBinary,
    String,
    Text,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType

from supplyhub.domain.oversight import LedgerFault
from supplyhub.domain.refusals import words
from supplyhub.domain.stock import FLOORED, AccountKind, Condition
from supplyhub.persistence.arrays import table_of
from supplyhub.persistence.hashes import day_text, digits, hash_after, hex_of
from supplyhub.persistence.oversight.chains import Told, flags
from supplyhub.persistence.rows import (
    AccountRow,
    AnswerRow,
    BalanceRow,
    DepotRow,
    DivisionRow,
    FeedRow,
    LotRow,
    MovementRow,
    PostingNoteRow,
    PostingRow,
    ReservationRow,
    RolledUpRow,
    SealRow,
    StockRollupRow,
    UnnumberedRow,
)
from supplyhub.persistence.scope import Repository

LEDGER = (
    AccountRow, AnswerRow, BalanceRow, FeedRow, LotRow, MovementRow, PostingNoteRow, PostingRow, ReservationRow,
    RolledUpRow, SealRow, StockRollupRow, UnnumberedRow,
)  # fmt: skip
"""The tables of the ledger, and of the sums that are kept from it."""


class Agreement(Repository):
    """Each check names the rows of one table that contradict another."""

    def check_accounts(self, _: Told) -> Iterator[LedgerFault]:
        """The key says what the account is; its place is its depot's, or its division's; something moved there."""
        row = AccountRow
        parts = (row.kind, digits(row.division_id), digits(row.depot_id), digits(row.order_id), row.condition)
        place = case((row.depot_id.is_(None), DivisionRow.lo), else_=DepotRow.pos)
        moved = or_(
            *(exists().where(end == row.id) for end in (MovementRow.from_account_id, MovementRow.to_account_id))
        )
        wrong = {
            words("its key is not that of its facts"): row.key.is_distinct_from(_joined(parts, ":")),
            words("its place in the tree is not its depot's, or its division's"): row.pos.is_distinct_from(place),
            words("it has a floor and should not, or the other way round"): case((row.floored, 1), else_=0)
            != case((row.kind.in_(FLOORED), 1), else_=0),
            words("there is no account of such a kind or condition"): or_(
                row.kind.not_in(tuple(AccountKind)), row.condition.not_in(tuple(Condition))
            ),
            words("nothing was ever moved from or to it"): ~moved,
        }
        found = (
            select(row.id, *flags(wrong))
            .outerjoin(DepotRow, DepotRow.id == row.depot_id)
            .outerjoin(DivisionRow, DivisionRow.id == row.division_id)
            .where(or_(*wrong.values()))
        )
        for account_id, *said in self.connection.execute(found):
            for what, flag in zip(wrong, said, strict=True):
                if flag:
                    yield LedgerFault("account", what, account_id=account_id)

    def check_lots(self, _: Told) -> Iterator[LedgerFault]:
        """The identity is that of the facts, and something of the lot was moved."""
        row, text = LotRow, self.connection
        parts = (
            digits(row.item_id), digits(row.owner_id), row.code, digits(row.earmark_id),
            day_text(text, row.produced_on), day_text(text, row.expires_on), row.origin,
        )  # fmt: skip
        nothing = literal(b"", LargeBinary)
        identity = hex_of(text, hash_after(text, nothing, _joined(parts, "\x1f")))
        other = select(row.id, row.item_id).where(row.identity.is_distinct_from(identity))
        for lot_id, item_id in self.connection.execute(other):
            yield LedgerFault("lot", words("its identity is not that of its facts"), lot_id=lot_id, item_id=item_id)
        # As a set: movements have no index by their lot alone.
        moved = select(MovementRow.lot_id).distinct().subquery()
        unmoved = select(row.id, row.item_id).outerjoin(moved, moved.c.lot_id == row.id).where(moved.c.lot_id.is_(None))
        for lot_id, item_id in self.connection.execute(unmoved):
            yield LedgerFault("lot", words("nothing of it was ever moved"), lot_id=lot_id, item_id=item_id)

    def check_items(self, _: Told) -> Iterator[LedgerFault]:
        """A balance has its account's place and floor; balances and movements have their lot's item."""
        rows = self.connection.execute(
            select(BalanceRow.account_id, BalanceRow.lot_id, BalanceRow.item_id)
            .outerjoin(AccountRow, AccountRow.id == BalanceRow.account_id)
            .outerjoin(LotRow, LotRow.id == BalanceRow.lot_id)
            .where(
                or_(
                    BalanceRow.pos.is_distinct_from(AccountRow.pos),
                    BalanceRow.item_id.is_distinct_from(LotRow.item_id),
                    AccountRow.floored.is_(False),
                )
            )
        )
        for row in rows:
            what = words("its place, its floor or its item is not its account's, its lot's")
            yield LedgerFault("balance", what, {}, row.account_id, row.lot_id, row.item_id)
        others = (
            select(MovementRow.posting_id, MovementRow.to_account_id, MovementRow.lot_id, MovementRow.item_id)
            .join(LotRow, LotRow.id == MovementRow.lot_id)
            .where(MovementRow.item_id.is_distinct_from(LotRow.item_id))
        )
        for posting_id, account_id, lot_id, item_id in self.connection.execute(others):
            what = words("posting {posting}: its item is not its lot's")
            yield LedgerFault("movement", what, {"posting": posting_id}, account_id, lot_id, item_id)

    def check_strays(self, _: Told) -> Iterator[LedgerFault]:
        """Rows about others that there are not, by every foreign key of the ledger."""
        for row in LEDGER:
            table = table_of(row)
            for key in table.foreign_keys:
                there = key.column.table.alias("there")
                column = key.parent
                missing = ~exists().where(there.c[key.column.name] == column)
                for (number,) in self.connection.execute(select(column).where(column.is_not(None), missing)):
                    what = words("there is no {table} {number}")
                    yield LedgerFault(table.name, what, {"table": key.column.table.name, "number": number})

    def check_postings(self, _: Told) -> Iterator[LedgerFault]:
        """What somebody posted was answered; a reversal brings back what it reverses, and nothing else does."""
        answered = exists().where(AnswerRow.posting_id == PostingRow.id)
        claims = (PostingRow.verb == "reverse_posting") != PostingRow.reverses_id.is_not(None)
        back, there = MovementRow.__table__.alias("back"), MovementRow.__table__.alias("there")
        mirrored = exists().where(
            there.c.posting_id == PostingRow.reverses_id,
            there.c.from_account_id == back.c.to_account_id,
            there.c.to_account_id == back.c.from_account_id,
            there.c.lot_id == back.c.lot_id,
            there.c.quantity_units == back.c.quantity_units,
        )
        count_back, count_there = (
            select(func.count()).where(MovementRow.posting_id == posting_id).scalar_subquery()
            for posting_id in (PostingRow.id, PostingRow.reverses_id)
        )
        reverses = PostingRow.reverses_id.is_not(None)
        other = select(back.c.id).where(back.c.posting_id == PostingRow.id, ~mirrored).exists()
        wrong = {
            words("posting {posting} was never answered"): and_(PostingRow.tenant_id != 0, ~answered),
            words("posting {posting} is a reversal of nothing, or reverses and is none"): claims,
            words("posting {posting} does not bring back what it reverses"): and_(
                reverses, or_(count_back != count_there, other)
            ),
        }
        for what, condition in wrong.items():
            for posting_id in self.connection.scalars(select(PostingRow.id).where(condition)):
                yield LedgerFault("posting", what, {"posting": posting_id})

    def check_notes(self, _: Told) -> Iterator[LedgerFault]:
        """A note is what its hash was made of, or was erased with its salt."""
        row = PostingNoteRow
        kept = row.sha256 == hash_after(self.connection, row.salt, row.note)
        stands = case((row.salt.is_(None), row.note == ""), else_=kept)
        changed = select(row.posting_id).where(func.coalesce(stands, False).is_(False))
        for (posting_id,) in self.connection.execute(changed):
            what = words("the note of posting {posting} is not the one that was written")
            yield LedgerFault("posting_note", what, {"posting": posting_id})

    def check_values(self, _: Told) -> Iterator[LedgerFault]:
        """SQLite takes any value in any column; PostgreSQL does not, so that there is nothing to look for."""
        if self.connection.dialect.name != "sqlite":
            return
        for row in LEDGER:
            table = table_of(row)
            strange = or_(*map(_strange, table.c))
            for columns in self.connection.execute(select(*list(table.primary_key)[:1]).where(strange)):
                what = words("row {number} holds a value of a kind that its column does not take")
                yield LedgerFault(table.name, what, {"number": columns[0]})


def _joined(parts: Iterable[Any], between: str) -> Any:
    """Texts with something between them, None as nothing."""
    joined: Any = None
    for part in parts:
        text = func.coalesce(part, "")
        joined = text if joined is None else joined.concat(literal(between)).concat(text)
    return joined


def _strange(column: Column[Any]) -> Any:
    """Whether a value of SQLite is of no kind that its column takes."""
    value = type_coerce(column, NullType())
    kind = func.typeof(value)
    fits = kind == KINDS.get(type(column.type), "integer")
    if isinstance(column.type, Boolean):
        fits = fits & value.in_((0, 1))
    if isinstance(column.type, Date):
        fits = fits & func.date(value).is_not_distinct_from(value)
    return ~(or_(fits, value.is_(None)) if column.nullable else fits)


KINDS = {LargeBinary: "blob", String: "text", Text: "text", Date: "text"}
"""What SQLite calls the kinds of values that are no whole numbers."""
