"""The verifier (监管): proves that every stored balance is the sum of its movements, and says where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, union_all

from supplyhub.domain.oversight import LedgerFault, Verification
from supplyhub.domain.stock import GENESIS, AccountKind, Movement, Reason, Stamp, chain, entry_bytes
from supplyhub.persistence.durability import find_unsafe
from supplyhub.persistence.rows import (
    AccountRow,
    BalanceRow,
    MovementRow,
    OrderLineRow,
    OrderRow,
    PostingRow,
    RequestLineRow,
    ReservationRow,
)
from supplyhub.persistence.scope import Repository

CLOSED = ("received", "cancelled", "recalled")
"""Order statuses after which nothing may be left in transit."""


@dataclass
class _Chain:
    """How far a balance's chain has been followed."""

    version: int = 0
    after: int = 0
    hash: bytes = GENESIS
    broken: bool = False


class Verifier(Repository):
    """Follows chains, adds up, compares; of each thing that is wrong it says where."""

    def verify_stock(self) -> Verification:
        """Follow every chain from its first entry; compare with the balances, the reservations and the orders."""
        faults: list[LedgerFault] = []
        chains: dict[tuple[int, int], _Chain] = {}
        movements = 0
        for row in self._ends():
            movements += 1
            faults.extend(_follow(row, chains))
        balances = len(chains)
        faults.extend(self._compare(chains))
        faults.extend(self._check_reservations())
        faults.extend(self._check_orders())
        return Verification(movements=movements, balances=balances, faults=faults)

    def list_unsafe_settings(self) -> list[str]:
        """Settings of the database under which what it acknowledges may be lost."""
        return find_unsafe(self.connection)

    def _ends(self) -> Iterator[Any]:
        """Both ends of every movement that a floor guards, chain by chain in version order."""

        def end(side: str) -> Any:
            account = getattr(MovementRow, f"{side}_account_id")
            return (
                select(
                    account.label("account_id"), getattr(MovementRow, f"{side}_version").label("version"),
                    getattr(MovementRow, f"{side}_after").label("after"),
                    getattr(MovementRow, f"{side}_hash").label("hash"),
                    *(MovementRow.__table__.c[name] for name in _MOVEMENT_COLUMNS),
                    PostingRow.actor_id, PostingRow.verb, PostingRow.recorded_at,
                )
                .join(PostingRow, PostingRow.id == MovementRow.posting_id)
                .join(AccountRow, AccountRow.id == account)
                .where(AccountRow.floored)
            )  # fmt: skip

        both = union_all(end("from"), end("to")).subquery()
        yield from self.connection.execute(
            select(both).order_by(both.c.account_id, both.c.lot_id, both.c.version),
            execution_options={"yield_per": 10_000},
        )

    def _compare(self, chains: dict[tuple[int, int], _Chain]) -> Iterator[LedgerFault]:
        for row in self.connection.execute(select(*BalanceRow.__table__.c)):
            end = chains.pop((row.account_id, row.lot_id), _Chain())
            if end.broken:
                continue
            for name, stored, proved in (
                ("version", row.version, end.version),
                ("on_hand", row.on_hand, end.after),
                ("hash", row.hash.hex(), end.hash.hex()),
            ):
                if stored != proved:
                    yield LedgerFault(
                        "balance",
                        row.account_id,
                        row.lot_id,
                        row.version,
                        f"{name} is {stored}, its chain says {proved}",
                    )
        for (account_id, lot_id), end in chains.items():
            yield LedgerFault("balance", account_id, lot_id, end.version, "there are movements but no balance")

    def _check_reservations(self) -> Iterator[LedgerFault]:
        held = (
            select(
                ReservationRow.account_id, ReservationRow.lot_id, func.sum(ReservationRow.quantity_units).label("units")
            )
            .where(ReservationRow.state == "held")
            .group_by(ReservationRow.account_id, ReservationRow.lot_id)
            .subquery()
        )
        rows = self.connection.execute(
            select(BalanceRow.account_id, BalanceRow.lot_id, BalanceRow.version, BalanceRow.reserved, held.c.units)
            .outerjoin(held, (held.c.account_id == BalanceRow.account_id) & (held.c.lot_id == BalanceRow.lot_id))
            .where(BalanceRow.reserved != func.coalesce(held.c.units, 0))
        )
        for row in rows:
            yield LedgerFault(
                "reservation", row.account_id, row.lot_id, row.version,
                f"reserved is {row.reserved}, held reservations sum to {row.units or 0}",
            )  # fmt: skip

    def _check_orders(self) -> Iterator[LedgerFault]:
        """Transit of a closed order is empty, and no request line has more ordered than its orders hold."""
        left = self.connection.execute(
            select(BalanceRow.account_id, BalanceRow.lot_id, BalanceRow.version, BalanceRow.on_hand, OrderRow.id)
            .join(AccountRow, AccountRow.id == BalanceRow.account_id)
            .join(OrderRow, OrderRow.id == AccountRow.order_id)
            .where(AccountRow.kind == AccountKind.TRANSIT.value, OrderRow.status.in_(CLOSED), BalanceRow.on_hand != 0)
        )
        for row in left:
            yield LedgerFault(
                "transit", row.account_id, row.lot_id, row.version,
                f"order {row.id} is closed and {row.on_hand} units are still in transit",
            )  # fmt: skip
        live = (
            select(
                OrderLineRow.request_line_id,
                func.sum(OrderLineRow.quantity_units - OrderLineRow.lost_units).label("units"),
            )
            .join(OrderRow, OrderRow.id == OrderLineRow.order_id)
            .where(OrderRow.status.not_in(("cancelled", "recalled")))
            .group_by(OrderLineRow.request_line_id)
            .subquery()
        )
        wrong = self.connection.execute(
            select(RequestLineRow.id, RequestLineRow.ordered_units, live.c.units)
            .outerjoin(live, live.c.request_line_id == RequestLineRow.id)
            .where(RequestLineRow.ordered_units != func.coalesce(live.c.units, 0))
        )
        for row in wrong:
            yield LedgerFault(
                "request line", row.id, 0, 0, f"ordered is {row.ordered_units}, its orders sum to {row.units or 0}"
            )


_MOVEMENT_COLUMNS = (
    "posting_id", "line", "from_account_id", "to_account_id", "item_id", "lot_id", "quantity_units", "reason",
)  # fmt: skip


def _reason(code: str) -> Reason:
    """The reason; of a code that there is not, another, which no hash of an entry with that code fits."""
    return REASONS.get(code, Reason.CORRECTION)


REASONS = {reason.value: reason for reason in Reason}


def _follow(row: Any, chains: dict[tuple[int, int], _Chain]) -> Iterator[LedgerFault]:
    """One step along a chain: the next version, the sum, the floor and the hash."""
    key = (row.account_id, row.lot_id)
    at = chains.setdefault(key, _Chain())
    if at.broken:
        return
    side = "from" if row.account_id == row.from_account_id else "to"
    movement = Movement(
        row.from_account_id, row.to_account_id, row.item_id, row.lot_id, row.quantity_units, _reason(row.reason)
    )
    after = at.after - row.quantity_units if side == "from" else at.after + row.quantity_units
    stamp = Stamp(row.posting_id, row.actor_id, row.verb, row.recorded_at)
    digest = chain(at.hash, entry_bytes(stamp, row.line, side, movement, at.version + 1, after))
    wrong = ""
    if row.version != at.version + 1:
        wrong = f"version {row.version} follows {at.version}"
    elif row.after != after or after < 0:
        wrong = f"the entry says {row.after} after it, the sum is {after}"
    elif row.hash != digest:
        wrong = "the hash does not fit the entry and what came before it"
    if wrong:
        at.broken = True
        yield LedgerFault(
            "movement", row.account_id, row.lot_id, row.version or 0, f"posting {row.posting_id}: {wrong}"
        )
        return
    at.version, at.after, at.hash = at.version + 1, after, digest
