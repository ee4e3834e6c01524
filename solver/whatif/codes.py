"""Rows by their codes, and what is said of a code that nothing has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from solver.problem import Problem, Texts


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a change: which of its fields, and why, in Chinese and English."""

    field: str
    zh: str
    en: str


_NOUNS = {"depot": "depots", "item": "items", "id": "requests"}
"""What the first word of a field's name says of its codes; all others are codes of nodes."""


class Codes:
    """Rows of a problem by their codes. Changes add no places, items or requests, so that these hold for all."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

    @cached_property
    def nodes(self) -> dict[str, int]:
        """Divisions and depots, as the network numbers them."""
        return _rows(self._problem.node_codes())

    @cached_property
    def depots(self) -> dict[str, int]:
        """Depots."""
        return _rows(self._problem.depots.codes)

    @cached_property
    def items(self) -> dict[str, int]:
        """Items."""
        return _rows(self._problem.items.codes)

    @cached_property
    def requests(self) -> dict[str, int]:
        """Requests by their ids."""
        return _rows(self._problem.demand.ids)

    def unknown(self, **fields: str | None) -> Iterator[Wrong]:
        """Fields, named as columns of the files are, whose codes nothing has; None is no code."""
        for field, code in fields.items():
            if code is not None and code not in self._known(field):
                yield _no_such(field, code)

    def unknown_among(self, field: str, codes: Iterable[str]) -> Iterator[Wrong]:
        """As `unknown`, for a field that holds several codes."""
        for place, code in enumerate(codes):
            if code not in self._known(field):
                yield _no_such(f"{field}[{place}]", code)

    def _known(self, field: str) -> dict[str, int]:
        rows: dict[str, int] = getattr(self, _NOUNS.get(field.split("_", maxsplit=1)[0], "nodes"))
        return rows


def _rows(codes: Texts) -> dict[str, int]:
    return {code: row for row, code in enumerate(codes)}


def _no_such(field: str, code: str) -> Wrong:
    return Wrong(field, f"没有 {code!r}", f"there is no {code!r}")
