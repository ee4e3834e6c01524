"""Verbs of people: accounts, signing in with a lock-out, and bearer tokens."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from supplyhub.domain.people import Actor, Role, Token, User
from supplyhub.domain.refusals import Fault, InvalidInput, NotConfigured, NotFound, SignInRefused, words
from supplyhub.service.unit_of_work import Hub, Work

FAILURES_MAX = 5
LOCK_MINUTES = 15
PASSWORD_LENGTHS = (10, 200)
"""Long enough to resist guessing; short enough that hashing a password is no way to keep the server busy."""
TOKEN_BYTES = 32
USERNAME = re.compile(r"[\w.-]{2,64}")

HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@dataclass(frozen=True)
class NewUser:
    """An account before it has a number."""

    username: str
    display_name: str
    role: Role
    division_code: str
    demo: bool = False


def add_user(work: Work, actor: Actor | None, new: NewUser, password: str) -> User:
    """Open an account; without an actor it is the installation itself that does."""
    if actor is not None:
        actor.must("manage_people")
    faults = [*_name_faults(work, new), *_password_faults(password)]
    if faults:
        raise InvalidInput(faults=faults)
    division = work.places.get_division(new.division_code)
    user = User(0, new.username, new.display_name, new.role, division.id, active=True, demo=new.demo)
    user_id = work.people.add_user(user, _hash(password), at=work.at)
    return User(user_id, *(user.username, user.display_name, user.role, user.division_id, user.active, user.demo))


def _name_faults(work: Work, new: NewUser) -> list[Fault]:
    faults = []
    if not USERNAME.fullmatch(new.username):
        message = words("{text!r} is no user name; write 2 to 64 letters, digits, dots, dashes or underscores")
        faults.append(Fault("username", message, {"text": new.username[:64]}))
    elif work.people.find_user_id(new.username) is not None:
        faults.append(Fault("username", words("{username} has an account already"), {"username": new.username}))
    if not 1 <= len(new.display_name) <= 120 or not new.display_name.isprintable():
        faults.append(Fault("display_name", words("write 1 to 120 printable characters")))
    return faults


def _password_faults(password: str) -> list[Fault]:
    least, most = PASSWORD_LENGTHS
    if least <= len(password) <= most:
        return []
    message = words("a password of {length} characters; {least} to {most} are allowed")
    return [Fault("password", message, {"length": len(password), "least": least, "most": most})]


def list_users(work: Work, actor: Actor | None) -> list[User]:
    """The accounts of the district."""
    if actor is not None:
        actor.must("manage_people")
    return work.people.list_users()


def set_password(work: Work, actor: Actor | None, username: str, password: str) -> None:
    """Give an account a new password, and let it try again at once; its sessions and tokens end."""
    user = _get_user(work, actor, username)
    faults = _password_faults(password)
    if faults:
        raise InvalidInput(faults=faults)
    work.people.set_password(user.id, _hash(password))
    work.people.revoke_tokens(user.id, at=work.at)
    work.people.clear_failures(username)


def close_account(work: Work, actor: Actor | None, username: str) -> None:
    """Shut somebody out who has left: sessions and tokens end at once, what was done stays under the name."""
    if actor is not None:
        actor.must("manage_people")
    user = _get_user(work, actor, username)
    work.people.revoke_tokens(user.id, at=work.at)
    work.people.close(user.id)


def _get_user(work: Work, actor: Actor | None, username: str) -> User:
    """An account that the actor may manage: one's own, or those of the district for an administrator."""
    for user in work.people.list_users():
        if user.username == username:
            if actor is not None and actor.user_id != user.id:
                actor.must("manage_people")
            return user
    raise NotFound(noun="user", key=username)


def sign_in(hub: Hub, username: str, password: str, *, at: datetime) -> Actor:
    """The actor behind a name and password, or `SignInRefused`.

    A try is counted before the password is looked at and forgiven after, so that many at once are still counted;
    the slow check runs outside every transaction. Unknown names cost as much as wrong passwords.
    """
    possible = USERNAME.fullmatch(username) is not None
    known = hub.write(lambda work: _count_try(work, username), at=at) if possible else None
    user_id, password_hash = known or (None, _nobodys_hash())
    if not _matches(password_hash, password) or user_id is None:
        raise SignInRefused(wait_minutes=LOCK_MINUTES)
    return hub.write(lambda work: _welcome(work, user_id, username), at=at)


def _count_try(work: Work, username: str) -> tuple[int, str] | None:
    if work.people.count_failures(username, since=work.at - timedelta(minutes=LOCK_MINUTES)) >= FAILURES_MAX:
        raise SignInRefused(wait_minutes=LOCK_MINUTES)
    work.people.add_failure(username, at=work.at)
    return work.people.find_password(username)


@cache
def _nobodys_hash() -> str:
    """What is checked for names that do not exist, so that they take as long as a wrong password."""
    return _hash(secrets.token_urlsafe(TOKEN_BYTES))


def _hash(password: str) -> str:
    return HASHER.hash(password.encode("utf-8", "surrogatepass"))


def _matches(password_hash: str, password: str) -> bool:
    believable = password if len(password) <= PASSWORD_LENGTHS[1] else ""
    try:
        return HASHER.verify(password_hash, believable.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


def _welcome(work: Work, user_id: int, username: str) -> Actor:
    work.people.clear_failures(username)
    actor = work.people.find_actor(user_id)
    if actor is None:  # the account was closed while the password was checked
        raise SignInRefused(wait_minutes=LOCK_MINUTES)
    return actor


def find_actor(work: Work, user_id: int) -> Actor | None:
    """The open account of this number as an actor, its district as it is now."""
    return work.people.find_actor(user_id)


def make_session(work: Work, user_id: int) -> str:
    """What a browser's session holds of a user: a new password ends every session that was open under the old one."""
    return f"{user_id}.{_digest(work.people.find_password_by_id(user_id) or '')[:32]}"


def find_actor_by_session(work: Work, session: str) -> Actor | None:
    """Whoever a session stands for, while the account is open and its password the same."""
    number = session.partition(".")[0]
    if not (number.isdecimal() and len(number) < 19 and hmac.compare_digest(session, make_session(work, int(number)))):
        return None
    return work.people.find_actor(int(number))


def make_token(
    work: Work, actor: Actor | None, username: str, label: str, *, until: datetime | None = None
) -> tuple[int, str]:
    """A new bearer token of an account: its number, and the token, which is shown here and never again."""
    user = _get_user(work, actor, username)
    if not 1 <= len(label) <= 120 or not label.isprintable():
        raise InvalidInput(faults=[Fault("label", words("write 1 to 120 printable characters"))])
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return work.people.add_token(user.id, _digest(token), label, at=work.at, until=until), token


def revoke_token(work: Work, actor: Actor | None, username: str, token_id: int) -> None:
    """End a token of an account."""
    user = _get_user(work, actor, username)
    if not work.people.revoke_token(user.id, token_id, at=work.at):
        raise NotFound(noun="token", key=str(token_id))


def list_own_tokens(work: Work, actor: Actor) -> list[Token]:
    """The caller's own tokens, latest first."""
    return work.people.list_tokens(actor.user_id)


def revoke_own_token(work: Work, actor: Actor, token_id: int) -> None:
    """End a token of the caller's own."""
    if not work.people.revoke_token(actor.user_id, token_id, at=work.at):
        raise NotFound(noun="token", key=str(token_id))


def find_actor_by_token(work: Work, token: str) -> Actor | None:
    """Whoever a token stands for now."""
    return work.people.find_actor_by_token(_digest(token), at=work.at)


def _digest(token: str) -> str:
    """Tokens are 256 random bits: a plain digest cannot be guessed back, and is quick at every call."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def must_be_ready(work: Work, mode: str) -> None:
    """Refuse a production start while accounts of the demo are open."""
    if mode == "production" and work.people.has_demo_users():
        raise NotConfigured(
            what=words(
                "This database holds demo accounts; begin production with a database of your own. To look at the demo "
                "again, set SUPPLYHUB_MODE=demo."
            )
        )
