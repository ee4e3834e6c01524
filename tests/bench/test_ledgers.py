"""Made-up ledgers are true ledgers, of the size that was asked for."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from supplyhub.persistence.rows import BalanceRow, MovementRow, OrderRow
from supplyhub.service.unit_of_work import Hub
from tests.bench.ledgers import BEGAN, Size, make_ledger, seal_all

SMALL = Size(
    movements=400, balances=90, spent=20, closed_orders=30, places=60, depots=30, items=4, lots_per_item=3, lines=7
)


def test_it_has_the_size_asked_for_and_the_fixture_proves_it(hub: Hub) -> None:
    assert make_ledger(hub, SMALL) == SMALL.movements
    seal_all(hub)
    with hub.read(None, at=BEGAN) as work:
        connection = work.stock.connection
        assert connection.scalar(select(func.count()).select_from(MovementRow)) == SMALL.movements
        stocked = select(func.count()).where(BalanceRow.on_hand > 0)
        assert connection.scalar(stocked) == SMALL.balances
        assert connection.scalar(select(func.count()).where(BalanceRow.on_hand == 0)) == 20 + 30
        assert connection.scalar(select(func.count()).where(OrderRow.status == "received")) == SMALL.closed_orders
        assert not work.oversight.has_news()


@pytest.mark.parametrize("too_much", [{"movements": 10}, {"lots_per_item": 0}])
def test_what_cannot_be_is_said(too_much: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"movements|lots"):
        Size(**{**vars(SMALL), **too_much})
