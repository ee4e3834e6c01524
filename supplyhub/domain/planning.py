"""Planning runs and plans: what a run looks at, what a plan says, and the steps of their lives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from supplyhub.domain.lives import take_step
from supplyhub.domain.places import DepotKind, Level

PLANNED_KINDS = (DepotKind.GOVERNMENT, DepotKind.AGREEMENT, DepotKind.SOCIAL)
"""Reserves that a plan may draw on; capacity and household reserves are pledges, never counted as stock."""

LIMITS = ("reserve-floor", "closed", "mutual-aid", "link-capacity", "no-way", "stock")
"""Why a request got less, first that holds first (the allocation model, section 7)."""
NOT_PLANNED = "not-planned"
"""What stands in place of a reason where the run was stopped before it came to the item."""


class RunStatus(StrEnum):
    """The life of a planning run."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


RUN_STEPS: Mapping[tuple[RunStatus, str], RunStatus] = {
    (RunStatus.QUEUED, "start"): RunStatus.RUNNING,
    (RunStatus.RUNNING, "start"): RunStatus.RUNNING,  # again, after a worker was lost
    (RunStatus.RUNNING, "finish"): RunStatus.DONE,
    (RunStatus.RUNNING, "fail"): RunStatus.FAILED,
    (RunStatus.QUEUED, "cancel"): RunStatus.CANCELLED,
    (RunStatus.RUNNING, "cancel"): RunStatus.CANCELLED,
    (RunStatus.CANCELLED, "keep"): RunStatus.CANCELLED,  # what was planned by then, as a partial plan
}


class PlanStatus(StrEnum):
    """The life of a plan."""

    WRITING = "writing"  # its parts are still being written down; nobody sees it
    PROPOSED = "proposed"
    APPROVING = "approving"
    PARTLY = "partly"
    APPROVED = "approved"
    REJECTED = "rejected"
    CLOSED = "closed"  # partly ordered, and the rest of it rejected


PLAN_STEPS: Mapping[tuple[PlanStatus, str], PlanStatus] = {
    (PlanStatus.WRITING, "propose"): PlanStatus.PROPOSED,
    (PlanStatus.PROPOSED, "approve"): PlanStatus.APPROVING,
    (PlanStatus.PARTLY, "approve"): PlanStatus.APPROVING,
    (PlanStatus.APPROVING, "settle"): PlanStatus.APPROVED,
    (PlanStatus.APPROVING, "pause"): PlanStatus.PARTLY,
    (PlanStatus.PROPOSED, "reject"): PlanStatus.REJECTED,
    (PlanStatus.PARTLY, "reject"): PlanStatus.CLOSED,
}


def run_step(status: RunStatus, wanted: str) -> RunStatus:
    """The run's status after a step, or `StepNotAllowed`."""
    return take_step(RUN_STEPS, "planning run", status, wanted)


def plan_step(status: PlanStatus, wanted: str) -> PlanStatus:
    """The plan's status after a step, or `StepNotAllowed`."""
    return take_step(PLAN_STEPS, "plan", status, wanted)


@dataclass(frozen=True)
class RunOptions:
    """What a planner may choose; shares are exact decimals as text."""

    as_of: date
    release_reserves: bool = False
    mutual_aid: Mapping[str, str] = field(default_factory=dict)
    mutual_aid_basis: str = "stock"
    mutual_aid_penalty_metres: int = 0

    def as_json(self) -> dict[str, Any]:
        """The options as they are kept with the run."""
        return {
            "as_of": self.as_of.isoformat(),
            "release_reserves": self.release_reserves,
            "mutual_aid": dict(self.mutual_aid),
            "mutual_aid_basis": self.mutual_aid_basis,
            "mutual_aid_penalty_metres": self.mutual_aid_penalty_metres,
        }

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> RunOptions:
        """The options of a kept run."""
        return RunOptions(**{**values, "as_of": date.fromisoformat(values["as_of"])})


@dataclass(frozen=True)
class Run:
    """A planning run as it stands."""

    id: int
    division_id: int
    status: RunStatus
    options: RunOptions
    made_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    phase: str
    done_steps: int
    total_steps: int
    error: str
    """Why the run failed: a text for the translators, with gaps for `error_facts`."""
    error_facts: Mapping[str, Any]
    version: int
    plan_id: int | None

    @property
    def is_going_on(self) -> bool:
        """Whether something will still come of it; of a cancelled one, while a worker keeps what is done."""
        return self.status in (RunStatus.QUEUED, RunStatus.RUNNING) or (
            self.status is RunStatus.CANCELLED and bool(self.phase)
        )


@dataclass(frozen=True)
class Snapshot:
    """What a run looks at, as equal-length columns; `*_place` columns are indices into other columns (-1: none).

    Quantities are units. Demand rows are request lines in the order of their ids, which breaks ties.
    """

    options: RunOptions
    division_id: Sequence[int]
    division_code: Sequence[str]
    division_name: Sequence[str]
    division_parent: Sequence[int]
    division_level: Sequence[Level]
    division_metres: Sequence[int]
    division_population: Sequence[int | None]
    division_pos: Sequence[int]
    depot_id: Sequence[int]
    depot_code: Sequence[str]
    depot_name: Sequence[str]
    depot_division: Sequence[int]
    depot_metres: Sequence[int]
    depot_kind: Sequence[str]
    item_id: Sequence[int]
    item_code: Sequence[str]
    item_name: Sequence[str]
    item_name_en: Sequence[str]
    item_pack_size: Sequence[int]
    item_unit: Sequence[str]
    item_unit_en: Sequence[str]
    item_category: Sequence[str]
    item_weight_g: Sequence[int]
    stock_depot: Sequence[int]
    stock_item: Sequence[int]
    stock_units: Sequence[int]
    stock_lot_id: Sequence[int]
    stock_lot_code: Sequence[str]
    stock_expires_on: Sequence[date | None]
    floor_depot: Sequence[int]
    floor_item: Sequence[int]
    floor_units: Sequence[int]
    demand_line_id: Sequence[int]
    demand_division: Sequence[int]
    demand_item: Sequence[int]
    demand_units: Sequence[int]
    demand_priority: Sequence[int]
    demand_weight_thousandths: Sequence[int]
    way_from: Sequence[str]
    way_to: Sequence[str]
    way_item: Sequence[int]
    way_metres: Sequence[int]
    way_penalty_metres: Sequence[int]
    way_capacity_units: Sequence[int | None]
    way_open: Sequence[bool]
    way_hours_thousandths: Sequence[int | None]


@dataclass(frozen=True)
class NewPlan:
    """What a run found, as columns; demand, depot, item and stock are indices into the snapshot's columns.

    Sets are the unfilled requests that the same would help, numbered from 1: `demand_set` by request, 0 where it got
    all; `set_first` is the first request of each.
    """

    digest: str
    solver_version: str
    proved: bool
    summary: Mapping[str, Any]
    seconds: Mapping[str, float]
    snapshot: bytes
    granted_units: Sequence[int]
    fill_millionths: Sequence[int]
    limited_by: Sequence[str]
    demand_set: Sequence[int]
    set_first: Sequence[int]
    set_item: Sequence[int]
    set_requests: Sequence[int]
    set_packs_missing: Sequence[int]
    set_limited_by: Sequence[str]
    set_higher_class: Sequence[bool]
    set_remedies: Sequence[str]
    set_say_zh: Sequence[str]
    set_say_en: Sequence[str]
    shipment_demand: Sequence[int]
    shipment_stock: Sequence[int]
    shipment_units: Sequence[int]
    shipment_metres: Sequence[int]
    shipment_hours: Sequence[str]
    flow_from: Sequence[str]
    flow_to: Sequence[str]
    flow_item: Sequence[int]
    flow_units: Sequence[int]

    @property
    def is_complete(self) -> bool:
        """Whether all items are planned, or the run was stopped before."""
        return bool(self.summary["complete"])

    def spent(self, phase: str, seconds: float) -> NewPlan:
        """The same plan with the seconds of one more phase."""
        return replace(self, seconds={phase: round(seconds, 3), **self.seconds})


@dataclass(frozen=True)
class Plan:
    """A plan as it stands."""

    id: int
    run_id: int
    division_id: int
    status: PlanStatus
    digest: str
    solver_version: str
    proved: bool
    summary: Mapping[str, Any]
    seconds: Mapping[str, Any]
    made_at: datetime
    decided_at: datetime | None
    decision_note: str
    version: int

    @property
    def items_missing(self) -> Sequence[str]:
        """Codes of the items that are not planned, because the run was stopped before it came to them."""
        missing: Sequence[str] = self.summary.get("items_missing", ())
        return missing


@dataclass(frozen=True)
class PlanLine:
    """What one request line is granted, and why not more."""

    request_line_id: int
    item_id: int
    division_id: int
    priority: int
    requested_units: int
    granted_units: int
    fill_millionths: int
    weight_thousandths: int
    limited_by: str
    institution_id: int | None = None
    """Who asks, where it is not the division itself."""
    set_number: int = 0
    """The set of lines that the same would help; 0 where the line got all it asked."""
    reason_zh: str = ""
    reason_en: str = ""

    @property
    def is_planned(self) -> bool:
        """Whether the run came to the item; where it did not, nothing is granted and nothing said."""
        return self.limited_by != NOT_PLANNED

    def reason(self, language: str) -> str:
        """Why the lines of its set got less, in the reader's language; empty where it got all it asked."""
        return self.reason_en if language == "en" else self.reason_zh


@dataclass(frozen=True)
class Grant:
    """What a plan gives to a request line, and how far the plan has come: what it proposes only is not decided yet."""

    plan_id: int
    status: PlanStatus
    line: PlanLine


@dataclass(frozen=True)
class PlanSet:
    """Unfilled lines of a plan that the same would help, and why they got less; `remedies` are names, spaces between.

    `first_line_id` is the first of its request lines.
    """

    plan_id: int
    number: int
    item_id: int
    first_line_id: int
    requests: int
    packs_missing: int
    limited_by: str
    higher_class: bool
    remedies: str
    reason_zh: str
    reason_en: str

    def reason(self, language: str) -> str:
        """The sentences in the reader's language."""
        return self.reason_en if language == "en" else self.reason_zh


@dataclass(frozen=True)
class PlanShipment:
    """Where a grant comes from: lot, depot, way."""

    id: int
    request_line_id: int
    depot_id: int
    lot_id: int
    item_id: int
    division_id: int
    quantity_units: int
    metres: int
    hours: str
    state: str
    refusal: str
    lot_code: str = ""


@dataclass(frozen=True)
class Coverage:
    """Requested and granted units of a group of lines; `key` is a class, a division id or an item id."""

    key: int
    lines: int
    filled: int
    requested_units: int
    granted_units: int


@dataclass(frozen=True)
class Overview:
    """A plan summed up: coverage three ways (by place: the children of the plan's own), the worst-off lines, what
    limits how many lines, and units carried from tier to tier (a depot counts as tier "depot").
    """

    by_class: Sequence[Coverage]
    by_item: Sequence[Coverage]
    by_place: Sequence[Coverage]
    worst: Sequence[PlanLine]
    limits: Mapping[str, int]
    flows: Sequence[tuple[str, str, int]]

    def as_json(self) -> dict[str, Any]:
        """The sums as they are kept with the plan."""
        return asdict(self)

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> Overview:
        """The sums of a kept plan."""
        return Overview(
            by_class=[Coverage(**row) for row in values["by_class"]],
            by_item=[Coverage(**row) for row in values["by_item"]],
            by_place=[Coverage(**row) for row in values["by_place"]],
            worst=[PlanLine(**row) for row in values["worst"]],
            limits=values["limits"],
            flows=[(source, target, units) for source, target, units in values["flows"]],
        )


@dataclass(frozen=True)
class Approval:
    """Somebody's yes to a plan, and how far its orders have come."""

    id: int
    plan_id: int
    item_id: int | None
    division_id: int
    status: str
    ordered_count: int
    refused_count: int
    total_count: int
    next_depot_id: int
    """Depots before this one are done with."""
    made_by: int
    made_at: datetime
    version: int


def find_ways(flows: Iterable[tuple[str, str]], closed: frozenset[tuple[str, str]], depot_code: str) -> frozenset[str]:
    """The nodes that a depot still reaches over the arcs a plan uses, those closed since left out."""
    onward: dict[str, list[str]] = {}
    for source, target in flows:
        if (source, target) not in closed:
            onward.setdefault(source, []).append(target)
    reached, frontier = {depot_code}, [depot_code]
    while frontier:
        fresh = [node for node in onward.get(frontier.pop(), ()) if node not in reached]
        reached.update(fresh)
        frontier.extend(fresh)
    return frozenset(reached)
