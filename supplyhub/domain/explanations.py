"""What would help lines that got less, and how much: facts found on demand by solving their item anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from supplyhub.domain.catalogue import Item


@dataclass(frozen=True)
class Effect:
    """What would come of one remedy, or of several at once.

    `remedies` are names of the allocation model; `units` are released or added, 0 where a limit is lifted instead;
    `granted_units` is what is explained would have; so many other lines of the plan would get `more`, or `less`.
    """

    what_zh: str
    what_en: str
    says_zh: str
    says_en: str
    remedies: Sequence[str]
    units: int
    granted_units: int
    more: int
    less: int

    def what(self, language: str) -> str:
        """The remedy in a phrase."""
        return self.what_en if language == "en" else self.what_zh

    def says(self, language: str) -> str:
        """What would come of it, in a sentence."""
        return self.says_en if language == "en" else self.says_zh


@dataclass(frozen=True)
class Explanation:
    """What lines got, in whole packs' units, and what would help them, the most helpful first.

    `untried` is how many more remedies there are.
    """

    item: Item
    requests: int
    wanted_units: int
    granted_units: int
    limited_by: str
    higher_class: bool
    says_zh: str
    says_en: str
    effects: Sequence[Effect]
    untried: int

    def says(self, language: str) -> str:
        """What was got, in a sentence."""
        return self.says_en if language == "en" else self.says_zh
