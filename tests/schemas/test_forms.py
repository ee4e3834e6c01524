"""Amounts in forms: as people type them, and nothing else."""

from __future__ import annotations

import pytest

from supplyhub.schemas.cells import CellFault
from supplyhub.schemas.forms import typed


@pytest.mark.parametrize(
    ("text", "units"), [("7", 7), ("９９", 99), ("1,000", 1000), ("１，０００", 1000), ("4,700,001", 4_700_001)]
)
def test_amounts_as_people_type_them(text: str, units: int) -> None:
    assert typed(text) == units


@pytest.mark.parametrize("text", ["", "1,00", "1,0000", ",100", "10²", "1.5", "-1", "many", "٣", "1 000", "9" * 20])
def test_nothing_is_guessed(text: str) -> None:
    with pytest.raises(CellFault):
        typed(text)
