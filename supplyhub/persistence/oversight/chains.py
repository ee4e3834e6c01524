"""The chains (监管): each balance's entries follow one another, sum by sum and hash by hash, and end in its row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby, pairwise
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
    union_all,
)

from supplyhub.domain.oversight import LedgerFault
from supplyhub.domain.refusals import words
from supplyhub.domain.stock import GENESIS
from supplyhub.persistence.hashes import digits, hash_after
from supplyhub.persistence.rows import AccountRow, BalanceRow, MovementRow, PostingRow
from supplyhub.persistence.scope import AnySelect, Repository

Told: TypeAlias = Callable[[str, int, int], None]
"""Hears which check goes on, and how many of how many of its parts are done; it may raise to stop."""
Key: TypeAlias = tuple[int, int] | None
"""A balance's account and lot, between two parts of the work; None is before the first or after the last."""

ENDS_AT_ONCE = 100_000
"""Ends of movements that one statement sorts: what bounds its memory, and how soon it hears that it should stop."""
NEVER_SO_MANY = 2**31


class Chains(Repository):
    """Windows over both ends of movements, a stretch of balances at a time; only what is faulty is read."""

    def check_chains(self, told: Told) -> Iterator[LedgerFault]:
        """Versions contiguous, sums right, never below zero, hashes fit; each balance says what its chain says."""
        stretches = list(pairwise([None, *self._cuts(), None]))
        for number, (low, high) in enumerate(stretches):
            told("chains", number, len(stretches))
            yield from self._first_faults(low, high)
            yield from self._balances(low, high)
            yield from self._without_balance(low, high)

    def _cuts(self) -> list[Key]:
        """Balances after which to pause, by what their versions say; any cuts are good ones."""
        size = case((BalanceRow.version.between(0, NEVER_SO_MANY), BalanceRow.version), else_=0) + 1
        order = (BalanceRow.account_id, BalanceRow.lot_id)
        summed = cast(func.sum(size).over(order_by=order), BigInteger)
        part = (summed // ENDS_AT_ONCE).label("part")
        parts = select(*order, part).subquery()
        before = func.lag(parts.c.part, 1, 0).over(order_by=(parts.c.account_id, parts.c.lot_id)).label("before")
        marked = select(*parts.c, before).subquery()
        rows = self.connection.execute(
            select(marked.c.account_id, marked.c.lot_id)
            .where(marked.c.part != marked.c.before)
            .order_by(marked.c.account_id, marked.c.lot_id)
        )
        return [(row.account_id, row.lot_id) for row in rows]

    def _first_faults(self, low: Key, high: Key) -> Iterator[LedgerFault]:
        """Of each chain the first entry that does not follow from the one before it."""
        ends = union_all(*(_entries(side, low, high) for side in ("from", "to"))).subquery()
        before = select(
            *ends.c,
            *(
                func.lag(ends.c[name], 1, first)
                .over(
                    partition_by=(ends.c.account_id, ends.c.lot_id),
                    order_by=(ends.c.version, ends.c.posting_id, ends.c.line),
                )
                .label(f"{name}_before")
                for name, first in (("version", 0), ("after", 0), ("hash", literal(GENESIS, LargeBinary)))
            ),
        ).subquery()
        step, wrong = before.c, _wrong_steps(before.c)
        digest = hash_after(self.connection, step.hash_before, step.entry)
        faulty = (
            select(
                step.account_id, step.lot_id, step.item_id, step.version, step.after, step.posting_id,
                step.version_before, (step.after_before + step.units).label("sum"),
                *(condition.label(name) for name, condition in wrong.items()),
            )
            .where(or_(*wrong.values(), step.hash.is_distinct_from(digest)))
            .order_by(step.account_id, step.lot_id, step.version, step.posting_id)
        )  # fmt: skip
        with self.connection.execute(faulty, execution_options={"yield_per": 1_000}) as rows:
            for _, of_one_chain in groupby(rows, key=lambda row: (row.account_id, row.lot_id)):
                yield _chain_fault(next(of_one_chain))

    def _balances(self, low: Key, high: Key) -> Iterator[LedgerFault]:
        """A balance has as many versions as entries, and holds what the last of them says."""
        counted = _count_entries(low, high)
        left, came = MovementRow.__table__.alias("left_by"), MovementRow.__table__.alias("came_by")
        new = BalanceRow.version == 0
        after = func.coalesce(left.c.from_after, came.c.to_after, case((new, 0)))
        digest = func.coalesce(left.c.from_hash, came.c.to_hash, case((new, literal(GENESIS, LargeBinary))))
        entries = func.coalesce(counted.c.entries, 0)
        wrong = {
            words("its version is not the number of its entries"): BalanceRow.version.is_distinct_from(entries),
            words("on hand is not what its last entry says"): BalanceRow.on_hand.is_distinct_from(after),
            words("its hash is not its last entry's"): BalanceRow.hash.is_distinct_from(digest),
            words("it holds less than nothing, or less than is reserved"): or_(
                BalanceRow.on_hand < 0, BalanceRow.reserved < 0, BalanceRow.reserved > BalanceRow.on_hand
            ),
        }
        mine = (BalanceRow.account_id, BalanceRow.lot_id)
        statement = (
            select(*mine, BalanceRow.item_id, BalanceRow.version, *flags(wrong))
            .outerjoin(counted, and_(counted.c.account_id == mine[0], counted.c.lot_id == mine[1]))
            .outerjoin(left, _is_last(left.c, "from"))
            .outerjoin(came, _is_last(came.c, "to"))
            .where(or_(*wrong.values()), *_between(*mine, low, high))
        )
        for row in self.connection.execute(statement):
            for place, what in enumerate(wrong):
                if row[4 + place]:
                    yield LedgerFault("balance", what, {}, row.account_id, row.lot_id, row.item_id, row.version)

    def _without_balance(self, low: Key, high: Key) -> Iterator[LedgerFault]:
        counted = _count_entries(low, high)
        there = and_(BalanceRow.account_id == counted.c.account_id, BalanceRow.lot_id == counted.c.lot_id)
        rows = self.connection.execute(select(counted).outerjoin(BalanceRow, there).where(BalanceRow.lot_id.is_(None)))
        for row in rows:
            what = words("there are {entries} movements but no balance")
            yield LedgerFault("balance", what, {"entries": row.entries}, row.account_id, row.lot_id)

    def check_other_ends(self, _: Told) -> Iterator[LedgerFault]:
        """Where no floor is, no version, sum or hash stands."""
        for side in ("from", "to"):
            columns = MovementRow.__table__.c
            account = columns[f"{side}_account_id"]
            stands = or_(*(columns[f"{side}_{name}"].is_not(None) for name in ("version", "after", "hash")))
            rows = self.connection.execute(
                select(account.label("account_id"), columns.lot_id, columns.item_id, columns.posting_id)
                .join(AccountRow, AccountRow.id == account)
                .where(AccountRow.floored.is_(False), stands)
            )
            for row in rows:
                what = words("posting {posting}: an account without a floor has no version, sum or hash")
                facts = {"posting": row.posting_id}
                yield LedgerFault("movement", what, facts, row.account_id, row.lot_id, row.item_id)


def _entries(side: str, low: Key, high: Key) -> AnySelect:
    """One end of movements, where a floor guards it: what it says, and the canonical bytes of its entry as text."""
    columns, posting = MovementRow.__table__.c, PostingRow.__table__.c
    account, version, after = (columns[f"{side}_{name}"] for name in ("account_id", "version", "after"))
    moment = type_coerce(posting.recorded_at, BigInteger)
    fields = (
        literal("supplyhub-ledger-1"), digits(posting.id), digits(posting.actor_id), posting.verb, digits(moment),
        digits(columns.line), literal(side), digits(columns.from_account_id), digits(columns.to_account_id),
        digits(columns.item_id), digits(columns.lot_id), digits(columns.quantity_units), columns.reason,
        digits(version), digits(after),
    )  # fmt: skip
    entry: ColumnElement[Any] = fields[0]
    for text in fields[1:]:
        entry = entry.concat("\n").concat(text)
    units = columns.quantity_units if side == "to" else -columns.quantity_units
    return (
        select(
            account.label("account_id"), columns.lot_id, columns.item_id, columns.posting_id, columns.line,
            version.label("version"), after.label("after"), columns[f"{side}_hash"].label("hash"),
            units.label("units"), entry.label("entry"),
        )
        .join(AccountRow, AccountRow.id == account)
        .outerjoin(PostingRow, PostingRow.id == columns.posting_id)
        .where(AccountRow.floored, *_between(account, columns.lot_id, low, high))
    )  # fmt: skip


def _count_entries(low: Key, high: Key) -> Any:
    """How many ends of movements each balance has."""
    sides = []
    for side in ("from", "to"):
        account = MovementRow.__table__.c[f"{side}_account_id"]
        sides.append(
            select(account.label("account_id"), MovementRow.lot_id)
            .join(AccountRow, AccountRow.id == account)
            .where(AccountRow.floored, *_between(account, MovementRow.lot_id, low, high))
        )
    ends = union_all(*sides).subquery()
    keys = (ends.c.account_id, ends.c.lot_id)
    return select(*keys, func.count().label("entries")).group_by(*keys).subquery()


def _between(account: Any, lot: Any, low: Key, high: Key) -> Iterator[ColumnElement[bool]]:
    """After one balance, up to another."""
    if low is not None:
        yield tuple_(account, lot) > tuple_(*map(literal, low))
    if high is not None:
        yield tuple_(account, lot) <= tuple_(*map(literal, high))


def _wrong_steps(step: Any) -> dict[str, ColumnElement[bool]]:
    return {
        "not_next": step.version.is_distinct_from(step.version_before + 1),
        "not_sum": or_((step.after - step.after_before).is_distinct_from(step.units), step.after < 0),
    }


def _chain_fault(row: Any) -> LedgerFault:
    what, facts = words("posting {posting}: the hash does not fit the entry and what came before it"), {}
    if row.not_next:
        what, facts = words("posting {posting}: version {version} follows {before}"), {"before": row.version_before}
    elif row.not_sum:
        what = words("posting {posting}: the entry says {after} after it, the sum is {sum}")
        facts = {"after": row.after, "sum": row.sum}
    said = {"posting": row.posting_id, "version": row.version, **facts}
    return LedgerFault("movement", what, said, row.account_id, row.lot_id, row.item_id, row.version)


def flags(wrong: Mapping[str, Any]) -> Iterator[Any]:
    """Whether each of these is so, as columns."""
    return (condition.label(f"wrong_{place}") for place, condition in enumerate(wrong.values()))


def _is_last(movement: Any, side: str) -> ColumnElement[bool]:
    """The movement is what the balance's version says of its last one."""
    return and_(
        movement[f"{side}_account_id"] == BalanceRow.account_id,
        movement.lot_id == BalanceRow.lot_id,
        movement[f"{side}_version"] == BalanceRow.version,
    )
