"""What addresses carry: row numbers, codes, and where the next page of a list begins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from werkzeug.routing import BaseConverter, IntegerConverter, Map

PAGE = 50
LATEST = 2**62


class RowNumber(IntegerConverter):
    """A row number in a path; what no database could hold is no address."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LATEST)


class Word(BaseConverter):
    """A code in a path: printable, and short enough to be one."""

    regex = r"[^/\x00-\x1f\x7f]{1,64}"


class Numbered(Protocol):
    """Anything with a row number."""

    @property
    def id(self) -> int:
        """The row number."""


def number_of(args: Mapping[str, str], name: str, otherwise: int) -> int:
    """A row number from the address; whatever else stands there is passed over."""
    text = args.get(name, "")
    return int(text) if re.fullmatch(r"\d{1,18}", text, re.ASCII) else otherwise


def code_of(args: Mapping[str, str], name: str) -> str:
    """A code from the address; what can be none is passed over."""
    text = args.get(name, "").strip()
    return text if text.isprintable() and len(text) <= 64 else ""


def before_of(args: Mapping[str, str]) -> int:
    """Where the page begins."""
    return number_of(args, "before", LATEST)


def older_than(shown: Sequence[Numbered]) -> int | None:
    """Where the next page begins, or None when this may have been the last."""
    return shown[-1].id if len(shown) == PAGE else None
