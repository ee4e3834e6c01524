"""Tokens and the caller over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import g

from supplyhub.api.door import OPEN_TO_ALL, SIGNED_IN, Door, now, the_hub
from supplyhub.api.naming import show
from supplyhub.domain.people import RIGHTS, Actor
from supplyhub.schemas.people import MeSchema, NewTokenAnswerSchema, NewTokenSchema, TokenListSchema
from supplyhub.service import people
from supplyhub.service.unit_of_work import Work

door = Door("people", "Signing in for programs: bearer tokens, and who the caller is")


@door.serves("/tokens", "POST", OPEN_TO_ALL, status=201, answer=NewTokenAnswerSchema, sent=NewTokenSchema)
def make_token(sent: Mapping[str, Any]) -> Any:
    """Name and password for a bearer token, which is shown this once."""
    at = now()
    actor = people.sign_in(the_hub(), sent["username"], sent["password"], at=at)
    until = at + timedelta(days=sent["valid_days"]) if sent["valid_days"] else None
    token_id, token = the_hub().write(
        lambda work: people.make_token(work, actor, sent["username"], sent["label"], until=until), at=at
    )
    return show(NewTokenAnswerSchema, {"id": token_id, "token": token, "expires_at": until})


@door.reads("/tokens", SIGNED_IN, TokenListSchema)
def list_tokens(work: Work, actor: Actor) -> Any:
    """Your own tokens, without their secrets."""
    return show(TokenListSchema, {"items": people.list_own_tokens(work, actor)})


@door.serves("/tokens/<number:token_id>", "DELETE", SIGNED_IN, status=204)
def revoke_token(token_id: int) -> None:
    """End a token of your own."""
    the_hub().write(lambda work: people.revoke_own_token(work, g.actor, token_id), at=now())


@door.reads("/me", SIGNED_IN, MeSchema)
def read_me(work: Work, actor: Actor) -> Any:
    """Who you are here, where, and what you may do."""
    code, name = work.places.name_divisions([actor.division_id])[actor.division_id]
    facts = {
        "id": actor.user_id, "name": actor.name, "role": actor.role,
        "division": {"code": code, "name": name}, "rights": sorted(RIGHTS[actor.role]),
    }  # fmt: skip
    return show(MeSchema, facts)
