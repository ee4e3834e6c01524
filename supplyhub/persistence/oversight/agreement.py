"""Books that must agree: accounts and lots with what makes them, balances with both, holds with their orders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import case, exists, func, or_, select

from supplyhub.domain.oversight import LedgerFault
from supplyhub.domain.stock import FLOORED, AccountKind, Condition, lot_identity, note_digest
from supplyhub.persistence.oversight.raw import raw
from supplyhub.persistence.rows import (
    AccountRow,
    AnswerRow,
    BalanceRow,
    DepotRow,
    DivisionRow,
    LotRow,
    MovementRow,
    OrderLineRow,
    OrderRow,
    PostingNoteRow,
    PostingRow,
    ReservationRow,
)
from supplyhub.persistence.scope import Repository

HOLDS = {"approved": "held", "cancelled": "released"}
"""What became of an order's holds, by its status; in all others they are consumed."""


class Agreement(Repository):
    """Each check names the rows of one table that contradict another."""

    def list_disagreements(self) -> Iterator[LedgerFault]:
        """Rows that cannot be what they say, given the rows they point to."""
        yield from self._accounts()
        yield from self._lots()
        yield from self._balances()
        yield from self._strays()
        yield from self._notes()
        yield from self._holds()

    def _accounts(self) -> Iterator[LedgerFault]:
        """The key says what the account is; its place is its depot's, or its division's; something moved there."""
        # Sets rather than a look for each row: the ends of movements are not indexed by themselves.
        moved = or_(
            AccountRow.id.in_(select(MovementRow.from_account_id)), AccountRow.id.in_(select(MovementRow.to_account_id))
        )
        place = case((AccountRow.depot_id.is_(None), DivisionRow.lo), else_=DepotRow.pos)
        rows = self.connection.execute(
            select(*raw(AccountRow), place.label("place"), moved.label("moved"))
            .outerjoin(DepotRow, DepotRow.id == AccountRow.depot_id)
            .outerjoin(DivisionRow, DivisionRow.id == AccountRow.division_id)
        )
        for row in rows:
            parts = (row.kind, row.division_id, row.depot_id, row.order_id, row.condition)
            true = {
                "key": ":".join("" if part is None else str(part) for part in parts),
                "pos": row.place,
                "floored": row.kind in FLOORED,
            }
            for name, value in true.items():
                if getattr(row, name) != value:
                    yield _fault("account", row.id, 0, f"{name} is {getattr(row, name)!r}, it must be {value!r}")
            if row.kind not in set(AccountKind) or row.condition not in {None, *Condition}:
                yield _fault("account", row.id, 0, f"there is no account of {row.kind!r} and {row.condition!r}")
            if not row.moved:
                yield _fault("account", row.id, 0, "nothing was ever moved from or to it")

    def _lots(self) -> Iterator[LedgerFault]:
        """The identity is that of the facts, and something of the lot was moved."""
        moved = LotRow.id.in_(select(MovementRow.lot_id))
        for row in self.connection.execute(select(*raw(LotRow), moved.label("moved"))):
            facts = (row.item_id, row.owner_id, row.code, row.earmark_id, row.produced_on, row.expires_on, row.origin)
            if row.identity != lot_identity(facts):
                yield _fault("lot", 0, row.id, "its identity is not that of its facts")
            if not row.moved:
                yield _fault("lot", 0, row.id, "nothing of it was ever moved")

    def _balances(self) -> Iterator[LedgerFault]:
        rows = self.connection.execute(
            select(BalanceRow.account_id, BalanceRow.lot_id)
            .outerjoin(AccountRow, AccountRow.id == BalanceRow.account_id)
            .outerjoin(LotRow, LotRow.id == BalanceRow.lot_id)
            .where(
                or_(
                    BalanceRow.pos.is_distinct_from(AccountRow.pos),
                    BalanceRow.item_id.is_distinct_from(LotRow.item_id),
                )
            )
        )
        for row in rows:
            yield _fault("balance", row.account_id, row.lot_id, "its place or its item is not its account's, its lot's")

    def _strays(self) -> Iterator[LedgerFault]:
        """Rows about postings that there are not."""
        for row in (MovementRow, AnswerRow, PostingNoteRow):
            about = row.__table__.c.posting_id
            stray = select(about).where(~exists().where(PostingRow.id == about)).order_by(about)
            for posting_id in self.connection.scalars(stray):
                yield _fault(row.__tablename__, 0, 0, f"there is no posting {posting_id}")

    def _notes(self) -> Iterator[LedgerFault]:
        """A note is what its hash was made of, or was erased with its salt."""
        for row in self.connection.execute(select(*raw(PostingNoteRow))):
            stands = row.note == "" if row.salt is None else note_digest(row.salt, row.note) == row.sha256
            if not stands:
                yield _fault(
                    "posting_note", 0, 0, f"the note of posting {row.posting_id} is not the one that was written"
                )

    def _holds(self) -> Iterator[LedgerFault]:
        """What is held for an order line is its lot and units, in good condition, where the order starts."""
        state = case(*((OrderRow.status == status, state) for status, state in HOLDS.items()), else_="consumed")
        rows = self.connection.execute(
            select(*ReservationRow.__table__.c, state.label("true_state"))
            .outerjoin(OrderLineRow, OrderLineRow.id == ReservationRow.order_line_id)
            .outerjoin(OrderRow, OrderRow.id == OrderLineRow.order_id)
            .outerjoin(AccountRow, AccountRow.id == ReservationRow.account_id)
            .where(
                or_(
                    ReservationRow.lot_id.is_distinct_from(OrderLineRow.lot_id),
                    ReservationRow.quantity_units.is_distinct_from(OrderLineRow.quantity_units),
                    ReservationRow.state.is_distinct_from(state),
                    AccountRow.depot_id.is_distinct_from(OrderRow.from_depot_id),
                    func.coalesce(AccountRow.condition, "") != Condition.GOOD.value,
                )
            )
        )
        for row in rows:
            what = f"order line {row.order_line_id} is not held like this: {row.quantity_units} units, {row.state}"
            yield _fault("reservation", row.account_id, row.lot_id, what)
        unheld = (
            select(OrderLineRow.id, OrderLineRow.lot_id)
            .where(~exists().where(ReservationRow.order_line_id == OrderLineRow.id))
            .order_by(OrderLineRow.id)
        )
        for line in self.connection.execute(unheld):
            yield _fault("reservation", 0, line.lot_id, f"nothing was ever held for order line {line.id}")


def _fault(kind: str, account_id: int, lot_id: int, what: Any) -> LedgerFault:
    return LedgerFault(kind, account_id, lot_id, 0, what)
