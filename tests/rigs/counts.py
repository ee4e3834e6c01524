"""How often a rig does what it does: a few times by default, as often as the environment says in CI and in soaks."""

from __future__ import annotations

import os

import pytest

planted = pytest.mark.skipif(
    "SUPPLYHUB_PLANTED" not in os.environ,
    reason="left out for its time: with SUPPLYHUB_PLANTED=1, as in .ci/run, a rig is given what it must catch",
)
"""Marks the naive variants: a rig that does not catch them would catch nothing."""


def count(name: str, short: int) -> int:
    """The number in `SUPPLYHUB_<name>`, or `short`."""
    return int(os.environ.get(f"SUPPLYHUB_{name}", short))
