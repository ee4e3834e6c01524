"""What a township office asks for: requests (需求), their lines, bounds and lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from supplyhub.domain.catalogue import Item, packs_up
from supplyhub.domain.lives import take_step
from supplyhub.domain.refusals import Fault, words

PRIORITIES = (1, 2, 3, 4)
"""Priority classes: 1 saves lives and is served before 2, 2 before 3, 3 before 4."""


class LineState(StrEnum):
    """The life of a request line."""

    OPEN = "open"  # counts in the next planning run
    ASKED_BACK = "asked_back"  # amount unknown: asked about, never planned
    WITHDRAWN = "withdrawn"


STEPS: Mapping[tuple[LineState, str], LineState] = {
    (LineState.ASKED_BACK, "answer"): LineState.OPEN,
    (LineState.OPEN, "withdraw"): LineState.WITHDRAWN,
    (LineState.ASKED_BACK, "withdraw"): LineState.WITHDRAWN,
}


def step(state: LineState, wanted: str) -> LineState:
    """The state after a step, or `StepNotAllowed`."""
    return take_step(STEPS, "request line", state, wanted)


@dataclass(frozen=True)
class NewRequestLine:
    """One item for one community or institution; `quantity_units` None means "needed, amount unknown"."""

    division_id: int
    item_id: int
    quantity_units: int | None
    priority: int
    institution_id: int | None = None
    needed_by: datetime | None = None
    reason: str = ""
    override_reason: str = ""


@dataclass(frozen=True)
class NewRequest:
    """What one office asks for in one go."""

    reason: str
    lines: tuple[NewRequestLine, ...]


@dataclass(frozen=True)
class Request:
    """A request as it stands, with how its lines fare."""

    id: int
    township_id: int
    status: str
    reason: str
    made_at: datetime
    version: int
    line_count: int
    asked_back_count: int


@dataclass(frozen=True)
class RequestLine:
    """A line as it stands: `ordered_units` is what transfer orders cover, cancelled and lost units taken off."""

    id: int
    request_id: int
    line: int
    division_id: int
    institution_id: int | None
    item_id: int
    quantity_units: int | None
    ceiling_units: int
    ordered_units: int
    priority: int
    needed_by: datetime | None
    reason: str
    override_reason: str
    state: LineState

    @property
    def open_units(self) -> int:
        """What the next run plans: asked, minus ordered and not cancelled."""
        if self.state is not LineState.OPEN or self.quantity_units is None:
            return 0
        return max(0, self.quantity_units - self.ordered_units)


def ceiling_units(quantity_units: int | None, item: Item) -> int:
    """The most that may be ordered for a line: whole packs that hold what was asked."""
    return 0 if quantity_units is None else packs_up(quantity_units, item.pack_size) * item.pack_size


def bound_units(item: Item, population: int | None) -> int | None:
    """The largest plausible request: population x norm (units per 1,000 people), at least one pack; None: no bound."""
    if item.norm_per_1000 is None or population is None:
        return None
    return max(item.pack_size, packs_up(population * item.norm_per_1000, 1000))


def find_bound_fault(
    where: str, line: NewRequestLine, item: Item, population: int | None, already_units: int
) -> Fault | None:
    """A request beyond population x norm needs a reason of its own (`override_reason`)."""
    bound = bound_units(item, population)
    wanted = already_units + (line.quantity_units or 0)
    if bound is None or wanted <= bound or line.override_reason.strip():
        return None
    return Fault(
        where,
        words(
            "{wanted_units} units ({already_units} of them asked before) exceed the bound of {bound_units} "
            "for {population} people; lower it, or give an override_reason"
        ),
        {
            "wanted_units": wanted,
            "already_units": already_units,
            "bound_units": bound,
            "population": population,
        },
    )
