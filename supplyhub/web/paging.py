"""Turning pages of a list: the latest first, older ones behind a link."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

PAGE = 50
LATEST = 2**62


class Numbered(Protocol):
    """Anything with a row number."""

    @property
    def id(self) -> int:
        """The row number."""


def number_of(args: Mapping[str, str], name: str, otherwise: int) -> int:
    """A row number from the address; whatever else stands there is passed over."""
    text = args.get(name, "")
    return int(text) if re.fullmatch(r"\d{1,18}", text, re.ASCII) else otherwise


def before_of(args: Mapping[str, str]) -> int:
    """Where the page begins."""
    return number_of(args, "before", LATEST)


def older_than(shown: Sequence[Numbered]) -> int | None:
    """Where the next page begins, or None when this may have been the last."""
    return shown[-1].id if len(shown) == PAGE else None
