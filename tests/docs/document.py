"""docs/allocation.md as a reader sees it: its two languages, and the tables, numbers and commands of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import TypeVar

DOCS = Path(__file__).parents[2] / "docs"
HEADINGS = {"zh": "## 中文\n", "en": "## English\n"}

Table = list[list[str]]
Told = TypeVar("Told")


@dataclass(frozen=True)
class Half:
    """The document in one language."""

    lang: str
    text: str

    @property
    def tables(self) -> list[Table]:
        """Rows of each table, headings left out."""
        found = re.findall(r"(?:^\|.*\n)+", self.text, re.MULTILINE)
        return [[_cells(row) for row in table.splitlines()[2:]] for table in found]

    @property
    def flowing(self) -> str:
        """The text without the breaks of its lines."""
        return self.text.replace("\n", " " if self.lang == "en" else "")

    @property
    def commands(self) -> list[list[str]]:
        """What follows `supplyhub` in each command, remarks left out."""
        lines = re.findall(r"^    \.venv/bin/supplyhub (.*)$", self.text, re.MULTILINE)
        return [line.partition("#")[0].split() for line in lines]

    def either(self, zh: Told, en: Told) -> Told:
        """What is told in this language."""
        return zh if self.lang == "zh" else en

    def percent(self, part: Fraction) -> str:
        """A part of one in per cent, to one decimal at most, never rounded up: as the product says it."""
        number = f"{float(Fraction(floor(part * 1000), 10)):.1f}".removesuffix(".0")
        return number + self.either("%", " %")


def half(lang: str) -> Half:
    """The document in this language."""
    text = (DOCS / "allocation.md").read_text(encoding="utf-8")
    return Half(lang, re.split("^## ", text.partition(HEADINGS[lang])[2], flags=re.MULTILINE)[0])


def _cells(row: str) -> list[str]:
    return [cell.strip().strip("`") for cell in row.strip("|").split("|")]
