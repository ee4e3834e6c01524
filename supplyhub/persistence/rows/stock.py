"""The ledger: accounts, lots, balances, postings, movements and reservations."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from supplyhub.persistence.rows.base import Row, primary_key


class AccountRow(Row):
    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("floored = (kind IN ('on_hand', 'transit'))", name="floored"),
        Index(None, "depot_id"),
        Index(None, "order_id"),
    )
    id: Mapped[int] = primary_key()
    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    depot_id: Mapped[int | None] = mapped_column(ForeignKey("depot.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("transfer_order.id"))
    condition: Mapped[str | None] = mapped_column(String(16))
    pos: Mapped[int]
    floored: Mapped[bool]


class LotRow(Row):
    __tablename__ = "lot"
    id: Mapped[int] = primary_key()
    identity: Mapped[str] = mapped_column(String(64), unique=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    earmark_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"))
    code: Mapped[str] = mapped_column(String(64))
    produced_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    origin: Mapped[str] = mapped_column(String(120))


class BalanceRow(Row):
    __tablename__ = "balance"
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="floor"),
        CheckConstraint("reserved BETWEEN 0 AND on_hand", name="reserved"),
        # Spent lots and closed orders stay out. No INCLUDE of columns that change: an update must stay heap-only on
        # PostgreSQL, so that the condition may change no more often than a lot is used up, either.
        Index(None, "item_id", "pos", postgresql_where=text("live"), sqlite_where=text("live = 1")),
        Index(None, "account_id", "item_id", postgresql_where=text("live"), sqlite_where=text("live = 1")),
        Index(None, "lot_id"),
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    pos: Mapped[int]
    on_hand: Mapped[int]
    reserved: Mapped[int]
    version: Mapped[int]
    hash: Mapped[bytes]
    live: Mapped[bool] = mapped_column(Computed("on_hand > 0"))
    """Whether there is anything."""
    in_transit: Mapped[bool] = mapped_column(server_default=false())
    """Whether the account is an order's way; a trigger fills it in, so that no read has to look at accounts."""


class PostingRow(Row):
    __tablename__ = "posting"
    __table_args__ = (UniqueConstraint("tenant_id", "idem_key"), Index(None, "pos", "id"))
    id: Mapped[int] = primary_key()
    tenant_id: Mapped[int]
    idem_key: Mapped[str] = mapped_column(String(200))
    body_sha256: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[int]
    verb: Mapped[str] = mapped_column(String(32))
    pos: Mapped[int]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("posting.id"), unique=True)


class PostingNoteRow(Row):
    """Free text about a posting. It can be erased, with its salt; the hash of both stays, and is sealed."""

    __tablename__ = "posting_note"
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"), primary_key=True)
    note: Mapped[str] = mapped_column(Text)
    salt: Mapped[bytes | None]
    sha256: Mapped[bytes]


class AnswerRow(Row):
    __tablename__ = "answer"
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"), primary_key=True)
    status: Mapped[int] = mapped_column(SmallInteger)
    location: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)


class MovementRow(Row):
    __tablename__ = "movement"
    __table_args__ = (
        UniqueConstraint("posting_id", "line"),
        CheckConstraint("quantity_units > 0", name="positive"),
        CheckConstraint("from_account_id <> to_account_id", name="two_accounts"),
        CheckConstraint("from_after >= 0 AND to_after >= 0", name="floors"),
        Index(None, "from_account_id", "lot_id", "from_version"),
        Index(None, "to_account_id", "lot_id", "to_version"),
    )
    id: Mapped[int] = primary_key()
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    line: Mapped[int]
    from_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    to_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    quantity_units: Mapped[int]
    reason: Mapped[str] = mapped_column(String(16))
    from_version: Mapped[int | None]
    from_after: Mapped[int | None]
    from_hash: Mapped[bytes | None]
    to_version: Mapped[int | None]
    to_after: Mapped[int | None]
    to_hash: Mapped[bytes | None]


class ReservationRow(Row):
    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("quantity_units > 0", name="positive"),
        CheckConstraint("state IN ('held', 'consumed', 'released')", name="state"),
        Index(None, "account_id", "lot_id"),
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    quantity_units: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id"), primary_key=True)
