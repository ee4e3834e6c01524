"""One cell of a sheet: its text becomes a value, or `CellFault` says what is allowed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from supplyhub.domain.refusals import words
from supplyhub.domain.stock import UNITS_MAX

Read = Callable[[str], Any]
Choice = TypeVar("Choice", bound=StrEnum)

INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
"""Zero-width characters that spreadsheets leave at the ends of cells; `str.strip` knows the no-break space."""

YES = {"1": True, "true": True, "yes": True, "是": True, "0": False, "false": False, "no": False, "否": False}


class CellFault(Exception):
    """The text is not allowed here; `message` is a template over `facts`."""

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


def clean(text: str) -> str:
    """The text without what spreadsheets leave around it."""
    return text.strip().strip(INVISIBLE).strip()


def words_of(longest: int) -> Read:
    """A reader of names and notes of at most so many characters, none of them a control character."""

    def read(text: str) -> str:
        if len(text) > longest:
            raise CellFault(words("{length} characters; at most {most} are allowed"), length=len(text), most=longest)
        if any(unicodedata.category(char) == "Cc" for char in text):
            raise CellFault(words("it holds a line break or another control character; write plain text"))
        return text

    return read


def division_code(text: str) -> str:
    """The 12 digits of a statistical division code (统计用区划代码)."""
    if not re.fullmatch(r"\d{12}", text, re.ASCII):
        raise CellFault(words("{text!r} is no division code; write its 12 digits"), text=text[:40])
    return text


def short_code(text: str) -> str:
    """A code of a depot, item, institution or node: no space, comma, slash, @ or >."""
    if len(text) > 64 or not text.isprintable() or re.search(r"[\s,/@>]", text):
        raise CellFault(
            words("{text!r} is no code; write 1 to 64 characters without space, comma, slash, @ or >"), text=text[:40]
        )
    return text


def whole(least: int, most: int = UNITS_MAX) -> Read:
    """A reader of whole numbers from `least` to `most`."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d{1,30}", text, re.ASCII) or not least <= int(text) <= most:
            raise CellFault(
                words("{text!r} is not allowed; write a whole number from {least} to {most}"),
                text=text[:40],
                least=least,
                most=most,
            )
        return int(text)

    return read


units = whole(0)
"""Quantities count goods: whole, never negative, and exact for every reader of JSON."""


def scaled(decimals: int, most: int, *, least: str = "0") -> Read:
    """A reader of decimal numbers as whole multiples of 10^-decimals: km as metres, kg as grams."""

    def read(text: str) -> int:
        shape = rf"\d{{1,10}}(\.\d{{1,{decimals}}})?"
        if not re.fullmatch(shape, text, re.ASCII) or not Decimal(least) <= Decimal(text) <= most:
            raise CellFault(
                words("{text!r} is not allowed; write a number from {least} to {most}, at most {decimals} decimals"),
                text=text[:40],
                least=least,
                most=most,
                decimals=decimals,
            )
        return int(Decimal(text).scaleb(decimals))

    return read


def degrees(most: int) -> Read:
    """A reader of a longitude or latitude."""

    def read(text: str) -> float:
        if not re.fullmatch(r"-?\d{1,3}(\.\d{1,15})?", text, re.ASCII) or abs(Decimal(text)) > most:
            raise CellFault(
                words("{text!r} is not allowed; write degrees from -{most} to {most}"), text=text[:40], most=most
            )
        return float(text)

    return read


def day(text: str) -> date:
    """A day as YYYY-MM-DD."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise CellFault(words("{text!r} is no date; write YYYY-MM-DD"), text=text[:40]) from None


def yes_or_no(text: str) -> bool:
    """1/true/yes/是 or 0/false/no/否."""
    answer = YES.get(text.casefold())
    if answer is None:
        raise CellFault(words("{text!r} is not allowed; write 1 or 0"), text=text[:40])
    return answer


def one_of(choices: type[Choice]) -> Read:
    """A reader of one of the named values."""

    def read(text: str) -> Choice:
        try:
            return choices(text.casefold())
        except ValueError:
            allowed = ", ".join(choices)
            raise CellFault(
                words("{text!r} is not allowed; write one of: {allowed}"), text=text[:40], allowed=allowed
            ) from None

    return read
