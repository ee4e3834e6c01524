"""Reads of stock look at nothing that is used up, and what makes that so costs no update its place on the page."""

from __future__ import annotations

import pytest
from sqlalchemy import event, text

from supplyhub.persistence.rows import BalanceRow
from tests.service.test_stock import issue, receive, shelf
from tests.world import COUNTY, NOW, World

INDEXES = ("ix_balance_item_id_pos", "ix_balance_account_id_item_id")


def test_reads_go_by_the_indexes_of_what_is_left(world: World) -> None:
    """Each database, asked how it would find the rows, names one of the two indexes that hold no spent balance."""
    asked: list[tuple[str, object]] = []
    with world.hub.read(None, at=NOW) as work:
        connection = work.stock.connection
        if connection.dialect.name == "postgresql":  # so small a table is read whole unless that is forbidden
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        county = work.places.get_division(COUNTY)
        mask, depot = work.catalogue.get_item("mask").id, work.places.get_depot("A1").id
        listen = lambda _c, _cursor, statement, parameters, _x, _m: asked.append((statement, parameters))  # noqa: E731
        event.listen(world.hub.engine, "before_cursor_execute", listen)
        work.stock.sum_place(county, item_id=mask)
        work.stock.sum_by_child(county, mask)
        work.stock.lock_shelves(depot, [mask])
        work.stock.list_shelves(depot_id=depot)
        event.remove(world.hub.engine, "before_cursor_execute", listen)
        explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
        for statement, parameters in asked:
            plan = str(connection.exec_driver_sql(explain + statement, parameters).all())
            assert any(index in plan for index in INDEXES), plan
    assert len(asked) == 4


def test_a_balance_says_itself_whether_there_is_anything(world: World) -> None:
    receive(world, "r-1", 30)
    lot_id = shelf(world)["NEW"][0]

    def live() -> list[bool]:
        with world.hub.read(None, at=NOW) as work:
            rows = work.stock.connection.execute(text("SELECT live FROM balance WHERE lot_id = :lot"), {"lot": lot_id})
            return [bool(row.live) for row in rows]

    assert live() == [True]
    issue(world, "i-1", 30, lot_id=lot_id)
    assert live() == [False]
    assert "NEW" not in shelf(world)
    receive(world, "r-2", 5)
    assert live() == [True]


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)  # only there is it a question
def test_an_update_stays_on_its_page(world: World) -> None:
    """Of many issues from one shelf no update writes to an index."""
    receive(world, "r-1", 100)
    lot_id = shelf(world)["NEW"][0]
    before = updates(world)
    for number in range(20):
        issue(world, f"i-{number}", 2, lot_id=lot_id)
    after = updates(world)
    assert after[0] - before[0] == 20
    assert after[1] - before[1] == 20


def updates(world: World) -> tuple[int, int]:
    """Updates of balances so far, and those among them that were heap-only."""
    with world.hub.engine.connect() as connection:
        table = {"table": BalanceRow.__tablename__}
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        connection.rollback()
        row = connection.execute(
            text("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = :table"), table
        ).one()
    return row.n_tup_upd, row.n_tup_hot_upd
