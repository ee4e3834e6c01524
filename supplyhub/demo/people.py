"""The demo's people: one of each role, in the districts where the story happens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from supplyhub.domain.people import Role
from supplyhub.service import people
from supplyhub.service.people import NewUser
from supplyhub.service.unit_of_work import Hub, Work

PEOPLE = (
    NewUser("planner-hubei", "湖北省调度员", Role.PLANNER, "420000000000", demo=True),
    NewUser("keeper-huangmei", "黄梅县保管员", Role.KEEPER, "421127000000", demo=True),
    NewUser("office-konglong", "孔垄镇经办", Role.TOWNSHIP, "421127101000", demo=True),
    NewUser("supervisor-huanggang", "黄冈市监管员", Role.SUPERVISOR, "421100000000", demo=True),
    NewUser("admin-hubei", "湖北省管理员", Role.ADMINISTRATOR, "420000000000", demo=True),
)

PASSWORD_BYTES = 12


@dataclass(frozen=True)
class SignIn:
    """How to sign in as somebody; the password is shown here and kept nowhere."""

    user_id: int
    role: Role
    username: str
    display_name: str
    password: str


def open_accounts(hub: Hub, *, at: datetime) -> list[SignIn]:
    """Open the demo's accounts, or give those that are open a new password: an old one was shown only once."""
    return hub.write(_open_accounts, at=at)


def _open_accounts(work: Work) -> list[SignIn]:
    ids = {user.username: user.id for user in people.list_users(work, None)}
    return [_open(work, new, ids.get(new.username)) for new in PEOPLE]


def _open(work: Work, new: NewUser, user_id: int | None) -> SignIn:
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    if user_id is None:
        user_id = people.add_user(work, None, new, password).id
    else:
        people.set_password(work, None, new.username, password)
    return SignIn(user_id, new.role, new.username, new.display_name, password)
