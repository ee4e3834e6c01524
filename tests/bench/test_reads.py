"""The part `reads` asks what it says it asks: on a small ledger both ways give the same sums, call after call."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from tests.bench.databases import Database, on_postgresql, on_sqlite
from tests.bench.parts import reads
from tests.bench.test_ledgers import SMALL


@pytest.mark.parametrize("database", [on_sqlite, pytest.param(on_postgresql, marks=pytest.mark.postgresql)])
def test_both_ways_say_the_same_of_each_ledger(
    database: Callable[[], AbstractContextManager[Database]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "CALLS", 20)
    monkeypatch.setattr(reads, "WARMING", 2)
    with database() as scratch:
        reads.fill(scratch.owner, replace(SMALL, balances=120), "small")
        with reads._ways(scratch) as (raw, api):
            spent = reads.ask_in_turn({("once", "raw"): raw, ("once", "API"): api}, SMALL.items)
            more = {("once", "raw"): lambda item, raw=raw: raw(item) + 1, ("once", "API"): api}
            with pytest.raises(AssertionError):
                reads.ask_in_turn(more, SMALL.items)
    assert {way: len(times) for way, times in spent.items()} == {("once", "raw"): 20, ("once", "API"): 20}


def test_a_smaller_ledger_keeps_its_proportions() -> None:
    whole, small = reads.size_of(1_000_000), reads.size_of(100_000)
    assert (whole.depots, whole.items, whole.closed_orders) == (2_021, 200, 10_000)
    assert (small.depots, small.items, small.closed_orders) == (2_021, 20, 1_000)
    assert (whole.balances, small.balances) == (404_200, 40_420)
