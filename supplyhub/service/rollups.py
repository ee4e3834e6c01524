"""Verbs of the roll-up: add what was numbered to the sums, begin them again, and read them."""

from __future__ import annotations

from supplyhub.domain.oversight import LedgerFault
from supplyhub.domain.people import Actor
from supplyhub.domain.places import Division
from supplyhub.domain.stock import Overview
from supplyhub.service.unit_of_work import Work

AT_ONCE = 1_000
"""Entries of the feed that one transaction adds to the sums: so no keeper on SQLite waits long for it."""


def waits_for_rolling_up(work: Work) -> bool:
    """Whether the feed has entries that are not in the sums."""
    return work.oversight.rolled_up() < work.oversight.last_seq()


def roll_up(work: Work) -> int:
    """Add the next entries of the feed to the sums; how many, 0 where nothing was left or another hand was faster."""
    after = work.oversight.rolled_up()
    upto = min(work.oversight.last_seq(), after + AT_ONCE)
    return upto - after if upto > after and work.oversight.roll_up(after, upto) else 0


def clear_rollup(work: Work) -> None:
    """Forget the sums; whoever rolls up next begins with the first entry."""
    work.oversight.clear_rollup()


def verify_rollup(work: Work) -> list[LedgerFault]:
    """Sums that are not those of the movements up to where they stand."""
    return work.oversight.name_faults(list(work.oversight.check_sums(lambda *_: None)))


def read_overview(work: Work, actor: Actor, division: Division) -> Overview:
    """What a place and all below it hold of every item, as of the last entry that is in the sums."""
    actor.must("read_stock")
    return Overview(work.stock.list_overview(division), *work.stock.read_as_of())
