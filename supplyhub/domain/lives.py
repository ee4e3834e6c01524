"""A life is a table: from a status and a wish to what follows; whatever is not in the table is not allowed."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from supplyhub.domain.refusals import StepNotAllowed

Status = TypeVar("Status", bound=StrEnum)
After = TypeVar("After")


def list_steps(life: Mapping[tuple[Status, str], After], status: Status) -> list[str]:
    """The wishes that a status allows, in the order of the table."""
    return [wish for (before, wish) in life if before is status]


def take_step(life: Mapping[tuple[Status, str], After], noun: str, status: Status, wish: str) -> After:
    """What follows a wish; `StepNotAllowed` names the thing, its status, and what is allowed instead."""
    if (status, wish) in life:
        return life[status, wish]
    allowed = ", ".join(list_steps(life, status)) or "-"
    raise StepNotAllowed(noun=noun, status=status.value, step=wish, allowed=allowed)
