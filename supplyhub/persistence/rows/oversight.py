"""The feed of committed postings, numbered without a gap, the seals over it, and proofs of the ledger."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from supplyhub.persistence.rows.base import Row, primary_key


class FeedRow(Row):
    """The number of a committed posting: none is left out, none comes after one that was read already."""

    __tablename__ = "feed"
    seq: Mapped[int] = primary_key()
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"), unique=True)


class UnnumberedRow(Row):
    """A posting that has no number yet; a trigger writes it in the posting's own transaction."""

    __tablename__ = "unnumbered"
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"), primary_key=True)


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
