"""Verbs of the shelf: receive, issue, count, reverse, and read what stands where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from supplyhub.domain.people import Actor
from supplyhub.domain.places import Depot, Division
from supplyhub.domain.refusals import Fault, InvalidInput, NotReversible, words
from supplyhub.domain.stock import (
    AccountKey,
    AccountKind,
    Condition,
    NewCount,
    NewIssue,
    NewMovement,
    NewReceipt,
    Posted,
    Reason,
    Shelf,
    StockLine,
    on_hand,
    reversed_movements,
)
from supplyhub.service.ledger import Wish, move, move_all, must_know_lots
from supplyhub.service.picking import Picking
from supplyhub.service.unit_of_work import Work

REVERSIBLE = frozenset({"post_receipt", "post_issue", "post_count"})
"""Postings a keeper answers with a plain reversal; a transfer is recalled or reopened instead, by its own steps."""


def post_receipt(work: Work, actor: Actor, receipt: NewReceipt) -> list[Posted]:
    """Put what has arrived on the depot's shelf."""
    return post_receipts([(work, actor, receipt)])[0]


def post_receipts(arrived: Sequence[tuple[Work, Actor, NewReceipt]]) -> list[list[Posted]]:
    """Put what has arrived in several documents, of one transaction, on the depots' shelves."""
    return move_all([_receipt_wish(*one) for one in arrived])


def _receipt_wish(work: Work, actor: Actor, receipt: NewReceipt) -> Wish:
    depot = work.places.get_depot_by_id(receipt.depot_id)
    actor.must_keep("post_receipt", depot.custodian_id)
    source = AccountKey(
        AccountKind.USED if receipt.reason is Reason.RETURN else AccountKind.SUPPLIER, depot.division_id
    )
    shelves = {condition: on_hand(depot, condition) for condition in Condition}
    work.stock.add_note(work.stamp.posting_id, receipt.note)
    return Wish(
        work,
        [
            NewMovement(source, shelves[condition], lot.item_id, lot, units, receipt.reason)
            for lot, units, condition in receipt.lines
        ],
    )


def post_issue(work: Work, actor: Actor, issue: NewIssue) -> list[Posted]:
    """Take goods off the shelf for good: to be used in a division, scrapped, or written off as lost."""
    depot = work.places.get_depot_by_id(issue.depot_id)
    actor.must_keep("post_issue", depot.custodian_id)
    must_know_lots(work, depot, [(line.lot_id, line.item_id) for line in issue.lines])
    target = AccountKey(issue.to, issue.division_id)
    work.stock.add_note(work.stamp.posting_id, issue.note)
    picking = Picking(work, depot, for_division_id=issue.division_id, handed_out=issue.to is AccountKind.USED)
    taken = picking.take_all([(line.item_id, line.quantity_units, line.lot_id, line.condition) for line in issue.lines])
    wanted = [
        NewMovement(on_hand(depot, line.condition), target, line.item_id, lot_id, units, issue.reason)
        for line, lots in zip(issue.lines, taken, strict=True)
        for lot_id, units in lots
    ]
    return move(work, wanted, [place for place, lots in enumerate(taken) for _ in lots])


def post_count(work: Work, actor: Actor, count: NewCount) -> list[Posted]:
    """Bring the book to what was counted: only the difference to what the book said then is posted."""
    depot = work.places.get_depot_by_id(count.depot_id)
    actor.must_keep("post_count", depot.custodian_id)
    _must_count_once(count)
    items = must_know_lots(work, depot, [(line.lot_id, None) for line in count.lines])
    lost = AccountKey(AccountKind.LOST, depot.division_id)
    work.stock.add_note(work.stamp.posting_id, count.note)
    wanted, lines = [], []
    for place, line in enumerate(count.lines):
        difference = line.counted_units - line.seen_units
        if difference:
            shelf = on_hand(depot, line.condition)
            ends = (shelf, lost) if difference < 0 else (lost, shelf)
            wanted.append(NewMovement(*ends, items[line.lot_id], line.lot_id, abs(difference), Reason.COUNT))
            lines.append(place)
    return move(work, wanted, lines)


def _must_count_once(count: NewCount) -> None:
    """Refuse a shelf that is counted in two lines: each difference would be posted."""
    message = words("this lot is counted in an earlier line too, in the same condition; give one count of it")
    shelves: set[tuple[int, Condition]] = set()
    faults = []
    for place, line in enumerate(count.lines):
        shelf = (line.lot_id, line.condition)
        if shelf in shelves:
            faults.append(Fault(f"lines[{place}].lot_id", message))
        shelves.add(shelf)
    if faults:
        raise InvalidInput(faults=faults)


def reverse_posting(work: Work, actor: Actor, posting_id: int) -> list[Posted]:
    """Answer a mistake with the same units the other way round; the unit of work sees that it happens at most once."""
    posting = work.stock.get_posting(posting_id)
    if posting.verb not in REVERSIBLE:
        instead = words("a transfer is cancelled, recalled or reopened by its own steps.")
        raise NotReversible(posting_id=posting_id, verb=posting.verb, instead=instead)
    movements = reversed_movements(work.stock.load_movements(posting_id))
    keys = work.stock.map_account_keys(account for m in movements for account in (m.from_account_id, m.to_account_id))
    for key in keys.values():
        if key.depot_id is not None:
            actor.must_keep("reverse_posting", work.places.get_depot_by_id(key.depot_id).custodian_id)
    return move(
        work,
        [
            NewMovement(keys[m.from_account_id], keys[m.to_account_id], m.item_id, m.lot_id, m.quantity_units, m.reason)
            for m in movements
        ],
    )


@dataclass(frozen=True)
class StockView:
    """Stock of a place: itself alone, its whole subtree, and each child's subtree."""

    division: Division
    itself: list[StockLine]
    subtree: list[StockLine]


def read_stock(work: Work, actor: Actor, division: Division, *, item_id: int | None = None) -> StockView:
    """What stands at a place and below it, per item."""
    actor.must("read_stock")
    itself, subtree = work.stock.sum_place(division, item_id=item_id)
    return StockView(division, itself, subtree)


def read_stock_by_child(work: Work, actor: Actor, division: Division, item_id: int) -> list[tuple[Division, StockLine]]:
    """Stock of one item under each division right below; children with nothing are listed with nothing."""
    actor.must("read_stock")
    sums = work.stock.sum_by_child(division, item_id)
    return [(child, sums.get(child.id, StockLine(item_id, 0, 0, 0))) for child in work.places.list_children(division)]


def read_shelves(
    work: Work, actor: Actor, depot_code: str, *, item_id: int | None = None, skip: int = 0, limit: int = 500
) -> tuple[Depot, list[Shelf]]:
    """What stands in one depot, lot by lot."""
    actor.must("read_stock")
    depot = work.places.get_depot(depot_code)
    return depot, work.stock.list_shelves(depot_id=depot.id, item_id=item_id, skip=skip, limit=limit)
