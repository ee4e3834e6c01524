"""The laws of a shelf's lots: first expired first out, each taking of what those before it left, or nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplyhub.domain.refusals import InsufficientStock, LotExpired
from supplyhub.domain.stock import LotQueue, ShelfLot

TODAY, HERE, ELSEWHERE = date(2026, 7, 1), 1, 2

days = st.none() | st.integers(-2, 4).map(lambda ahead: TODAY + timedelta(days=ahead))
lots = st.lists(
    st.builds(
        ShelfLot,
        lot_id=st.integers(1, 9),
        lot_code=st.sampled_from(["", "a", "b"]),
        free=st.integers(0, 6),
        reserved=st.integers(0, 2),
        expires_on=days,
        earmark_id=st.sampled_from([None, HERE, ELSEWHERE]),
    ),
    unique_by=lambda lot: lot.lot_id,
)
takings = st.lists(st.tuples(st.none() | st.integers(1, 9), st.integers(1, 9)), max_size=12)


def naive(shelf: list[ShelfLot], lot_id: int | None, units: int) -> list[tuple[int, int]] | None:
    """What a taking gets of a shelf, by looking through all of it; None if it gets nothing."""
    if lot_id is not None:
        found = [lot for lot in shelf if lot.lot_id == lot_id]
        fit = all((lot.expires_on is None or lot.expires_on > TODAY) and lot.free >= units for lot in found)
        return [(lot_id, units)] if fit else None
    usable = [lot for lot in shelf if lot.expires_on is None or lot.expires_on > TODAY]
    usable = [lot for lot in usable if lot.earmark_id in (None, HERE)]
    usable.sort(key=lambda lot: (lot.expires_on or date.max, lot.lot_code, lot.lot_id))
    taken = []
    for lot in usable:
        part = min(lot.free, units)
        units -= part
        if part:
            taken.append((lot.lot_id, part))
    return None if units else taken


@given(lots, takings)
def test_takings_are_those_of_who_looks_through_the_whole_shelf_each_time(
    shelf: list[ShelfLot], wanted: list[tuple[int | None, int]]
) -> None:
    queue = LotQueue(shelf, "mask", on=TODAY, for_division_id=HERE)
    for lot_id, units in wanted:
        expected = naive(shelf, lot_id, units)
        try:
            taken = queue.take(units) if lot_id is None else queue.take_of(lot_id, units, fresh=True)
        except (InsufficientStock, LotExpired):
            assert expected is None
            continue
        assert taken == expected
        gone = dict(taken)
        shelf = [lot._replace(free=lot.free - gone.get(lot.lot_id, 0)) for lot in shelf]


@given(lots, st.integers(1, 99))
def test_what_is_short_is_told_in_units(shelf: list[ShelfLot], units: int) -> None:
    free = sum(given for lot in shelf for _, given in naive([lot], None, lot.free) or [])
    queue = LotQueue(shelf, "mask", on=TODAY, for_division_id=HERE)
    if units <= free:
        assert sum(given for _, given in queue.take(units)) == units
        return
    with pytest.raises(InsufficientStock) as refused:
        queue.take(units)
    assert (refused.value.free_units, refused.value.short_units) == (free, units - free)
