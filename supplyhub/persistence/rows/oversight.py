"""The feed of committed postings, numbered without a gap, the seals over it, and proofs of the ledger."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from supplyhub.persistence.rows.base import Row, primary_key


class FeedRow(Row):
    """The number of a committed posting: none is left out, none comes after one that was read already."""

    __tablename__ = "feed"
    seq: Mapped[int] = primary_key()
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"), unique=True)
    recorded_at: Mapped[datetime | None]
    """The posting's; a trigger fills it in. Numbers given anew after a restore are known by it."""


class UnnumberedRow(Row):
    """A posting that has no number yet; a trigger writes it in the posting's own transaction.

    The ticket is drawn as the transaction commits: what rests on another posting has a later one.
    """

    __tablename__ = "unnumbered"
    __table_args__ = (Index("uq_unnumbered_ticket", "ticket", unique=True),)
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"), primary_key=True)
    ticket: Mapped[int]


class SealRow(Row):
    """The hash over all that stands in the feed up to a number."""

    __tablename__ = "seal"
    number: Mapped[int] = primary_key()
    upto_seq: Mapped[int] = mapped_column(unique=True)
    root: Mapped[bytes]
    sealed_at: Mapped[datetime]


class VerificationRow(Row):
    """A proof of the ledger: asked for, or of a night, of which there is one; how far it is, what it found."""

    __tablename__ = "verification"
    id: Mapped[int] = primary_key()
    night: Mapped[date | None] = mapped_column(unique=True)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    status: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    phase: Mapped[str] = mapped_column(String(32))
    done_steps: Mapped[int]
    total_steps: Mapped[int]
    upto_seq: Mapped[int]
    movements: Mapped[int]
    balances: Mapped[int]
    fault_count: Mapped[int]
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class StockRollupRow(Row):
    """What stands in a division and below it of one item, as of the entry of the feed that `rolled_up` names.

    No CHECK: what is added may be less than nothing, and both databases check that before they add.
    """

    __tablename__ = "stock_rollup"
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    on_hand: Mapped[int]
    in_transit: Mapped[int]


class RolledUpRow(Row):
    """The last entry of the feed that is in the sums: one row, whose change is what lets one hand at a time write."""

    __tablename__ = "rolled_up"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int]
