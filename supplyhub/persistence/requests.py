"""Requests and their lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update

from supplyhub.domain.refusals import NotFound
from supplyhub.domain.requests import LineState, Request, RequestLine
from supplyhub.persistence.arrays import allocate_ids, insert_columns, key_table, update_columns
from supplyhub.persistence.rows import RequestLineRow, RequestRow
from supplyhub.persistence.scope import AnySelect, Repository, within


class RequestsRepository(Repository):
    """What was asked for, scoped by the place that asks."""

    def add_requests(self, columns: Mapping[str, Sequence[Any]]) -> list[int]:
        """Append requests; their ids."""
        ids = allocate_ids(self.connection, RequestRow, len(columns["township_id"]))
        insert_columns(self.connection, RequestRow, {"id": ids, **columns})
        return ids

    def add_lines(self, columns: Mapping[str, Sequence[Any]]) -> list[int]:
        """Append request lines; their ids."""
        ids = allocate_ids(self.connection, RequestLineRow, len(columns["request_id"]))
        insert_columns(self.connection, RequestLineRow, {"id": ids, **columns})
        return ids

    def get_request(self, request_id: int) -> Request:
        """The request, or `NotFound`."""
        row = self.connection.execute(self._requests().where(RequestRow.id == request_id)).one_or_none()
        if row is None:
            raise NotFound(noun="request", key=str(request_id))
        return Request(**row._mapping)

    def list_requests(self, *, before: int = 2**62, limit: int = 50) -> list[Request]:
        """Requests, latest first."""
        statement = self._requests().where(RequestRow.id < before).order_by(RequestRow.id.desc()).limit(limit)
        return [Request(**row._mapping) for row in self.connection.execute(statement)]

    def list_lines(
        self,
        *,
        request_id: int | None = None,
        division_id: int | None = None,
        state: LineState | None = None,
        after: int = 0,
        limit: int = 500,
    ) -> list[RequestLine]:
        """Lines by id."""
        statement = self._lines().where(RequestLineRow.id > after)
        if request_id is not None:
            statement = statement.where(RequestLineRow.request_id == request_id)
        if division_id is not None:
            statement = statement.where(RequestLineRow.division_id == division_id)
        if state is not None:
            statement = statement.where(RequestLineRow.state == state.value)
        rows = self.connection.execute(statement.order_by(RequestLineRow.id).limit(limit))
        return [_line(row) for row in rows]

    def get_line(self, line_id: int) -> RequestLine:
        """The line, or `NotFound`."""
        row = self.connection.execute(self._lines().where(RequestLineRow.id == line_id)).one_or_none()
        if row is None:
            raise NotFound(noun="request line", key=str(line_id))
        return _line(row)

    def lock_request(self, request_id: int) -> Request:
        """The request with its row locked."""
        self.connection.execute(select(RequestRow.id).where(RequestRow.id == request_id).with_for_update())
        return self.get_request(request_id)

    def lock_lines(self, line_ids: Iterable[int]) -> dict[int, RequestLine]:
        """Lines by id, locked in id order; the caller has come here through a scoped document."""
        keys = key_table(self.connection, RequestLineRow, id=sorted(set(line_ids)))
        statement = (
            select(*RequestLineRow.__table__.c)
            .join(keys, keys.c.id == RequestLineRow.id)
            .order_by(RequestLineRow.id)
            .with_for_update(of=RequestLineRow)
        )
        return {row.id: _line(row) for row in self.connection.execute(statement)}

    def sum_open(self, division_ids: Iterable[int]) -> dict[tuple[int, int], int]:
        """Units asked before and not withdrawn, by division and item."""
        keys = key_table(self.connection, RequestLineRow, division_id=sorted(set(division_ids)))
        rows = self.connection.execute(
            select(RequestLineRow.division_id, RequestLineRow.item_id, func.sum(RequestLineRow.quantity_units))
            .join(keys, keys.c.division_id == RequestLineRow.division_id)
            .where(RequestLineRow.state == LineState.OPEN.value, RequestLineRow.institution_id.is_(None))
            .group_by(RequestLineRow.division_id, RequestLineRow.item_id)
        )
        return {(row[0], row[1]): int(row[2] or 0) for row in rows}

    def set_states(self, line_ids: Sequence[int], state: LineState) -> None:
        """Put lines into a state."""
        update_columns(
            self.connection, RequestLineRow, match={"id": line_ids}, change={"state": [state.value] * len(line_ids)}
        )

    def set_quantity(self, line_id: int, quantity_units: int, ceiling_units: int, override_reason: str) -> None:
        """Fill in an amount that was unknown."""
        self.connection.execute(
            update(RequestLineRow)
            .where(RequestLineRow.id == line_id)
            .values(quantity_units=quantity_units, ceiling_units=ceiling_units, override_reason=override_reason)
        )

    def set_ordered(self, ordered_units: Mapping[int, int]) -> None:
        """What orders cover now, by line; the CHECK on the row is the last word."""
        ids = sorted(ordered_units)
        update_columns(
            self.connection,
            RequestLineRow,
            match={"id": ids},
            change={"ordered_units": [ordered_units[line_id] for line_id in ids]},
        )

    def touch_request(self, request_id: int, status: str) -> None:
        """A new version of the request."""
        self.connection.execute(
            update(RequestRow).where(RequestRow.id == request_id).values(status=status, version=RequestRow.version + 1)
        )

    def _requests(self) -> AnySelect:
        line_count = select(func.count()).where(RequestLineRow.request_id == RequestRow.id).scalar_subquery()
        asked_back = (
            select(func.count())
            .where(
                RequestLineRow.request_id == RequestRow.id,
                RequestLineRow.state == LineState.ASKED_BACK.value,
            )
            .scalar_subquery()
        )
        statement = select(
            RequestRow.id, RequestRow.township_id, RequestRow.status, RequestRow.reason, RequestRow.made_at,
            RequestRow.version, line_count.label("line_count"), asked_back.label("asked_back_count"),
        )  # fmt: skip
        return within(statement, self.scope, RequestRow.pos)

    def _lines(self) -> AnySelect:
        return within(select(*RequestLineRow.__table__.c), self.scope, RequestLineRow.pos)


def _line(row: Any) -> RequestLine:
    return RequestLine(
        id=row.id, request_id=row.request_id, line=row.line, division_id=row.division_id,
        institution_id=row.institution_id, item_id=row.item_id, quantity_units=row.quantity_units,
        ceiling_units=row.ceiling_units, ordered_units=row.ordered_units, priority=row.priority,
        needed_by=row.needed_by, reason=row.reason, override_reason=row.override_reason,
        state=LineState(row.state),
    )  # fmt: skip
