"""Arrays come out of PostgreSQL as they went in, whichever way they were written."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from supplyhub.persistence.arrays import array_of, on_driver
from supplyhub.service.unit_of_work import Hub

KINDS = {
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "bytea": st.binary(max_size=40),
    "text": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
}


def test_a_failure_says_no_value(hub: Hub) -> None:
    mark = "?" if hub.engine.dialect.name == "sqlite" else "%s"
    with hub.engine.connect() as connection, pytest.raises(DBAPIError) as failed:
        on_driver(connection, f"SELECT {mark} FROM nowhere", ("of-nobodys-business",))
    assert "of-nobodys-business" not in str(failed.value)


@pytest.mark.parametrize("kind", KINDS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_what_goes_in_comes_out(hub: Hub, kind: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(KINDS[kind] | (st.none() if data.draw(st.booleans()) else KINDS[kind]), min_size=1))
    with hub.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            back = connection.execute(text(f"SELECT CAST(:values AS {kind}[])"), {"values": array_of(values)}).scalar()
            assert back == values
