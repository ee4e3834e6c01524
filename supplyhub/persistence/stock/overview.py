"""Reading sums that were kept after the fact: a place's whole stock at once, as of some entry of the feed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from supplyhub.domain.places import Division
from supplyhub.domain.stock import OverviewLine
from supplyhub.persistence.rows import DivisionRow, FeedRow, RolledUpRow, StockRollupRow, UnnumberedRow
from supplyhub.persistence.scope import Repository, within


class OverviewReading(Repository):
    """What dashboards show."""

    def list_overview(self, place: Division) -> list[OverviewLine]:
        """What a place and all below it hold; what it holds itself is what those right below it do not."""
        below = select(DivisionRow.id).where(DivisionRow.parent_id == place.id)
        in_children = (
            select(StockRollupRow.item_id, func.sum(StockRollupRow.on_hand).label("on_hand"))
            .where(StockRollupRow.division_id.in_(below))
            .group_by(StockRollupRow.item_id)
            .subquery()
        )
        statement = (
            within(
                select(
                    StockRollupRow.item_id, StockRollupRow.on_hand, StockRollupRow.in_transit,
                    (StockRollupRow.on_hand - func.coalesce(in_children.c.on_hand, 0)).label("here"),
                ).join(DivisionRow, DivisionRow.id == StockRollupRow.division_id),
                self.scope,
                DivisionRow.lo,
            )
            .outerjoin(in_children, in_children.c.item_id == StockRollupRow.item_id)
            .where(StockRollupRow.division_id == place.id)
            .where((StockRollupRow.on_hand > 0) | (StockRollupRow.in_transit > 0))
        )  # fmt: skip
        rows = self.connection.execute(statement.order_by(StockRollupRow.item_id))
        return [OverviewLine(row.item_id, row.on_hand, row.in_transit, int(row.here)) for row in rows]

    def read_as_of(self) -> tuple[int, datetime | None, int]:
        """The last entry that is in the sums, its moment, and how many were committed since."""
        waiting = select(func.count()).select_from(UnnumberedRow).scalar_subquery()
        last = select(func.coalesce(func.max(FeedRow.seq), 0)).scalar_subquery()
        statement = (
            select(RolledUpRow.seq, FeedRow.recorded_at, (last - RolledUpRow.seq + waiting).label("behind"))
            .select_from(RolledUpRow)
            .outerjoin(FeedRow, FeedRow.seq == RolledUpRow.seq)
        )
        with self.beyond():  # how far the sums have come is the same for all, whoever made the last entry
            row = self.connection.execute(statement).one()
        return row.seq, row.recorded_at, row.behind
