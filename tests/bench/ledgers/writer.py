"""Movements written as the service writes them, many postings in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from supplyhub.domain.stock import GENESIS, Balance, BalanceKey, Entry, Movement, Stamp, apply
from supplyhub.persistence.arrays import allocate_ids, insert_columns
from supplyhub.persistence.rows import AnswerRow, BalanceRow, MovementRow, PostingRow
from supplyhub.service.unit_of_work import Hub, Work
from tests.bench.ledgers.size import BEGAN

AT_ONCE = 20_000
"""Movements of one transaction."""


class Writer:
    """Takes movements and writes them, so many to a posting; balances come last, as the movements have left them."""

    def __init__(self, hub: Hub, lines: int) -> None:
        self.count, self._postings = 0, 0
        self._hub, self._lines = hub, lines
        self._balances: dict[BalanceKey, Balance] = {}

    def open(self, key: BalanceKey, item_id: int, pos: int) -> None:
        """An empty balance, before anything moves there."""
        self._balances.setdefault(key, Balance(*key, item_id, pos, 0, 0, 0, GENESIS))

    def holds(self, key: BalanceKey) -> int:
        """Units there once all that waits is written."""
        return self._balances[key].on_hand

    def add(self, verb: str, movements: Sequence[Movement]) -> None:
        """Movements of one verb, in order."""
        for start in range(0, len(movements), AT_ONCE):
            part = movements[start : start + AT_ONCE]
            self._hub.write(lambda work, part=part: self._write(work, verb, part), at=BEGAN)  # type: ignore[misc]

    def _write(self, work: Work, verb: str, movements: Sequence[Movement]) -> None:
        connection = work.stock.connection
        groups = [movements[start : start + self._lines] for start in range(0, len(movements), self._lines)]
        ids = allocate_ids(connection, PostingRow, len(groups))
        stamps = [
            Stamp(posting_id, 1, verb, BEGAN + timedelta(seconds=self._postings + number))
            for number, posting_id in enumerate(ids)
        ]
        self._add_postings(work, stamps)
        written: list[tuple[int, Entry]] = []
        for stamp, group in zip(stamps, groups, strict=True):
            keys = {(end, move.lot_id) for move in group for end in (move.from_account_id, move.to_account_id)}
            now, entries = apply(stamp, {key: self._balances[key] for key in keys if key in self._balances}, group)
            self._balances.update(now)
            written += [(stamp.posting_id, entry) for entry in entries]
        _add_movements(work, written)
        self._postings += len(groups)
        self.count += len(movements)

    def _add_postings(self, work: Work, stamps: Sequence[Stamp]) -> None:
        count, moments = len(stamps), [stamp.recorded_at for stamp in stamps]
        insert_columns(
            work.stock.connection,
            PostingRow,
            {
                "id": [stamp.posting_id for stamp in stamps], "tenant_id": [1] * count,
                "idem_key": [f"bench:{stamp.posting_id}" for stamp in stamps], "body_sha256": ["0" * 64] * count,
                "actor_id": [stamp.actor_id for stamp in stamps], "verb": [stamp.verb for stamp in stamps],
                "pos": [0] * count, "occurred_at": moments, "recorded_at": moments, "reverses_id": [None] * count,
            },
        )  # fmt: skip
        bodies = [f'{{"posting":{stamp.posting_id},"lines":{self._lines}}}' for stamp in stamps]
        answers = {"posting_id": [stamp.posting_id for stamp in stamps], "status": [201] * count}
        insert_columns(work.stock.connection, AnswerRow, {**answers, "location": [""] * count, "body": bodies})

    def close(self) -> None:
        """Write the balances, some at a time."""
        kept = list(self._balances.values())
        for start in range(0, len(kept), AT_ONCE):
            part = kept[start : start + AT_ONCE]
            names = ("account_id", "lot_id", "item_id", "pos", "on_hand", "reserved", "version", "hash")
            columns = {name: [getattr(balance, name) for balance in part] for name in names}
            self._hub.write(
                lambda work, columns=columns: insert_columns(work.stock.connection, BalanceRow, columns),  # type: ignore[misc]
                at=BEGAN,
            )


def _add_movements(work: Work, written: Sequence[tuple[int, Entry]]) -> None:
    moves = [entry.movement for _, entry in written]
    sides = [(entry.from_side, entry.to_side) for _, entry in written]
    columns: dict[str, list[object]] = {
        "posting_id": [posting_id for posting_id, _ in written],
        "line": [entry.line for _, entry in written],
        "reason": [move.reason.value for move in moves],
    }
    for name in ("from_account_id", "to_account_id", "item_id", "lot_id", "quantity_units"):
        columns[name] = [getattr(move, name) for move in moves]
    for end, which in (("from", 0), ("to", 1)):
        for name in ("version", "after", "hash"):
            columns[f"{end}_{name}"] = [getattr(pair[which], name) if pair[which] else None for pair in sides]
    insert_columns(work.stock.connection, MovementRow, columns)
