"""The pages' door: opens the hub for whoever is signed in, reads the clock, and carries out keyed commands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeAlias, cast

from flask import current_app, flash, g, redirect, request
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from supplyhub.domain.people import Actor
from supplyhub.domain.refusals import KeyRequired, NotSignedIn, SupplyError
from supplyhub.schemas.texts import must_be_text
from supplyhub.service.unit_of_work import Answer, Command, Hub, Work
from supplyhub.web.drafts import Draft

Page: TypeAlias = str | Response | tuple[str, int]
KEY = re.compile(r"[!-~]{8,200}")
HIDDEN = frozenset({"key", "csrf_token"})
"""Fields that a page carries for itself; they are no part of what was asked."""


def now() -> datetime:
    """The clock; only doors read it."""
    return datetime.now(UTC)


def the_hub() -> Hub:
    """The way into the database."""
    return cast(Hub, current_app.extensions["supplyhub"])


def the_actor() -> Actor:
    """Whoever is signed in, or `NotSignedIn`, or why nobody could find out."""
    if not current_user.is_authenticated:
        raise g.get("unknown_because") or NotSignedIn
    return cast(Actor, current_user.actor)


@contextmanager
def reading(*, steady: bool = False) -> Iterator[tuple[Work, Actor]]:
    """A transaction that sees the reader's district, and the reader; `steady` ones see one moment throughout."""
    actor = the_actor()
    with the_hub().read(actor, at=now(), steady=steady) as work:
        yield work, actor


def perform(
    verb: str,
    act: Callable[[Work, Actor], str],
    done: str,
    *,
    reverses_id: int | None = None,
    file_sha256: str = "",
) -> Response:
    """Carry out what a form asks, once for its key, and go where `act` says the outcome can be seen.

    `done` is an English message that the next page shows in the reader's language; `file_sha256` is of the file that
    came with the form, if one did.
    """
    actor = the_actor()
    key = request.form.get("key", "")
    if not KEY.fullmatch(key):
        raise KeyRequired
    body = {name: request.form.getlist(name) for name in request.form if name not in HIDDEN}
    sent = {"path": request.path, "form": body, **({"file": file_sha256} if file_sha256 else {})}
    command = Command(actor, verb, key, sent, at=now(), reverses_id=reverses_id)
    answer = the_hub().perform(command, lambda work: Answer(None, 303, act(work, actor)))
    flash(gettext(done), "success")
    return redirect(answer.location, 303)


View = Callable[..., Page]


def redrawn_by(draw: Callable[..., Page]) -> Callable[[View], View]:
    """A refused form is drawn again by `draw(draft, **path)`, with what was typed and every fault beside its field."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**path: Any) -> Page:
            if "more" in request.form:
                return draw(Draft.of(request.form, more_rows=True), **path)
            try:
                must_be_text(dict(request.form.items(multi=True)))
                return view(**path)
            except SupplyError as refusal:
                g.refusal = type(refusal).__name__
                draft = Draft.of(request.form, refusal)
                return cast(str, draw(draft, **path)), draft.status

        return guarded

    return decorate
