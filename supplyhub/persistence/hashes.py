"""SHA-256 inside a statement: PostgreSQL has it, SQLite is lent ours; and texts that hold the same on both."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Connection, LargeBinary, String, cast, func
from sqlalchemy import type_coerce as read_as


def sha256_of(before: Any, text: Any) -> bytes | None:
    """What SQLite calls: the hash over bytes and then a text, None where a value is of another kind."""
    if not isinstance(before, bytes) or not isinstance(text, str):
        return None
    return hashlib.sha256(before + text.encode()).digest()


def hash_after(connection: Connection, before: Any, text: Any) -> Any:
    """The hash over bytes and then a text in UTF-8, as an expression."""
    if connection.dialect.name == "sqlite":
        return func.sha256_of(before, text, type_=LargeBinary)
    joined = read_as(before, LargeBinary).op("||")(func.convert_to(text, "UTF8"))
    return func.sha256(joined, type_=LargeBinary)


def hex_of(connection: Connection, value: Any) -> Any:
    """Bytes in lower-case hexadecimal, as an expression."""
    if connection.dialect.name == "sqlite":
        return func.lower(func.hex(value), type_=String)
    return func.encode(value, "hex", type_=String)


def day_text(connection: Connection, column: Any) -> Any:
    """A day as YYYY-MM-DD, as an expression."""
    if connection.dialect.name == "sqlite":
        return read_as(column, String)
    return func.to_char(column, "YYYY-MM-DD", type_=String)


def digits(column: Any) -> Any:
    """A whole number as text, as an expression; of a moment the microseconds that are stored."""
    return cast(column, String)
