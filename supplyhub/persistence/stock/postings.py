"""Postings with their keys and answers, and the movements under them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Executable, bindparam, insert, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from supplyhub.domain.moments import to_micros
from supplyhub.domain.refusals import NotFound
from supplyhub.domain.stock import (
    Movement,
    MovementFacts,
    NewPosting,
    PostingFacts,
    Reason,
    note_digest,
)
from supplyhub.persistence.arrays import insert_columns, key_table
from supplyhub.persistence.fixed import Fixed, keys_of
from supplyhub.persistence.rows import (
    AccountRow,
    AnswerRow,
    DepotRow,
    LotRow,
    MovementRow,
    PostingNoteRow,
    PostingRow,
    UserRow,
)
from supplyhub.persistence.scope import AnySelect, within
from supplyhub.persistence.stock.lots import LotNaming


class PostingRows(LotNaming):
    """Appended, never changed; read by whoever sees the place or either end."""

    def claim_keys(self, tenant_id: int, postings: Sequence[NewPosting]) -> dict[str, int]:
        """New postings' ids by key, without the keys that already stand (concurrent twins are waited for, in order)."""
        keys, digests, actors, verbs, positions, occurred, recorded, reversed_ids = zip(*postings, strict=True)
        columns = {
            "idem_key": keys, "body_sha256": digests, "actor_id": actors, "verb": verbs, "pos": positions,
            "occurred_at": list(map(to_micros, occurred)), "recorded_at": list(map(to_micros, recorded)),
            "reverses_id": reversed_ids,
        }  # fmt: skip
        return dict(KEYS_CLAIMED.run_for_keys(self.connection, columns, tenant_id=tenant_id))

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

    def list_custodians(self, tenant_id: int, key: str) -> list[int]:
        """Who keeps, today, the depots whose shelves the posting under a key moved."""
        statement = (
            select(DepotRow.custodian_id)
            .distinct()
            .join(AccountRow, AccountRow.depot_id == DepotRow.id)
            .join(
                MovementRow,
                or_(MovementRow.from_account_id == AccountRow.id, MovementRow.to_account_id == AccountRow.id),
            )
            .join(PostingRow, PostingRow.id == MovementRow.posting_id)
            .where(PostingRow.tenant_id == tenant_id, PostingRow.idem_key == key)
        )
        with self.beyond():  # also of a depot that has left the district since
            return list(self.connection.scalars(statement))

    def add_answers(self, answers: Iterable[tuple[int, int, str, str]]) -> None:
        """Append answers, as (posting id, status, location, body), just before the commit."""
        columns = zip(*answers, strict=True)
        insert_columns(self.connection, AnswerRow, dict(zip(ANSWER, columns, strict=True)))

    def add_note(self, posting_id: int, note: str) -> None:
        """Free text beside a posting, with a salt, so that nobody can guess it back from its hash once it is erased."""
        if note:
            salt = secrets.token_bytes(16)
            digest = note_digest(salt, note)
            self.connection.execute(
                insert(PostingNoteRow).values(posting_id=posting_id, note=note, salt=salt, sha256=digest)
            )

    def erase_note(self, posting_id: int) -> bool:
        """Rub the text beside a posting out; its hash stays. Whether there was one."""
        erased = update(PostingNoteRow).where(PostingNoteRow.posting_id == posting_id).values(note="", salt=None)
        return bool(self.connection.execute(erased).rowcount)

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
        statement = within(self._posting_select(), self.scope, PostingRow.pos).where(*conditions)
        rows = self.connection.execute(statement.order_by(PostingRow.id.desc()).limit(limit))
        return [posting_facts(row) for row in rows]

    def _posting_select(self) -> AnySelect:
        """Postings of whatever district, with who made them, what answered them, and their notes."""
        later = aliased(PostingRow)
        return (
            select(
                PostingRow.id, PostingRow.verb, PostingRow.occurred_at, PostingRow.recorded_at,
                PostingRow.reverses_id, UserRow.display_name.label("actor"),
                later.id.label("reversed_by"), PostingNoteRow.note,
            )
            .outerjoin(UserRow, UserRow.id == PostingRow.actor_id)
            .outerjoin(later, later.reverses_id == PostingRow.id)
            .outerjoin(PostingNoteRow, PostingNoteRow.posting_id == PostingRow.id)
        )  # fmt: skip

    def load_movements(self, posting_id: int) -> list[Movement]:
        """The movements of a posting the caller has come by, as `apply` took them; all of them, or it is not undone."""
        statement = select(*MovementRow.__table__.c).where(MovementRow.posting_id == posting_id)
        with self.beyond():
            rows = self.connection.execute(statement.order_by(MovementRow.line)).all()
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
        statement, source, target = self._movement_select()
        statement = statement.where(MovementRow.id < before)
        if posting_id is not None:
            statement = statement.where(MovementRow.posting_id == posting_id)
        if depot_id is not None:
            statement = statement.where(or_(source.depot_id == depot_id, target.depot_id == depot_id))
        if item_id is not None:
            statement = statement.where(MovementRow.item_id == item_id)
        rows = self.connection.execute(statement.order_by(MovementRow.id.desc()).limit(limit))
        return [movement_facts(row) for row in self.with_ends(rows)]

    def _movement_select(self) -> tuple[AnySelect, Any, Any]:
        """Movements with either end in the district, and both accounts as far as it sees them."""
        source, target = aliased(AccountRow), aliased(AccountRow)
        statement = (
            select(
                MovementRow.id, MovementRow.posting_id, MovementRow.line, PostingRow.verb, PostingRow.recorded_at,
                MovementRow.from_account_id, source.kind.label("from_kind"), source.depot_id.label("from_depot_id"),
                source.division_id.label("from_division_id"), MovementRow.to_account_id, target.kind.label("to_kind"),
                target.depot_id.label("to_depot_id"), target.division_id.label("to_division_id"),
                MovementRow.item_id, MovementRow.lot_id, LotRow.code.label("lot_code"),
                MovementRow.quantity_units, MovementRow.reason, MovementRow.from_hash, MovementRow.to_hash,
            )
            .join(PostingRow, PostingRow.id == MovementRow.posting_id)
            .outerjoin(source, source.id == MovementRow.from_account_id)
            .outerjoin(target, target.id == MovementRow.to_account_id)
            .outerjoin(LotRow, LotRow.id == MovementRow.lot_id)
        )  # fmt: skip
        return within(statement, self.scope, source.pos, target.pos), source, target

    def with_ends(self, rows: Iterable[Any]) -> list[dict[str, Any]]:
        """Rows of that select with the other ends and the lots filled in that the district does not see by itself."""
        found = self.with_lot_codes(rows)
        unseen = {row[f"{end}_account_id"] for row in found for end in ENDS if row[f"{end}_kind"] is None}
        if unseen:
            with self.beyond() as everywhere:
                ends = everywhere._ends(sorted(unseen))
            for row in found:
                for end in ENDS:
                    if row[f"{end}_kind"] is None:
                        row.update({f"{end}_{name}": value for name, value in ends[row[f"{end}_account_id"]].items()})
        return found

    def _ends(self, account_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        keys = key_table(self.connection, AccountRow, id=account_ids)
        rows = self.connection.execute(
            select(AccountRow.id, AccountRow.kind, AccountRow.depot_id, AccountRow.division_id).join(
                keys, keys.c.id == AccountRow.id
            )
        )
        return {row.id: {"kind": row.kind, "depot_id": row.depot_id, "division_id": row.division_id} for row in rows}


ENDS = ("from", "to")


def posting_facts(row: Any) -> PostingFacts:
    """A row of the select of postings."""
    return PostingFacts(
        row.id, row.verb, row.actor or "", row.occurred_at, row.recorded_at, row.reverses_id, row.reversed_by,
        row.note or "",
    )  # fmt: skip


def movement_facts(row: Mapping[str, Any]) -> MovementFacts:
    """A row of the select of movements, ends and lots filled in; what else was selected is no part of the facts."""
    digest = row["to_hash"] or row["from_hash"] or b""
    names = (one.name for one in fields(MovementFacts) if one.name != "hash")
    return MovementFacts(**{name: row[name] for name in names}, hash=digest.hex())


def _keys_claimed(engine: str) -> Executable:
    """In the order of the keys, so that two who send the same ones never wait for one another."""
    dialect = postgresql if engine == "postgresql" else sqlite
    keys = keys_of(engine, PostingRow, *NEW)
    new = select(bindparam("tenant_id", type_=BigInteger), *keys.c).where(true()).order_by(keys.c.idem_key)
    posted = dialect.insert(PostingRow).from_select(["tenant_id", *NEW], new, include_defaults=False)
    once: Executable = posted.on_conflict_do_nothing(index_elements=["tenant_id", "idem_key"]).returning(
        PostingRow.idem_key, PostingRow.id
    )
    return once


NEW = ("idem_key", "body_sha256", "actor_id", "verb", "pos", "occurred_at", "recorded_at", "reverses_id")
ANSWER = ("posting_id", "status", "location", "body")
KEYS_CLAIMED = Fixed(_keys_claimed)
