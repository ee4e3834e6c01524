"""Loads of whole sheets: each all or nothing, and the same contents never twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from supplyhub.domain.refusals import AlreadyLoaded, KeyReused
from supplyhub.service.unit_of_work import Hub, Work

Result = TypeVar("Result")


def load_once(hub: Hub, verb: str, digest: str, act: Callable[[Work], Result], *, at: datetime) -> Result:
    """Run a load in one transaction under a key made of its contents; `AlreadyLoaded` when they stand already."""
    try:
        return hub.carry_out(verb, f"{verb}:{digest}", act, at=at)
    except KeyReused:
        raise AlreadyLoaded(verb=verb) from None
