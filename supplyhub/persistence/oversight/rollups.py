"""Sums of stock over every subtree, kept after the fact from the feed; and proof of all that reads rest on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from sqlalchemy import CTE, BigInteger, Select, case, cast, delete, func, literal, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from supplyhub.domain.oversight import LedgerFault
from supplyhub.domain.refusals import words
from supplyhub.domain.stock import AccountKind
from supplyhub.persistence.oversight.chains import Told
from supplyhub.persistence.rows import (
    AccountRow,
    BalanceRow,
    DivisionRow,
    FeedRow,
    MovementRow,
    RolledUpRow,
    StockRollupRow,
)
from supplyhub.persistence.scope import Repository

SHOULD = words("division number {division}: {on_hand} on hand and {in_transit} in transit should stand here")
SHOULD_NOT = words("division number {division}: {on_hand} on hand and {in_transit} in transit should not stand here")

Sums: TypeAlias = Select[int, int, int, int]
"""Division, item, units on hand, units in transit."""


class RollupRows(Repository):
    """The only hand that writes the sums."""

    def rolled_up(self) -> int:
        """The last entry of the feed that is in the sums."""
        return self.connection.scalars(select(RolledUpRow.seq)).one()

    def roll_up(self, after: int, upto: int) -> bool:
        """Add the entries in (after, upto]; False, and nothing is done, where another hand was faster."""
        moved = update(RolledUpRow).where(RolledUpRow.seq == after).values(seq=upto)
        if not self.connection.execute(moved).rowcount:
            return False
        table = StockRollupRow.__table__.c
        dialect = postgresql if self.connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(StockRollupRow).from_select(list(table.keys()), self._sum_up(after, upto))
        self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["division_id", "item_id"],
                set_={name: table[name] + statement.excluded[name] for name in ("on_hand", "in_transit")},
            )
        )
        return True

    def clear_rollup(self) -> None:
        """Begin again before the first entry."""
        self.connection.execute(update(RolledUpRow).values(seq=0))
        self.connection.execute(delete(StockRollupRow))

    def check_sums(self, _: Told) -> Iterator[LedgerFault]:
        """Sums are those of the movements up to where they stand; balances say what kind their account is."""
        places = self.connection.execute(select(RolledUpRow.id, RolledUpRow.seq)).all()
        if [place.id for place in places] != [1]:
            what = words("one row, number 1, says up to where the sums go; {count} stand here")
            yield LedgerFault("rolled_up", what, {"count": len(places)})
            return
        upto, last = places[0].seq, self.connection.scalar(select(func.coalesce(func.max(FeedRow.seq), 0))) or 0
        if not 0 <= upto <= last:
            what = words("the sums go up to entry {upto}, the feed to {last}")
            yield LedgerFault("rolled_up", what, {"upto": upto, "last": last})
        true, kept = self._sum_up(0, upto), select(*StockRollupRow.__table__.c)
        for said, template in ((true.except_(kept), SHOULD), (kept.except_(true), SHOULD_NOT)):
            for row in self.connection.execute(said.order_by("division_id", "item_id")):
                facts = {"division": row.division_id, "on_hand": row.on_hand, "in_transit": row.in_transit}
                yield LedgerFault("stock_rollup", template, facts, item_id=row.item_id, version=upto)
        transit = AccountRow.kind == AccountKind.TRANSIT.value
        wrong = (
            select(BalanceRow.account_id, BalanceRow.lot_id)
            .join(AccountRow, AccountRow.id == BalanceRow.account_id)
            .where(BalanceRow.in_transit.is_distinct_from(transit))
        )
        for row in self.connection.execute(wrong.order_by(BalanceRow.account_id, BalanceRow.lot_id)):
            what = words("whether it is in transit is not what its account says")
            yield LedgerFault("balance", what, account_id=row.account_id, lot_id=row.lot_id)

    def _sum_up(self, after: int, upto: int) -> Sums:
        """What the entries in (after, upto] change, for each division above a place and each item, in one statement."""
        ends = union_all(*(_ends(side, sign, after, upto) for side, sign in (("from", -1), ("to", 1)))).cte("ends")
        places = (
            select(
                ends.c.pos,
                ends.c.item_id,
                func.sum(case((ends.c.kind == AccountKind.ON_HAND.value, ends.c.units), else_=0)).label("on_hand"),
                func.sum(case((ends.c.kind == AccountKind.TRANSIT.value, ends.c.units), else_=0)).label("in_transit"),
            )
            .group_by(ends.c.pos, ends.c.item_id)
            .cte("places")
        )
        above = _above(places)
        return (
            select(
                above.c.division_id,
                places.c.item_id,
                cast(func.sum(places.c.on_hand), BigInteger).label("on_hand"),
                cast(func.sum(places.c.in_transit), BigInteger).label("in_transit"),
            )
            .join(above, above.c.pos == places.c.pos)
            .group_by(above.c.division_id, places.c.item_id)
        )


def _ends(side: str, sign: int, after: int, upto: int) -> Select[int, int, str, int]:
    """One end of each movement in (after, upto] that a floor guards, with what it brings there."""
    account = getattr(MovementRow, f"{side}_account_id")
    return (
        select(
            AccountRow.pos, MovementRow.item_id, AccountRow.kind,
            (literal(sign, BigInteger) * MovementRow.quantity_units).label("units"),
        )
        .join(FeedRow, FeedRow.posting_id == MovementRow.posting_id)
        .join(AccountRow, AccountRow.id == account)
        .where(AccountRow.floored, FeedRow.seq > after, FeedRow.seq <= upto)
    )  # fmt: skip


def _above(places: CTE) -> CTE:
    """Each position with the division that stands there, and all above that."""
    at = select(places.c.pos).distinct().cte("at")
    start = (
        select(at.c.pos, DivisionRow.id.label("division_id"), DivisionRow.parent_id)
        .join(DivisionRow, DivisionRow.lo == at.c.pos)
        .where(DivisionRow.valid_to.is_(None))
        .cte("above", recursive=True)
    )
    parent = aliased(DivisionRow)
    return start.union_all(
        select(start.c.pos, parent.id, parent.parent_id).join(parent, parent.id == start.c.parent_id)
    )
