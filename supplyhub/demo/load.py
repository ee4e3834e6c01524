"""Loading Hubei in steps, each all or nothing and known by its key, so that a killed run goes on where it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from supplyhub.demo.files import open_data
from supplyhub.demo.needs import Hospitals, make_institutions, make_requests, read_hospitals
from supplyhub.demo.people import SignIn, open_accounts
from supplyhub.demo.province import make_places
from supplyhub.demo.reserves import make_depots, make_floors, make_stock
from supplyhub.domain.columns import ItemColumns, PlaceColumns, StockColumns
from supplyhub.domain.people import Role
from supplyhub.domain.refusals import AlreadyLoaded, words
from supplyhub.schemas.sheets import CATEGORIES, ITEMS, read_sheets
from supplyhub.service import asking, catalogue, opening, places
from supplyhub.service.loading import load_once
from supplyhub.service.unit_of_work import Hub, Work

NAME = "hubei"
"""What the keys of the steps are made of: the province is loaded once, whatever day it is."""
REASON = "2020年1月疫情防控与生活保障需求(演示)"


class Hubei:
    """The province's columns, each made when it is first needed: a second run makes none."""

    def __init__(self, as_of: date) -> None:
        self.as_of = as_of

    @cached_property
    def places(self) -> PlaceColumns:
        """Divisions."""
        return make_places()

    @cached_property
    def items(self) -> ItemColumns:
        """Items."""
        return read_sheets(ITEMS, [open_data("items.csv")])

    @cached_property
    def stock(self) -> StockColumns:
        """Opening stock."""
        return make_stock(self.places, self.items, self.as_of)

    @cached_property
    def hospitals(self) -> Hospitals:
        """Hospitals, joined to their counties."""
        return read_hospitals(self.places)


@dataclass(frozen=True)
class Done:
    """A step that is behind us: rows loaded (None where an earlier run had loaded them) and seconds spent."""

    title: str
    count: int | None
    seconds: float


@dataclass(frozen=True)
class Step:
    """One load: its verb in the ledger, what people read, and what it does; how many rows it loads."""

    verb: str
    title: str
    act: Callable[[Work], int]

    def run(self, hub: Hub, at: datetime) -> Done:
        """Load it, unless an earlier run did."""
        started = time.perf_counter()
        try:
            count = load_once(hub, self.verb, NAME, self.act, at=at)
        except AlreadyLoaded:
            count = None
        return Done(self.title, count, time.perf_counter() - started)


def load_province(hub: Hub, hubei: Hubei, *, at: datetime, done: Callable[[Done], None]) -> list[SignIn]:
    """Load what is not loaded yet, saying each step; the accounts, each with a new password."""
    for step in list_steps(hubei):
        done(step.run(hub, at))
    accounts = open_accounts(hub, at=at)
    clerk = next(account.user_id for account in accounts if account.role is Role.ADMINISTRATOR)
    requests = Step("demo_requests", words("request lines"), lambda work: _load_requests(work, hubei, clerk))
    done(requests.run(hub, at))
    return accounts


def list_steps(hubei: Hubei) -> list[Step]:
    """The loads that need nobody's account, in their order."""
    return [
        Step("demo_places", words("divisions"), lambda work: places.import_places(work, hubei.places)),
        Step("demo_catalogue", words("items"), lambda work: _load_catalogue(work, hubei)),
        Step("demo_depots", words("depots"), lambda work: places.import_depots(work, make_depots(hubei.places))),
        Step(
            "demo_institutions",
            words("hospitals"),
            lambda work: places.import_institutions(work, make_institutions(hubei.hospitals)),
        ),
        Step("demo_stock", words("lots on shelves"), lambda work: opening.import_stock(work, hubei.stock)),
        Step(
            "demo_floors",
            words("reserve floors"),
            lambda work: opening.import_floors(work, make_floors(hubei.places, hubei.stock)),
        ),
    ]


def _load_catalogue(work: Work, hubei: Hubei) -> int:
    catalogue.import_categories(work, read_sheets(CATEGORIES, [open_data("categories.csv")]))
    return catalogue.import_items(work, hubei.items)


def _load_requests(work: Work, hubei: Hubei, made_by: int) -> int:
    columns = make_requests(hubei.places, hubei.items, hubei.hospitals, hubei.as_of)
    return asking.load_requests(work, columns, made_by, REASON)
