"""The laws of `apply`, without any database: units are conserved, no floor is broken, a refusal changes nothing."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplyhub.domain.refusals import InsufficientStock
from supplyhub.domain.stock import (
    GENESIS,
    Balance,
    Movement,
    Reason,
    Stamp,
    apply,
    chain,
    entry_bytes,
    hold,
    release,
    reversed_movements,
)

STAMP = Stamp(7, 3, "post_issue", datetime(2026, 7, 1, 8, 0, 0, 123456, tzinfo=UTC))
ACCOUNTS = (1, 2, 3)  # floored
SUPPLIER = 9  # not floored

movements = st.builds(
    Movement,
    from_account_id=st.sampled_from([*ACCOUNTS, SUPPLIER]),
    to_account_id=st.sampled_from([*ACCOUNTS, SUPPLIER]),
    item_id=st.just(1),
    lot_id=st.sampled_from([1, 2]),
    quantity_units=st.integers(1, 50),
    reason=st.just(Reason.TRANSFER),
).filter(lambda m: m.from_account_id != m.to_account_id)
lives = st.lists(movements, max_size=20)


def empty() -> dict[tuple[int, int], Balance]:
    return {(a, lot): Balance(a, lot, 1, 0, 100, 0, 0, GENESIS) for a in ACCOUNTS for lot in (1, 2)}


@given(lives)
def test_units_are_conserved_and_no_floor_is_broken_or_nothing_happens(life: list[Movement]) -> None:
    before = empty()
    kept = dict(before)
    try:
        after, entries = apply(STAMP, before, life)
    except InsufficientStock:
        assert before == kept
        return
    came = sum(m.quantity_units for m in life if m.from_account_id == SUPPLIER)
    left = sum(m.quantity_units for m in life if m.to_account_id == SUPPLIER)
    assert sum(b.on_hand for b in after.values()) == sum(b.on_hand for b in before.values()) + came - left
    assert all(b.on_hand >= 0 for b in after.values())
    assert sum(b.version for b in after.values()) == sum(
        (e.from_side is not None) + (e.to_side is not None) for e in entries
    )


@given(lives)
def test_a_reversal_restores_every_balance(life: list[Movement]) -> None:
    before = empty()
    try:
        after, _ = apply(STAMP, before, life)
    except InsufficientStock:
        return
    restored, _ = apply(STAMP, after, reversed_movements(life))
    assert {k: b.on_hand for k, b in restored.items()} == {k: b.on_hand for k, b in before.items()}


@given(st.integers(0, 100), st.integers(1, 150))
def test_what_is_held_cannot_be_taken_by_others(held: int, wanted: int) -> None:
    balance = empty()[1, 1]
    balance = hold(balance, held) if held else balance
    taking = Movement(1, SUPPLIER, 1, 1, wanted, Reason.USE)
    if wanted > 100 - held:
        with pytest.raises(InsufficientStock) as refusal:
            apply(STAMP, {(1, 1): balance}, [taking])
        assert refusal.value.free_units == 100 - held
    else:
        after, _ = apply(STAMP, {(1, 1): balance}, [taking])
        assert after[1, 1].reserved == held


def test_a_dispatch_consumes_what_was_held() -> None:
    balance = hold(empty()[1, 1], 60)
    after, _ = apply(STAMP, {(1, 1): balance}, [Movement(1, SUPPLIER, 1, 1, 60, Reason.TRANSFER, reserved=True)])
    assert (after[1, 1].on_hand, after[1, 1].reserved) == (40, 0)
    assert release(balance, 60).reserved == 0


def test_the_chain_covers_every_field_of_the_entry() -> None:
    movement = Movement(1, 2, 1, 1, 5, Reason.TRANSFER)
    plain = entry_bytes(STAMP, 1, "from", movement, 4, 95)
    others = [
        entry_bytes(replace(STAMP, **{name: value}), 1, "from", movement, 4, 95)
        for name, value in (("posting_id", 8), ("actor_id", 4), ("verb", "x"),
                            ("recorded_at", STAMP.recorded_at.replace(second=1)))
    ] + [
        entry_bytes(STAMP, 1, "from", movement._replace(**{name: value}), 4, 95)
        for name, value in (
            ("from_account_id", 5), ("to_account_id", 5), ("item_id", 5), ("lot_id", 5), ("quantity_units", 6),
            ("reason", Reason.COUNT),
        )
    ] + [
        entry_bytes(STAMP, 2, "from", movement, 4, 95),
        entry_bytes(STAMP, 1, "to", movement, 4, 95),
        entry_bytes(STAMP, 1, "from", movement, 5, 95),
        entry_bytes(STAMP, 1, "from", movement, 4, 94),
    ]  # fmt: skip
    assert len({plain, *others}) == len(others) + 1


def test_vector_of_the_canonical_bytes() -> None:
    """The vector that docs/ledger.md prints, for whoever checks the chain with code of their own."""
    entry = entry_bytes(STAMP, 1, "from", Movement(1, 2, 1, 1, 5, Reason.TRANSFER), 4, 95)
    assert entry == b"supplyhub-ledger-1\n7\n3\npost_issue\n1782892800123456\n1\nfrom\n1\n2\n1\n1\n5\ntransfer\n4\n95"
    assert chain(GENESIS, entry) == hashlib.sha256(b"\0" * 32 + entry).digest()
