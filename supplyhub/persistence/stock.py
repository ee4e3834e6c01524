"""The ledger's rows: accounts, lots, balances, postings and movements, appended and locked in one fixed order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from supplyhub.domain.places import Division
from supplyhub.domain.refusals import NotFound
from supplyhub.domain.stock import (
    GENESIS,
    AccountKey,
    AccountKind,
    Balance,
    BalanceKey,
    Condition,
    Entry,
    LotFacts,
    Movement,
    MovementFacts,
    PostingFacts,
    Reason,
    Shelf,
    ShelfLot,
    Stamp,
    StockLine,
)
from supplyhub.persistence.arrays import allocate_ids, insert_columns, key_table, update_columns
from supplyhub.persistence.rows import (
    AccountRow,
    AnswerRow,
    BalanceRow,
    DepotRow,
    DivisionRow,
    ItemRow,
    LotRow,
    MovementRow,
    PostingNoteRow,
    PostingRow,
    ReservationRow,
    UserRow,
)
from supplyhub.persistence.scope import Repository, within


class StaleBalances(Exception):
    """A balance changed under the lock: the transaction is tried again, never forced."""


class StockRepository(Repository):
    """The only hand that writes the ledger: inserts, and guarded updates of balances."""

    # --- postings and answers ---------------------------------------------------------------------------------

    def claim_key(
        self,
        *,
        tenant_id: int,
        key: str,
        body_sha256: str,
        actor_id: int,
        verb: str,
        pos: int,
        occurred_at: datetime,
        recorded_at: datetime,
        reverses_id: int | None = None,
    ) -> int | None:
        """A new posting's id, or None when the key already stands (a concurrent twin is waited for)."""
        dialect = postgresql if self.connection.dialect.name == "postgresql" else sqlite
        statement = (
            dialect.insert(PostingRow)
            .values(
                tenant_id=tenant_id, idem_key=key, body_sha256=body_sha256, actor_id=actor_id, verb=verb,
                pos=pos, occurred_at=occurred_at, recorded_at=recorded_at, reverses_id=reverses_id,
            )
            .on_conflict_do_nothing(index_elements=["tenant_id", "idem_key"])
            .returning(PostingRow.id)
        )  # fmt: skip
        posting_id: int | None = self.connection.scalar(statement)
        return posting_id

    def find_answer(self, tenant_id: int, key: str) -> tuple[str, int, str, int, int, str, str] | None:
        """What was answered under a key: body digest, actor, verb, position, status, location, body."""
        row = self.connection.execute(
            select(
                PostingRow.body_sha256, PostingRow.actor_id, PostingRow.verb, PostingRow.pos,
                AnswerRow.status, AnswerRow.location, AnswerRow.body,
            )
            .join(AnswerRow, AnswerRow.posting_id == PostingRow.id)
            .where(PostingRow.tenant_id == tenant_id, PostingRow.idem_key == key)
        ).one_or_none()  # fmt: skip
        return None if row is None else (row[0], row[1], row[2], row[3], row[4], row[5], row[6])

    def add_answer(self, posting_id: int, status: int, location: str, body: str) -> None:
        """Append the answer, just before the commit."""
        self.connection.execute(
            insert(AnswerRow).values(posting_id=posting_id, status=status, location=location, body=body)
        )

    def add_note(self, posting_id: int, note: str) -> None:
        """Free text beside a posting."""
        if note:
            self.connection.execute(insert(PostingNoteRow).values(posting_id=posting_id, note=note))

    # --- accounts and lots ------------------------------------------------------------------------------------

    def make_accounts(self, keys: Iterable[AccountKey]) -> dict[AccountKey, int]:
        """The ids of accounts, opening those that are missing, in one order for everybody."""
        wanted = {key.text: key for key in sorted(set(keys), key=lambda key: key.text)}
        found = self._account_ids(list(wanted))
        missing = [key for text, key in wanted.items() if text not in found]
        if missing:
            positions = self._positions(missing)
            dialect = postgresql if self.connection.dialect.name == "postgresql" else sqlite
            self.connection.execute(
                dialect.insert(AccountRow).on_conflict_do_nothing(index_elements=["key"]),
                [
                    {"key": key.text, "kind": key.kind.value, "division_id": key.division_id,
                     "depot_id": key.depot_id, "order_id": key.order_id,
                     "condition": key.condition.value if key.condition else None,
                     "pos": positions[key.text], "floored": key.floored}
                    for key in missing
                ],
            )  # fmt: skip
            found = self._account_ids(list(wanted))
        return {key: found[text] for text, key in wanted.items()}

    def _account_ids(self, texts: list[str]) -> dict[str, int]:
        keys = key_table(self.connection, AccountRow, key=texts)
        rows = self.connection.execute(select(AccountRow.key, AccountRow.id).join(keys, keys.c.key == AccountRow.key))
        return {row.key: row.id for row in rows}

    def _positions(self, accounts: list[AccountKey]) -> dict[str, int]:
        """Where each account's stock counts in the tree: the depot's place, else the division's own."""
        depots = sorted({key.depot_id for key in accounts if key.depot_id is not None})
        divisions = sorted({key.division_id for key in accounts})
        depot_keys = key_table(self.connection, DepotRow, id=depots)
        division_keys = key_table(self.connection, DivisionRow, id=divisions)
        of_depot = {
            row.id: row.pos
            for row in self.connection.execute(
                select(DepotRow.id, DepotRow.pos).join(depot_keys, depot_keys.c.id == DepotRow.id)
            )
        }
        of_division = {
            row.id: row.lo
            for row in self.connection.execute(
                select(DivisionRow.id, DivisionRow.lo).join(division_keys, division_keys.c.id == DivisionRow.id)
            )
        }
        return {
            key.text: of_division[key.division_id] if key.depot_id is None else of_depot[key.depot_id]
            for key in accounts
        }

    def make_lots(self, lots: Iterable[LotFacts]) -> dict[LotFacts, int]:
        """The ids of lots, adding those that are new."""
        wanted = {lot.identity: lot for lot in sorted(set(lots), key=lambda lot: lot.identity)}
        found = self._lot_ids(list(wanted))
        missing = {identity: lot for identity, lot in wanted.items() if identity not in found}
        if missing:
            dialect = postgresql if self.connection.dialect.name == "postgresql" else sqlite
            self.connection.execute(
                dialect.insert(LotRow).on_conflict_do_nothing(index_elements=["identity"]),
                [
                    {"identity": identity, "item_id": lot.item_id, "owner_id": lot.owner_id,
                     "earmark_id": lot.earmark_id, "code": lot.code, "produced_on": lot.produced_on,
                     "expires_on": lot.expires_on, "origin": lot.origin}
                    for identity, lot in missing.items()
                ],
            )  # fmt: skip
            found = self._lot_ids(list(wanted))
        return {lot: found[identity] for identity, lot in wanted.items()}

    def _lot_ids(self, identities: list[str]) -> dict[str, int]:
        keys = key_table(self.connection, LotRow, identity=identities)
        rows = self.connection.execute(
            select(LotRow.identity, LotRow.id).join(keys, keys.c.identity == LotRow.identity)
        )
        return {row.identity: row.id for row in rows}

    def map_depot_lots(self, depot_id: int, lot_ids: Iterable[int]) -> dict[int, int]:
        """The item of each of these lots that stands, or once stood, in a depot."""
        keys = key_table(self.connection, BalanceRow, lot_id=sorted(set(lot_ids)))
        rows = self.connection.execute(
            select(BalanceRow.lot_id, BalanceRow.item_id)
            .join(keys, keys.c.lot_id == BalanceRow.lot_id)
            .join(AccountRow, AccountRow.id == BalanceRow.account_id)
            .where(AccountRow.depot_id == depot_id)
            .distinct()
        )
        return {row.lot_id: row.item_id for row in rows}

    def map_expiries(self, lot_ids: Iterable[int]) -> dict[int, date | None]:
        """When lots expire, by id."""
        keys = key_table(self.connection, LotRow, id=sorted(set(lot_ids)))
        rows = self.connection.execute(select(LotRow.id, LotRow.expires_on).join(keys, keys.c.id == LotRow.id))
        return {row.id: row.expires_on for row in rows}

    # --- balances ---------------------------------------------------------------------------------------------

    def lock_balances(self, keys: Iterable[tuple[AccountKey, int, int, int]]) -> dict[BalanceKey, Balance]:
        """Lock the balances of (account key, account id, lot id, item id), opening missing ones.

        Only floored accounts have a balance. One statement each, in primary-key order, so that documents
        with their lines in any order never deadlock.
        """
        wanted = {(account_id, lot_id): (key, item_id) for key, account_id, lot_id, item_id in keys if key.floored}
        ordered = sorted(wanted)
        if not ordered:
            return {}
        self._open_balances(ordered, {pair: item_id for pair, (_, item_id) in wanted.items()})
        return self._lock(ordered)

    def _open_balances(self, ordered: list[BalanceKey], items: Mapping[BalanceKey, int]) -> None:
        keys = key_table(
            self.connection,
            BalanceRow,
            account_id=[pair[0] for pair in ordered],
            lot_id=[pair[1] for pair in ordered],
            item_id=[items[pair] for pair in ordered],
        )
        missing = (
            select(keys.c.account_id, keys.c.lot_id, keys.c.item_id, AccountRow.pos)
            .join(AccountRow, AccountRow.id == keys.c.account_id)
            .outerjoin(
                BalanceRow,
                and_(BalanceRow.account_id == keys.c.account_id, BalanceRow.lot_id == keys.c.lot_id),
            )
            .where(BalanceRow.account_id.is_(None))
            .order_by(keys.c.account_id, keys.c.lot_id)
        )
        rows = self.connection.execute(missing).all()
        if not rows:
            return
        dialect = postgresql if self.connection.dialect.name == "postgresql" else sqlite
        self.connection.execute(
            dialect.insert(BalanceRow).on_conflict_do_nothing(index_elements=["account_id", "lot_id"]),
            [
                {"account_id": row.account_id, "lot_id": row.lot_id, "item_id": row.item_id, "pos": row.pos,
                 "on_hand": 0, "reserved": 0, "version": 0, "hash": GENESIS}
                for row in rows
            ],
        )  # fmt: skip

    def _lock(self, ordered: list[BalanceKey]) -> dict[BalanceKey, Balance]:
        keys = key_table(
            self.connection,
            BalanceRow,
            account_id=[pair[0] for pair in ordered],
            lot_id=[pair[1] for pair in ordered],
        )
        statement = (
            select(*BalanceRow.__table__.c, ItemRow.code.label("item_code"), LotRow.code.label("lot_code"))
            .join(keys, and_(keys.c.account_id == BalanceRow.account_id, keys.c.lot_id == BalanceRow.lot_id))
            .join(ItemRow, ItemRow.id == BalanceRow.item_id)
            .join(LotRow, LotRow.id == BalanceRow.lot_id)
            .order_by(BalanceRow.account_id, BalanceRow.lot_id)
            .with_for_update(of=BalanceRow)
        )
        return {(row.account_id, row.lot_id): Balance(**row._mapping) for row in self.connection.execute(statement)}

    def save_balances(self, seen: Mapping[BalanceKey, Balance], now: Mapping[BalanceKey, Balance]) -> None:
        """Write what changed, only where it is still what was seen."""
        changed = [key for key in sorted(now) if now[key] != seen[key]]
        if not changed:
            return
        matched = update_columns(
            self.connection,
            BalanceRow,
            match={
                "account_id": [key[0] for key in changed],
                "lot_id": [key[1] for key in changed],
                "version": [seen[key].version for key in changed],
                "reserved": [seen[key].reserved for key in changed],
            },
            change={
                "on_hand": [now[key].on_hand for key in changed],
                "reserved": [now[key].reserved for key in changed],
                "version": [now[key].version for key in changed],
                "hash": [now[key].hash for key in changed],
            },
        )
        if matched != len(changed):
            raise StaleBalances

    def add_entries(self, stamp: Stamp, entries: Sequence[Entry]) -> None:
        """Append movements."""
        moves = [entry.movement for entry in entries]
        ends = [(entry.from_side, entry.to_side) for entry in entries]
        insert_columns(
            self.connection,
            MovementRow,
            {
                "posting_id": [stamp.posting_id] * len(entries),
                "line": [entry.line for entry in entries],
                "from_account_id": [move.from_account_id for move in moves],
                "to_account_id": [move.to_account_id for move in moves],
                "item_id": [move.item_id for move in moves],
                "lot_id": [move.lot_id for move in moves],
                "quantity_units": [move.quantity_units for move in moves],
                "reason": [move.reason.value for move in moves],
                "from_version": [side.version if side else None for side, _ in ends],
                "from_after": [side.after if side else None for side, _ in ends],
                "from_hash": [side.hash if side else None for side, _ in ends],
                "to_version": [side.version if side else None for _, side in ends],
                "to_after": [side.after if side else None for _, side in ends],
                "to_hash": [side.hash if side else None for _, side in ends],
            },
        )

    # --- reservations -----------------------------------------------------------------------------------------

    def add_reservations(
        self,
        account_ids: Sequence[int],
        lot_ids: Sequence[int],
        units: Sequence[int],
        line_ids: Sequence[int],
    ) -> None:
        """Remember what part of which balance is held for which order line."""
        insert_columns(
            self.connection,
            ReservationRow,
            {
                "id": allocate_ids(self.connection, ReservationRow, len(line_ids)),
                "account_id": account_ids,
                "lot_id": lot_ids,
                "quantity_units": units,
                "state": ["held"] * len(line_ids),
                "order_line_id": line_ids,
            },
        )

    def end_reservations(self, line_ids: Sequence[int], state: str) -> int:
        """Consume or release the held reservations of order lines; how many there were."""
        return update_columns(
            self.connection,
            ReservationRow,
            match={"order_line_id": line_ids, "state": ["held"] * len(line_ids)},
            change={"state": [state] * len(line_ids)},
        )

    # --- reading ----------------------------------------------------------------------------------------------

    def get_account_key(self, account_id: int) -> AccountKey:
        """What an account is."""
        return self.map_account_keys([account_id])[account_id]

    def map_account_keys(self, account_ids: Iterable[int]) -> dict[int, AccountKey]:
        """What accounts are, by id."""
        keys = key_table(self.connection, AccountRow, id=sorted(set(account_ids)))
        rows = self.connection.execute(select(*AccountRow.__table__.c).join(keys, keys.c.id == AccountRow.id))
        return {row.id: _account_key(row) for row in rows}

    def list_shelf(self, depot_id: int, item_id: int, condition: Condition = Condition.GOOD) -> list[ShelfLot]:
        """The lots of an item on a depot's shelf."""
        rows = self.connection.execute(
            select(
                BalanceRow.lot_id, LotRow.code, BalanceRow.on_hand, BalanceRow.reserved, LotRow.expires_on,
                LotRow.earmark_id,
            )
            .join(AccountRow, AccountRow.id == BalanceRow.account_id)
            .join(LotRow, LotRow.id == BalanceRow.lot_id)
            .where(
                AccountRow.depot_id == depot_id, AccountRow.kind == "on_hand",
                AccountRow.condition == condition.value, BalanceRow.item_id == item_id, BalanceRow.on_hand > 0,
            )
        )  # fmt: skip
        return [
            ShelfLot(r.lot_id, r.code, r.on_hand - r.reserved, r.reserved, r.expires_on, r.earmark_id) for r in rows
        ]

    def list_shelves(
        self, *, depot_id: int, item_id: int | None = None, skip: int = 0, limit: int = 500
    ) -> list[Shelf]:
        """What stands in a depot: lots with anything on hand, first expired first within an item.

        `skip` counts lines rather than naming the last one: shelves move under the reader whichever way they go on.
        """
        statement = (
            select(
                AccountRow.depot_id, AccountRow.condition, BalanceRow.lot_id, BalanceRow.item_id,
                BalanceRow.on_hand, BalanceRow.reserved, BalanceRow.version, LotRow.code.label("lot_code"),
                LotRow.owner_id, LotRow.earmark_id, LotRow.produced_on, LotRow.expires_on, LotRow.origin,
            )
            .join(AccountRow, AccountRow.id == BalanceRow.account_id)
            .join(LotRow, LotRow.id == BalanceRow.lot_id)
            .where(
                AccountRow.depot_id == depot_id, AccountRow.kind == "on_hand", BalanceRow.on_hand > 0,
            )
            .order_by(
                BalanceRow.item_id, LotRow.expires_on.is_(None), LotRow.expires_on,
                LotRow.code, LotRow.id, AccountRow.id,
            )
            .offset(skip)
            .limit(limit)
        )  # fmt: skip
        if item_id is not None:
            statement = statement.where(BalanceRow.item_id == item_id)
        return [
            Shelf(**{**row._mapping, "condition": Condition(row.condition)})
            for row in self.connection.execute(statement)
        ]

    def sum_stock(self, lo: int, hi: int, *, item_id: int | None = None) -> list[StockLine]:
        """Stock per item over an interval of positions; in transit means on its way there."""
        statement = within(
            select(
                BalanceRow.item_id,
                _sum_where(AccountRow.kind == "on_hand", BalanceRow.on_hand).label("on_hand"),
                _sum_where(AccountRow.kind == "on_hand", BalanceRow.reserved).label("reserved"),
                _sum_where(AccountRow.kind == "transit", BalanceRow.on_hand).label("in_transit"),
            ).join(AccountRow, AccountRow.id == BalanceRow.account_id),
            self.scope,
            BalanceRow.pos,
        ).where(BalanceRow.pos >= lo, BalanceRow.pos < hi, BalanceRow.on_hand > 0)
        if item_id is not None:
            statement = statement.where(BalanceRow.item_id == item_id)
        rows = self.connection.execute(statement.group_by(BalanceRow.item_id).order_by(BalanceRow.item_id))
        return [StockLine(r.item_id, int(r.on_hand), int(r.reserved), int(r.in_transit)) for r in rows]

    def sum_by_child(self, parent: Division, item_id: int) -> dict[int, StockLine]:
        """Stock of an item under each division right below a place, by the child's id."""
        child = aliased(DivisionRow)
        statement = within(
            select(
                child.id,
                _sum_where(AccountRow.kind == "on_hand", BalanceRow.on_hand).label("on_hand"),
                _sum_where(AccountRow.kind == "on_hand", BalanceRow.reserved).label("reserved"),
                _sum_where(AccountRow.kind == "transit", BalanceRow.on_hand).label("in_transit"),
            )
            .join(BalanceRow, and_(BalanceRow.pos >= child.lo, BalanceRow.pos < child.hi))
            .join(AccountRow, AccountRow.id == BalanceRow.account_id),
            self.scope,
            BalanceRow.pos,
        ).where(child.parent_id == parent.id, BalanceRow.item_id == item_id, BalanceRow.on_hand > 0)
        rows = self.connection.execute(statement.group_by(child.id))
        return {r.id: StockLine(item_id, int(r.on_hand), int(r.reserved), int(r.in_transit)) for r in rows}

    def find_posting(self, posting_id: int) -> PostingFacts | None:
        """A posting of the district, or one that moved stock of the district."""
        facts = self._postings(PostingRow.id == posting_id, limit=1)
        return facts[0] if facts else None

    def get_posting(self, posting_id: int) -> PostingFacts:
        """The posting, or `NotFound`."""
        facts = self.find_posting(posting_id)
        if facts is None:
            raise NotFound(noun="posting", key=str(posting_id))
        return facts

    def list_postings(self, *, before: int = 2**62, limit: int = 50) -> list[PostingFacts]:
        """Postings of the district that moved stock, latest first."""
        moved = select(MovementRow.id).where(MovementRow.posting_id == PostingRow.id).exists()
        return self._postings(PostingRow.id < before, moved, limit=limit)

    def _postings(self, *conditions: ColumnElement[bool], limit: int) -> list[PostingFacts]:
        later = aliased(PostingRow)
        statement = (
            within(
                select(
                    PostingRow.id, PostingRow.verb, PostingRow.occurred_at, PostingRow.recorded_at,
                    PostingRow.reverses_id, UserRow.display_name.label("actor"),
                    later.id.label("reversed_by"), PostingNoteRow.note,
                ),
                self.scope,
                PostingRow.pos,
            )
            .outerjoin(UserRow, UserRow.id == PostingRow.actor_id)
            .outerjoin(later, later.reverses_id == PostingRow.id)
            .outerjoin(PostingNoteRow, PostingNoteRow.posting_id == PostingRow.id)
            .where(*conditions)
            .order_by(PostingRow.id.desc())
            .limit(limit)
        )  # fmt: skip
        return [
            PostingFacts(
                r.id,
                r.verb,
                r.actor or "",
                r.occurred_at,
                r.recorded_at,
                r.reverses_id,
                r.reversed_by,
                r.note or "",
            )
            for r in self.connection.execute(statement)
        ]

    def load_movements(self, posting_id: int) -> list[Movement]:
        """The movements of a posting as `apply` took them."""
        rows = self.connection.execute(
            select(*MovementRow.__table__.c).where(MovementRow.posting_id == posting_id).order_by(MovementRow.line)
        )
        return [
            Movement(r.from_account_id, r.to_account_id, r.item_id, r.lot_id, r.quantity_units, Reason(r.reason))
            for r in rows
        ]

    def list_movements(
        self,
        *,
        posting_id: int | None = None,
        depot_id: int | None = None,
        item_id: int | None = None,
        before: int = 2**62,
        limit: int = 100,
    ) -> list[MovementFacts]:
        """Movements with either end in the district, latest first."""
        source, target = aliased(AccountRow), aliased(AccountRow)
        statement = within(
            select(
                MovementRow.id, MovementRow.posting_id, MovementRow.line, PostingRow.verb, PostingRow.recorded_at,
                source.kind.label("from_kind"), source.depot_id.label("from_depot_id"),
                source.division_id.label("from_division_id"), target.kind.label("to_kind"),
                target.depot_id.label("to_depot_id"), target.division_id.label("to_division_id"),
                MovementRow.item_id, MovementRow.lot_id, LotRow.code.label("lot_code"),
                MovementRow.quantity_units, MovementRow.reason, MovementRow.from_hash, MovementRow.to_hash,
            )
            .join(PostingRow, PostingRow.id == MovementRow.posting_id)
            .join(source, source.id == MovementRow.from_account_id)
            .join(target, target.id == MovementRow.to_account_id)
            .join(LotRow, LotRow.id == MovementRow.lot_id),
            self.scope,
            source.pos,
            target.pos,
        ).where(MovementRow.id < before)  # fmt: skip
        if posting_id is not None:
            statement = statement.where(MovementRow.posting_id == posting_id)
        if depot_id is not None:
            statement = statement.where(or_(source.depot_id == depot_id, target.depot_id == depot_id))
        if item_id is not None:
            statement = statement.where(MovementRow.item_id == item_id)
        facts = []
        for row in self.connection.execute(statement.order_by(MovementRow.id.desc()).limit(limit)):
            values = dict(row._mapping)
            from_hash, to_hash = values.pop("from_hash"), values.pop("to_hash")
            facts.append(MovementFacts(**values, hash=(to_hash or from_hash or b"").hex()))
        return facts


def _sum_where(condition: ColumnElement[bool], column: Any) -> ColumnElement[int]:
    return func.coalesce(func.sum(column).filter(condition), 0)


def _account_key(row: Any) -> AccountKey:
    return AccountKey(
        kind=AccountKind(row.kind), division_id=row.division_id, depot_id=row.depot_id, order_id=row.order_id,
        condition=Condition(row.condition) if row.condition else None,
    )  # fmt: skip
