"""Ledgers of any size for measuring: the real `apply`, chains and array inserts, and only made-up goods."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from supplyhub.service import oversight
from supplyhub.service.unit_of_work import Hub
from tests.bench.ledgers.days import open_shelves, run_orders, trade, use_up
from tests.bench.ledgers.land import load_land
from tests.bench.ledgers.size import BEGAN, Size
from tests.bench.ledgers.writer import Writer

__all__ = ["BEGAN", "Size", "make_ledger", "seal_all"]


def make_ledger(hub: Hub, size: Size, *, told: Callable[[str], None] = lambda _: None) -> int:
    """Fill an empty migrated database; how many movements there are then. The same for the same size."""
    land = load_land(hub, size)
    told("the land is loaded")
    writer = Writer(hub, size.lines)
    for day in (open_shelves, use_up, run_orders, trade):
        day(hub, size, land, writer)
        told(f"{day.__name__}: {writer.count} movements")
    writer.close()
    return writer.count


def seal_all(hub: Hub) -> None:
    """Number and seal all of it, in the transactions in which the worker does it."""
    at = BEGAN + timedelta(days=400)
    while hub.write(oversight.seal_ledger, at=at):
        pass
