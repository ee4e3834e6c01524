"""What was promised (监管): holds are what their orders say, closed orders are empty, requests count orders."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, case, exists, func, or_, select

from supplyhub.domain.oversight import LedgerFault
from supplyhub.domain.refusals import words
from supplyhub.domain.stock import AccountKind, Condition
from supplyhub.persistence.oversight.chains import Told
from supplyhub.persistence.rows import (
    AccountRow,
    BalanceRow,
    OrderLineRow,
    OrderRow,
    RequestLineRow,
    ReservationRow,
)
from supplyhub.persistence.scope import Repository

BROUGHT_NOTHING = ("cancelled", "recalled", "lapsed")
"""Order statuses that leave what was asked for as if it had never been ordered."""
CLOSED = ("received", *BROUGHT_NOTHING)
"""Order statuses after which nothing may be left in transit."""
HOLDS = {"approved": "held", "cancelled": "released", "lapsed": "released"}
"""What became of an order's holds, by its status; in all others they are consumed."""


class Promises(Repository):
    """Each check names the rows that promise something else than what they are about."""

    def check_reserved(self, _: Told) -> Iterator[LedgerFault]:
        """`reserved` is the sum of held reservations, and nothing is held where no balance is."""
        keys = (ReservationRow.account_id, ReservationRow.lot_id)
        summed = func.sum(ReservationRow.quantity_units).label("units")
        held = select(*keys, summed).where(ReservationRow.state == "held").group_by(*keys).subquery()
        here = and_(held.c.account_id == BalanceRow.account_id, held.c.lot_id == BalanceRow.lot_id)
        balance = (BalanceRow.account_id, BalanceRow.lot_id, BalanceRow.item_id, BalanceRow.version)
        rows = self.connection.execute(
            select(*balance, BalanceRow.reserved, held.c.units)
            .outerjoin(held, here)
            .where(BalanceRow.reserved != func.coalesce(held.c.units, 0))
        )
        for row in rows:
            what = words("reserved is {reserved}, held reservations sum to {units}")
            facts = {"reserved": row.reserved, "units": int(row.units or 0)}
            yield LedgerFault("reservation", what, facts, row.account_id, row.lot_id, row.item_id, row.version)
        nowhere = select(held.c.account_id, held.c.lot_id).where(~exists().where(here))
        for row in self.connection.execute(nowhere):
            what = words("units are held where there is no balance")
            yield LedgerFault("reservation", what, {}, row.account_id, row.lot_id)

    def check_orders(self, _: Told) -> Iterator[LedgerFault]:
        """Transit of a closed order is empty, and no request line has more ordered than its orders hold."""
        balance = (BalanceRow.account_id, BalanceRow.lot_id, BalanceRow.item_id, BalanceRow.version)
        left = self.connection.execute(
            select(*balance, OrderRow.id, BalanceRow.on_hand)
            .join(AccountRow, AccountRow.id == BalanceRow.account_id)
            .join(OrderRow, OrderRow.id == AccountRow.order_id)
            .where(AccountRow.kind == AccountKind.TRANSIT.value, OrderRow.status.in_(CLOSED), BalanceRow.on_hand != 0)
        )
        for row in left:
            what = words("order {order} is closed and {units} units are still in transit")
            facts = {"order": row.id, "units": row.on_hand}
            yield LedgerFault("transit", what, facts, row.account_id, row.lot_id, row.item_id, row.version)
        units = func.sum(OrderLineRow.quantity_units - OrderLineRow.lost_units).label("units")
        live = (
            select(OrderLineRow.request_line_id, units)
            .join(OrderRow, OrderRow.id == OrderLineRow.order_id)
            .where(OrderRow.status.not_in(BROUGHT_NOTHING))
            .group_by(OrderLineRow.request_line_id)
            .subquery()
        )
        wrong = self.connection.execute(
            select(RequestLineRow.id, RequestLineRow.item_id, RequestLineRow.ordered_units, live.c.units)
            .outerjoin(live, live.c.request_line_id == RequestLineRow.id)
            .where(RequestLineRow.ordered_units != func.coalesce(live.c.units, 0))
        )
        for line_id, item_id, ordered, summed in wrong:
            what = words("line {line}: ordered is {ordered}, its orders sum to {units}")
            facts = {"line": line_id, "ordered": ordered, "units": int(summed or 0)}
            yield LedgerFault("request_line", what, facts, item_id=item_id)

    def check_holds(self, _: Told) -> Iterator[LedgerFault]:
        """What is held for an order line is its lot and units, in good condition, where the order starts."""
        state = case(*((OrderRow.status == status, state) for status, state in HOLDS.items()), else_="consumed")
        rows = self.connection.execute(
            select(*ReservationRow.__table__.c)
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
            what = words("order line {line} is not held like this: {units} units, {state}")
            facts = {"line": row.order_line_id, "units": row.quantity_units, "state": row.state}
            yield LedgerFault("reservation", what, facts, row.account_id, row.lot_id)
        unheld = select(OrderLineRow.id, OrderLineRow.lot_id, OrderLineRow.item_id).where(
            ~exists().where(ReservationRow.order_line_id == OrderLineRow.id)
        )
        for row in self.connection.execute(unheld):
            what = words("nothing was ever held for order line {line}")
            yield LedgerFault("reservation", what, {"line": row.id}, lot_id=row.lot_id, item_id=row.item_id)
