"""Users, their tokens and their failed sign-ins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Text, bindparam, delete, func, insert, select, text, type_coerce, update
from sqlalchemy.orm import aliased

from supplyhub.domain.moments import to_micros
from supplyhub.domain.people import Actor, Role, Token, User
from supplyhub.persistence.arrays import Rows
from supplyhub.persistence.fixed import Fixed
from supplyhub.persistence.rows import DivisionRow, FailedSignInRow, TokenRow, UserRow
from supplyhub.persistence.scope import AnySelect, Repository, within


class PeopleRepository(Repository):
    """Who may come in. Signing in happens before there is a scope; managing people is scoped like all else."""

    def find_actor(self, user_id: int) -> Actor | None:
        """The active user as an actor, with the district's interval as it is now."""
        return _actor(ACTOR_BY_ID.run(self.connection, user_id=user_id))

    def find_actor_by_token(self, digest: str, *, at: datetime) -> Actor | None:
        """Whoever a token stands for, unless it was revoked or has run out."""
        return _actor(ACTOR_BY_TOKEN.run(self.connection, digest=digest, at=to_micros(at)))

    def find_password(self, username: str) -> tuple[int, str] | None:
        """The id and password hash of an active user."""
        row = self.connection.execute(
            select(UserRow.id, UserRow.password_hash).where(UserRow.username == username, UserRow.active)
        ).one_or_none()
        return None if row is None else (row.id, row.password_hash)

    def find_password_by_id(self, user_id: int) -> str | None:
        """The password hash of an active user."""
        return self.connection.scalar(select(UserRow.password_hash).where(UserRow.id == user_id, UserRow.active))

    def count_failures(self, username: str, *, since: datetime) -> int:
        """How often signing in under this name failed lately."""
        return (
            self.connection.scalar(
                select(func.count()).where(FailedSignInRow.username == username, FailedSignInRow.at > since)
            )
            or 0
        )

    def add_failure(self, username: str, *, at: datetime) -> None:
        """Remember a failed sign-in."""
        self.connection.execute(insert(FailedSignInRow).values(username=username[:64], at=at))

    def clear_failures(self, username: str) -> None:
        """Forget failed sign-ins once the right password came."""
        self.connection.execute(delete(FailedSignInRow).where(FailedSignInRow.username == username))

    def list_users(self) -> list[User]:
        """The users of the district."""
        statement = within(
            select(*UserRow.__table__.c).join(DivisionRow, DivisionRow.id == UserRow.division_id),
            self.scope,
            DivisionRow.lo,
        ).order_by(UserRow.username)
        return [
            User(r.id, r.username, r.display_name, Role(r.role), r.division_id, r.active, r.demo)
            for r in self.connection.execute(statement)
        ]

    def add_user(self, user: User, password_hash: str, *, at: datetime) -> int:
        """A new account; its id."""
        return self.connection.execute(
            insert(UserRow)
            .values(
                username=user.username, display_name=user.display_name, password_hash=password_hash,
                role=user.role.value, division_id=user.division_id, active=user.active, demo=user.demo,
                created_at=at,
            )
            .returning(UserRow.id)
        ).scalar_one()  # fmt: skip

    def find_user_id(self, username: str) -> int | None:
        """The id behind a name, active or not."""
        return self.connection.scalar(select(UserRow.id).where(UserRow.username == username))

    def set_password(self, user_id: int, password_hash: str) -> None:
        """A new password for an account."""
        self.connection.execute(update(UserRow).where(UserRow.id == user_id).values(password_hash=password_hash))

    def close(self, user_id: int) -> None:
        """Nobody comes in under this account any more; what it did stays under its name."""
        self.connection.execute(update(UserRow).where(UserRow.id == user_id).values(active=False))

    def revoke_tokens(self, user_id: int, *, at: datetime) -> None:
        """End every token of an account."""
        self.connection.execute(
            update(TokenRow).where(TokenRow.user_id == user_id, TokenRow.revoked_at.is_(None)).values(revoked_at=at)
        )

    def has_demo_users(self) -> bool:
        """Whether any account was made by the demo."""
        return bool(self.connection.scalar(select(func.count()).where(UserRow.demo)))

    def add_token(self, user_id: int, digest: str, label: str, *, at: datetime, until: datetime | None) -> int:
        """Keep a token's digest; the token itself is shown once and never stored."""
        return self.connection.execute(
            insert(TokenRow)
            .values(user_id=user_id, digest=digest, label=label, created_at=at, expires_at=until)
            .returning(TokenRow.id)
        ).scalar_one()

    def list_tokens(self, user_id: int) -> list[Token]:
        """The tokens of a user, latest first."""
        statement = (
            select(TokenRow.id, TokenRow.label, TokenRow.created_at, TokenRow.expires_at, TokenRow.revoked_at)
            .where(TokenRow.user_id == user_id)
            .order_by(TokenRow.id.desc())
        )
        return [Token(**row._mapping) for row in self.connection.execute(statement)]

    def revoke_token(self, user_id: int, token_id: int, *, at: datetime) -> bool:
        """End a token of the user's own; whether there was one."""
        return bool(
            self.connection.execute(
                update(TokenRow)
                .where(TokenRow.id == token_id, TokenRow.user_id == user_id, TokenRow.revoked_at.is_(None))
                .values(revoked_at=at)
            ).rowcount
        )


def _actors() -> AnySelect:
    """Active users with their districts; the tenant is the root of the tree: the jurisdiction whose data this is."""
    root = aliased(DivisionRow)
    return (
        select(
            UserRow.id, UserRow.display_name, UserRow.role, UserRow.division_id, DivisionRow.code, DivisionRow.lo,
            DivisionRow.hi, func.coalesce(root.id, UserRow.division_id),
        )
        .join(DivisionRow, DivisionRow.id == UserRow.division_id)
        .outerjoin(root, root.parent_id.is_(None) & (root.lo <= DivisionRow.lo) & (root.hi > DivisionRow.lo))
        .where(UserRow.active)
    )  # fmt: skip


def _actor_by_id(_engine: str) -> AnySelect:
    return _actors().where(UserRow.id == bindparam("user_id"))


def _actor_by_token(engine: str) -> AnySelect:
    if engine == "postgresql":  # past its policies: who calls is asked before anybody's district is known
        caller = func.find_caller(bindparam("digest", type_=Text), bindparam("at", type_=BigInteger))
        return select(text("*")).select_from(caller)
    valid = TokenRow.expires_at.is_(None) | (type_coerce(TokenRow.expires_at, BigInteger) > bindparam("at"))
    tokens = _actors().join(TokenRow, TokenRow.user_id == UserRow.id)
    return tokens.where(TokenRow.digest == bindparam("digest"), TokenRow.revoked_at.is_(None), valid)


ACTOR_BY_ID, ACTOR_BY_TOKEN = Fixed(_actor_by_id), Fixed(_actor_by_token)


def _actor(rows: Rows) -> Actor | None:
    if not rows:
        return None
    [(user_id, name, role, division_id, code, lo, hi, tenant_id)] = rows
    return Actor(user_id, name, Role(role), division_id, code, lo, hi, tenant_id)
