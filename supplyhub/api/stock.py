"""The shelf over HTTP: stock, receipts, issues, counts, reversals, postings and movements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from supplyhub.api.door import Door
from supplyhub.api.naming import name_all, name_ends, page, show
from supplyhub.domain.people import Actor
from supplyhub.domain.stock import (
    Posted,
    StockLine,
)
from supplyhub.schemas.fields import PageQuery, page_of
from supplyhub.schemas.stock import (
    MovementQuery,
    MovementSchema,
    NewCountSchema,
    NewIssueSchema,
    NewReceiptSchema,
    OverviewQuery,
    OverviewSchema,
    PostedSchema,
    PostingSchema,
    PostingViewSchema,
    ShelfQuery,
    ShelfSchema,
    StockByChildQuery,
    StockByChildSchema,
    StockQuery,
    StockSchema,
)
from supplyhub.schemas.uploads import COUNT, ISSUE, RECEIPT
from supplyhub.service import catalogue, documents, oversight, places, rollups, stock
from supplyhub.service.unit_of_work import Answer, Post, Work

door = Door("stock", "What stands where, and everything that moves it")
PostingPage, MovementPage, ShelfPage = page_of(PostingSchema), page_of(MovementSchema), page_of(ShelfSchema)


# --- reading --------------------------------------------------------------------------------------------------


@door.reads("/stock", "read_stock", StockSchema, StockQuery)
def read_stock(work: Work, actor: Actor, query: Mapping[str, Any]) -> Any:
    """What a place holds of each item: the place alone, and with everything below it."""
    division = places.read_division(work, actor, query["division"] or actor.division_code)
    item = catalogue.read_item(work, actor, query["item"]) if query["item"] else None
    view = stock.read_stock(work, actor, division, item_id=item.id if item else None)
    itself = {line.item_id: line for line in view.itself}
    wanted = [line.item_id for line in view.subtree] or ([item.id] if item else [])
    subtree = {line.item_id: line for line in view.subtree}
    items = [
        {"item_id": number, "itself": _line(itself, number), "subtree": _line(subtree, number)} for number in wanted
    ]
    names = name_all(work, items=[item] if item else None)
    return show(StockSchema, {"division": division, "items": items}, names)


def _line(lines: Mapping[int, StockLine], item_id: int) -> StockLine:
    return lines.get(item_id) or StockLine(item_id, 0, 0, 0)


@door.reads("/stock/children", "read_stock", StockByChildSchema, StockByChildQuery)
def read_stock_by_child(work: Work, actor: Actor, query: Mapping[str, Any]) -> Any:
    """One item at a place, in the place itself, and under each division right below it."""
    division = places.read_division(work, actor, query["division"] or actor.division_code)
    item = catalogue.read_item(work, actor, query["item"])
    view = stock.read_stock(work, actor, division, item_id=item.id)
    children = stock.read_stock_by_child(work, actor, division, item.id)
    facts = {
        "division": division,
        "item_id": item.id,
        "itself": _line({line.item_id: line for line in view.itself}, item.id),
        "subtree": _line({line.item_id: line for line in view.subtree}, item.id),
        "children": [{"division": child, "stock": line} for child, line in children],
    }
    return show(StockByChildSchema, facts, name_all(work, items=[item]))


@door.reads("/stock/overview", "read_stock", OverviewSchema, OverviewQuery, steady=True)
def read_overview(work: Work, actor: Actor, query: Mapping[str, Any]) -> Any:
    """Everything in a place and below it, as of a moment ago: quick, however much there is. `/stock` is exact."""
    division = places.read_division(work, actor, query["division"] or actor.division_code)
    overview = rollups.read_overview(work, actor, division)
    return show(OverviewSchema, {**vars(overview), "division": division}, name_all(work))


@door.reads("/depots/<code:depot>/shelves", "read_stock", ShelfPage, ShelfQuery)
def read_shelves(work: Work, actor: Actor, query: Mapping[str, Any], depot: str) -> Any:
    """What stands in one depot, lot by lot, first expired first within an item."""
    item_id = catalogue.read_item(work, actor, query["item"]).id if query["item"] else None
    start, limit = query["cursor"] or 0, query["limit"]
    _, shelves = stock.read_shelves(work, actor, depot, item_id=item_id, skip=start, limit=limit + 1)
    divisions = [number for shelf in shelves for number in (shelf.owner_id, shelf.earmark_id)]
    following = start + limit if len(shelves) > limit else None
    return show(ShelfPage, {"items": shelves[:limit], "next": following}, name_all(work, divisions=divisions))


@door.reads("/movements", "read_movements", MovementPage, MovementQuery)
def list_movements(work: Work, actor: Actor, query: Mapping[str, Any]) -> Any:
    """Movements with either end in your district, latest first."""
    found = oversight.list_movements(
        work,
        actor,
        depot_code=query["depot"],
        item_code=query["item"],
        posting_id=query["posting"],
        before=query["cursor"] or 2**62,
        limit=query["limit"] + 1,
    )
    return page(MovementPage, found, query["limit"], "id", name_ends(work, found))


@door.reads("/postings", "read_movements", PostingPage, PageQuery)
def list_postings(work: Work, actor: Actor, query: Mapping[str, Any]) -> Any:
    """Entries of the ledger made in your district, latest first."""
    found = oversight.list_postings(work, actor, before=query["cursor"] or 2**62, limit=query["limit"] + 1)
    return page(PostingPage, found, query["limit"], "id")


@door.reads("/postings/<number:posting_id>", "read_movements", PostingViewSchema)
def read_posting(work: Work, actor: Actor, posting_id: int) -> Any:
    """One entry with its movements."""
    posting, movements = oversight.read_posting(work, actor, posting_id)
    movements.sort(key=lambda movement: movement.line)
    return show(PostingViewSchema, {**vars(posting), "movements": movements}, name_ends(work, movements))


# --- writing --------------------------------------------------------------------------------------------------


def _answer_posted(
    work: Work,
    actor: Actor,
    moved: Sequence[Posted],
    *,
    occurred_at: datetime | None = None,
    reverses: int | None = None,
) -> Answer:
    """What was posted, in the shape of `PostedSchema`: from memory and by hand, since it may be thousands of lines."""
    stamp = work.stamp
    body = {
        "id": stamp.posting_id, "verb": stamp.verb, "actor": actor.name,
        "occurred_at": (occurred_at or work.at).isoformat(), "recorded_at": work.at.isoformat(),
        "reverses": reverses, "movements": [posted._asdict() for posted in moved],
    }  # fmt: skip
    return Answer(body, 201, f"/api/v1/postings/{stamp.posting_id}")


def post_receipts(posts: Sequence[Post]) -> list[Answer]:
    """Put what has arrived on the depots' shelves, for several documents of one transaction."""
    arrived = [(post.work, post.actor, documents.read_receipt(post.work, post.sent)) for post in posts]
    return [
        _answer_posted(post.work, post.actor, moved, occurred_at=post.sent["occurred_at"])
        for post, moved in zip(posts, stock.post_receipts(arrived), strict=True)
    ]


@door.performs(
    "/receipts", "post_receipt", PostedSchema, NewReceiptSchema, status=201, sheet=RECEIPT, together=post_receipts
)
def post_receipt(work: Work, actor: Actor, sent: Mapping[str, Any]) -> Answer:
    """Put what has arrived on a depot's shelf."""
    return post_receipts([Post(work, actor, sent)])[0]


@door.performs("/issues", "post_issue", PostedSchema, NewIssueSchema, status=201, sheet=ISSUE)
def post_issue(work: Work, actor: Actor, sent: Mapping[str, Any]) -> Answer:
    """Take goods off a depot's shelf for good: used, scrapped, or lost."""
    moved = stock.post_issue(work, actor, documents.read_issue(work, sent))
    return _answer_posted(work, actor, moved, occurred_at=sent["occurred_at"])


@door.performs("/counts", "post_count", PostedSchema, NewCountSchema, status=201, sheet=COUNT)
def post_count(work: Work, actor: Actor, sent: Mapping[str, Any]) -> Answer:
    """Bring the book of a depot to what was counted."""
    moved = stock.post_count(work, actor, documents.read_count(work, sent))
    return _answer_posted(work, actor, moved, occurred_at=sent["occurred_at"])


@door.performs(
    "/postings/<number:posting_id>/reversal", "reverse_posting", PostedSchema, status=201, reverses="posting_id"
)
def reverse_posting(work: Work, actor: Actor, posting_id: int) -> Answer:
    """Answer a mistake with the same units the other way round."""
    return _answer_posted(work, actor, stock.reverse_posting(work, actor, posting_id), reverses=posting_id)
