"""Users, their tokens and their failed sign-ins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from supplyhub.persistence.rows.base import Row, primary_key


class UserRow(Row):
    __tablename__ = "user_account"
    id: Mapped[int] = primary_key()
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    active: Mapped[bool]
    demo: Mapped[bool]
    created_at: Mapped[datetime]


class TokenRow(Row):
    __tablename__ = "token"
    id: Mapped[int] = primary_key()
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class FailedSignInRow(Row):
    __tablename__ = "failed_sign_in"
    __table_args__ = (Index(None, "username", "at"),)
    id: Mapped[int] = primary_key()
    username: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
