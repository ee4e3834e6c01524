"""Verbs of the feed: follow what was committed, entry by entry, each once."""

from __future__ import annotations

from supplyhub.domain.oversight import ChangePage, FeedPlace
from supplyhub.domain.people import Actor
from supplyhub.domain.refusals import FeedRewound
from supplyhub.service.unit_of_work import Work


def list_changes(work: Work, actor: Actor, after: FeedPlace, *, limit: int = 100) -> ChangePage:
    """What the district may see of the next `limit` entries after a place; `FeedRewound` where that is not there.

    A place without a mark is taken as it is.
    """
    actor.must("read_movements")
    upto = work.stock.find_end()  # before all else: what is numbered from now on comes with the next page
    place = work.stock.find_place(after.seq)
    if place is None or after.mark not in ("", place.mark):
        raise FeedRewound(after=after.seq, upto=upto)
    changes, last = work.stock.list_changes(after.seq, min(after.seq + limit, upto))
    return ChangePage(changes, work.stock.find_place(last) or place, upto)
