"""How often a rig does what it does: a few times by default, as often as the environment says in CI and in soaks."""

from __future__ import annotations

import os


def count(name: str, short: int) -> int:
    """The number in `SUPPLYHUB_<name>`, or `short`."""
    return int(os.environ.get(f"SUPPLYHUB_{name}", short))
