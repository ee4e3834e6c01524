"""The feed of committed postings, numbered without a gap, and the seals over it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
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
