"""The story that the demo prints: what stood there, who asked, who gets how much, and why not more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.table import Table

from supplyhub.demo.load import Done
from supplyhub.demo.needs import Hospitals
from supplyhub.demo.people import SignIn
from supplyhub.demo.province import PROVINCE
from supplyhub.demo.reserves import DEPOT_SUFFIX
from supplyhub.domain.catalogue import Item
from supplyhub.domain.people import Actor
from supplyhub.domain.places import Division
from supplyhub.domain.planning import Coverage, Overview, Plan, PlanLine
from supplyhub.domain.refusals import words
from supplyhub.schemas.glossary import LEVELS, LIMITS, PRIORITIES, ROLES, RUN_PHASES
from supplyhub.service import catalogue, places, requests
from supplyhub.service.planning import read_line_shipments, view_plan
from supplyhub.service.unit_of_work import Hub, Work

Say = Callable[[str], str]

SENDERS_SHOWN = 3
"""Depots named for a line; the pages show all."""


@dataclass(frozen=True)
class Worst:
    """One of the worst-off lines: who asked, for what, and how many units come from which places."""

    line: PlanLine
    asker: str
    item: Item
    senders: Mapping[str, int]


@dataclass(frozen=True)
class Story:
    """Everything that is told of a plan."""

    plan: Plan
    view: Overview
    places: Sequence[tuple[Division, Coverage]]
    worst: Sequence[Worst]
    asked_back: int


def gather(hub: Hub, planner: Actor, plan_id: int, *, at: datetime) -> Story:
    """Read what is to be told, as the province's planner sees it."""
    with hub.read(planner, at=at) as work:
        plan, view = view_plan(work, planner, plan_id)
        below = {division.id: division for division in places.read_children(work, planner, PROVINCE)}
        items = {item.id: item for item in catalogue.list_items(work, planner)}
        hospitals = {found.id: found.name for found in places.list_institutions(work, planner, PROVINCE)}
        return Story(
            plan=plan,
            view=view,
            places=[(below[covered.key], covered) for covered in view.by_place if covered.key in below],
            worst=[
                Worst(
                    line,
                    _name_asker(work, planner, line, hospitals),
                    items[line.item_id],
                    _sum_senders(work, planner, plan_id, line),
                )
                for line in view.worst
            ],
            asked_back=sum(request.asked_back_count for request in requests.list_requests(work, planner, limit=10_000)),
        )


def _name_asker(work: Work, planner: Actor, line: PlanLine, hospitals: Mapping[int, str]) -> str:
    asked = requests.read_line(work, planner, line.request_line_id)
    if asked.institution_id is not None:
        return hospitals[asked.institution_id]
    code, name = places.name_divisions(work, planner, [asked.division_id])[asked.division_id]
    return f"{name} ({code})"


def _sum_senders(work: Work, planner: Actor, plan_id: int, line: PlanLine) -> dict[str, int]:
    """Units by the place whose depot sends them, the most first."""
    shipments = read_line_shipments(work, planner, plan_id, line.request_line_id)
    names = places.name_depots(work, planner, {shipment.depot_id for shipment in shipments})
    sent: Counter[str] = Counter()
    for shipment in shipments:
        sent[names[shipment.depot_id][1].removesuffix(DEPOT_SUFFIX)] += shipment.quantity_units
    return dict(sent.most_common())


def tell_loading(console: Console, say: Say, done: Done) -> None:
    """One line a step, as it ends."""
    count = say(words("loaded by an earlier run")) if done.count is None else f"{done.count:,}"
    console.print(f"  {say(done.title)}: {count}  [dim]{done.seconds:.1f} s[/dim]")


def tell(console: Console, say: Say, story: Story, *, lang: str, peak_mib: int) -> None:
    """The plan in tables: totals, coverage, flows, the worst-off, what limits, seconds and memory."""
    _tell_totals(console, say, story)
    console.print(_coverage_by_class(say, story))
    console.print(_coverage_by_place(say, story))
    console.print(_flows(say, story))
    console.print(_worst(say, story, lang))
    console.print(_limits(say, story))
    plan = story.plan
    tonne_km = float(plan.summary["tonne_km"])
    console.print(
        say(words("Transport: {tonne_km} tonne-km, the least that ships these grants.")).format(
            tonne_km=f"{tonne_km:,.0f}"
        )
    )
    phases = ", ".join(f"{say(RUN_PHASES.get(name, name))} {spent:.1f} s" for name, spent in plan.seconds.items())
    console.print(
        say(words("Seconds: {phases}. Peak memory: {peak_mib} MiB.")).format(phases=phases, peak_mib=peak_mib)
    )
    console.print(
        say(words("Proved: {proved}. The plan was checked by a program that shares nothing with the solver.")).format(
            proved=str(plan.proved).lower()
        )
    )


def _tell_totals(console: Console, say: Say, story: Story) -> None:
    covered = story.view.by_class
    message = words(
        "{lines} lines ask for {asked} units; {granted} are granted, and {filled} lines get all they asked for."
    )
    console.print(
        say(message).format(
            lines=f"{sum(one.lines for one in covered):,}",
            asked=f"{sum(one.requested_units for one in covered):,}",
            granted=f"{sum(one.granted_units for one in covered):,}",
            filled=f"{sum(one.filled for one in covered):,}",
        )
    )


def _coverage_by_class(say: Say, story: Story) -> Table:
    rows = [(say(PRIORITIES[str(covered.key)]), covered) for covered in story.view.by_class]
    return _coverage(say, say(words("Coverage by priority class")), say(words("class")), rows)


def _coverage_by_place(say: Say, story: Story) -> Table:
    rows = [(division.name, covered) for division, covered in story.places]
    return _coverage(say, say(words("Coverage by city")), say(words("city")), rows)


def _coverage(say: Say, title: str, first: str, rows: Sequence[tuple[str, Coverage]]) -> Table:
    table = Table(title=title)
    table.add_column(first, overflow="fold")
    for heading in (words("lines"), words("met in full"), words("units asked"), words("units granted"), words("share")):
        table.add_column(say(heading), justify="right")
    for name, covered in rows:
        table.add_row(name, *_coverage_cells(covered))
    return table


def _coverage_cells(covered: Coverage) -> list[str]:
    # Cut off, as on the pages, and never rounded up: 100 % means all of it.
    thousandths = covered.granted_units * 1000 // covered.requested_units if covered.requested_units else 1000
    return [
        f"{covered.lines:,}",
        f"{covered.filled:,}",
        f"{covered.requested_units:,}",
        f"{covered.granted_units:,}",
        f"{thousandths // 10}.{thousandths % 10}%",
    ]


def _worst(say: Say, story: Story, lang: str) -> Table:
    table = Table(title=say(words("The five worst-off for their class and weight, and why")))
    for heading in (
        words("who"),
        words("item"),
        words("asked"),
        words("granted"),
        words("vulnerability weight"),
        words("from"),
        words("why not more"),
    ):
        table.add_column(say(heading), overflow="fold")
    for worst in story.worst:
        line = worst.line
        table.add_row(
            worst.asker,
            worst.item.name(lang),
            f"{line.requested_units:,}",
            f"{line.granted_units:,} ({line.fill_millionths / 10_000:.1f} %)",
            f"{line.weight_thousandths / 1000:g}",
            _senders(say, worst.senders),
            say(LIMITS[line.limited_by]),
        )
    return table


def _senders(say: Say, senders: Mapping[str, int]) -> str:
    shown = [f"{depot} {units:,}" for depot, units in list(senders.items())[:SENDERS_SHOWN]]
    rest = sum(senders.values()) - sum(list(senders.values())[:SENDERS_SHOWN])
    return "\n".join([*shown, *([say(words("others {units}")).format(units=f"{rest:,}")] if rest else [])]) or "-"


def _flows(say: Say, story: Story) -> Table:
    table = Table(title=say(words("What moves between the tiers")))
    for heading in (words("from"), words("to")):
        table.add_column(say(heading))
    table.add_column(say(words("units")), justify="right")
    for source, target, units in sorted(story.view.flows, key=lambda flow: -flow[2]):
        table.add_row(say(LEVELS[source]), say(LEVELS[target]), f"{units:,}")
    return table


def _limits(say: Say, story: Story) -> Table:
    table = Table(title=say(words("What limits the lines that get less than they asked for")))
    table.add_column(say(words("reason")))
    table.add_column(say(words("lines")), justify="right")
    for cause, count in sorted(story.view.limits.items(), key=lambda pair: -pair[1]):
        table.add_row(say(LIMITS[cause]), f"{count:,}")
    return table


def tell_unplanned(console: Console, say: Say, story: Story, hospitals: Hospitals) -> None:
    """What was asked for and is in no plan: amounts nobody stated, hospitals nobody could place or vouch for."""
    message = words(
        "Asked back: {count} lines say that something is needed, and not how much; they wait for an answer."
    )
    console.print(say(message).format(count=f"{story.asked_back:,}"))
    message = words("Left out: hospitals whose county is not known: {lost}; whose report nobody confirmed: {doubtful}.")
    console.print(
        say(message).format(
            lost=", ".join(hospitals.without_county) or "-", doubtful=", ".join(hospitals.not_verified) or "-"
        )
    )


def tell_accounts(console: Console, say: Say, accounts: Sequence[SignIn]) -> None:
    """Who can sign in, with passwords that are shown now and never again."""
    table = Table(title=say(words("Sign in as (passwords are new with every run and shown only here)")))
    for heading in (words("role"), words("user name"), words("password"), words("person")):
        table.add_column(say(heading), no_wrap=True)
    for account in accounts:
        table.add_row(say(ROLES[account.role.value]), account.username, account.password, account.display_name)
    console.print(table)
