"""The API's door: who calls, by which right, under which key, having seen which version; then one verb."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeAlias, cast

from flask import Response, current_app, g, request
from flask_smorest import Blueprint
from marshmallow import Schema

from supplyhub.api.bodies import StrictParser
from supplyhub.api.problems import answer_refusal
from supplyhub.api.uploads import describe_upload, is_upload, must_have_no_query, read_upload
from supplyhub.domain.people import Actor
from supplyhub.domain.refusals import InvalidInput, KeyRequired, NotSignedIn, SupplyError, VersionRequired
from supplyhub.schemas.sound import do_what_is_sound, moment_of
from supplyhub.schemas.uploads import Goods, Kind, Upload
from supplyhub.service import uploads
from supplyhub.service.people import find_actor_by_token
from supplyhub.service.unit_of_work import Answer, Command, Hub, Post, Work

KEY = re.compile(r"[!-~]{8,200}")
SIGNED_IN = "signed_in"
"""The right of calls that every signed-in person may make about themselves."""
OPEN_TO_ALL = "open_to_all"
"""The right of signing in, which nobody has to be signed in for."""

UNCHANGED = {"304": {"description": "What you hold is still true; no body"}}

LINES_TOGETHER_MAX = 20
"""Longer documents are not carried out together with others: each is work enough, and nobody should wait for it."""

View: TypeAlias = Callable[..., Any]


def now() -> datetime:
    """The clock; only doors read it."""
    return datetime.now(UTC)


def the_hub() -> Hub:
    """The way into the database."""
    return cast(Hub, current_app.extensions["supplyhub"])


class Door(Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """Routes of one noun. Each is a read or a command, names its right, and stands in the OpenAPI document."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(f"api-{name}", __name__, url_prefix="/api/v1", description=description)
        self.register_error_handler(SupplyError, answer_refusal)

    def reads(
        self,
        rule: str,
        right: str,
        answer: type[Schema],
        query: type[Schema] | None = None,
        *,
        versioned: bool = False,
        steady: bool = False,
    ) -> Callable[[View], View]:
        """A GET: `view(work, actor, [query], **path)` gives the body; `versioned` ones answer 304 when unchanged.

        A `steady` one sees one moment through all its statements, as a proof must.
        """

        def decorate(view: View) -> View:
            @wraps(view)
            def door(*sent: Any, **path: Any) -> Response:
                with the_hub().read(g.actor, at=now(), steady=steady) as work:
                    body = view(work, g.actor, *sent, **path)
                return _answer(body, 200)

            documented = self.doc(parameters=["IF_NONE_MATCH"], responses=UNCHANGED)(door) if versioned else door
            parsed = self.arguments(query, location="query")(documented) if query else documented
            self._open(rule, "GET", right, self.response(200, answer)(parsed))
            return view

        return decorate

    def performs(
        self,
        rule: str,
        verb: str,
        answer: type[Schema],
        sent: type[Schema] | None = None,
        *,
        status: int = 200,
        conditional: bool = False,
        reverses: str = "",
        sheet: Kind | None = None,
        together: Callable[[Sequence[Post]], list[Answer]] | None = None,
    ) -> Callable[[View], View]:
        """A keyed POST: `view(work, actor, [sent], **path)` gives the `Answer`, which is kept for ever.

        A `conditional` one needs If-Match and passes `seen_version`; `reverses` names the path variable that holds
        the posting it reverses. One with a `sheet` takes files of that kind, too, and makes `sent` of them. One with
        `together`, which does the view's work for several posts, shares a transaction when many come at once.
        """

        def decorate(view: View) -> View:
            @wraps(view)
            def door(*loaded: Any, **path: Any) -> Response:
                seen = {"seen_version": read_version()} if conditional else {}
                command = Command(
                    g.actor, verb, read_key(), {"path": path, "body": g.get("sent")}, now(),
                    occurred_at=loaded[0].get("occurred_at") if loaded else None,
                    reverses_id=path[reverses] if reverses else None,
                )  # fmt: skip
                if together is not None and len(loaded[0]["lines"]) <= LINES_TOGETHER_MAX:
                    return _answer_done(the_hub().perform_together(command, loaded[0], together))
                return _perform(command, lambda work: view(work, g.actor, *loaded, **path, **seen))

            parameters = ["IDEMPOTENCY_KEY", *(["IF_MATCH"] if conditional else [])]
            documented = self.doc(parameters=parameters)(door)
            parsed = self.arguments(sent, location="json")(documented) if sent else documented
            taken = self._take_sheets(sheet, sent, view, verb, parsed) if sheet and sent else parsed
            self._open(rule, "POST", verb, self.response(status, answer)(taken))
            return view

        return decorate

    def _take_sheets(self, sheet: Kind, sent: type[Schema], view: View, verb: str, parsed: View) -> View:
        """`parsed` for JSON; for a file, the same verb with the document that its sheet makes.

        JSON that is refused for what stands in it is gone through once more, for everything that is wrong with it.
        """

        @wraps(parsed)
        def door() -> Response:
            if is_upload():
                return _post_upload(read_upload(sheet, sent), view, verb)
            if request.is_json:
                must_have_no_query()
            try:
                return cast(Response, parsed())
            except InvalidInput:
                if "sent" not in g:
                    raise
            return _post_anew(sent, view, verb)

        return cast(View, self.doc(**describe_upload(sheet, sent))(door))

    def serves(
        self,
        rule: str,
        method: str,
        right: str,
        *,
        status: int,
        answer: type[Schema] | None = None,
        sent: type[Schema] | None = None,
    ) -> Callable[[View], View]:
        """A call that moves no stock and makes no document: `view([sent], **path)` gives the body, None for 204."""

        def decorate(view: View) -> View:
            @wraps(view)
            def door(*loaded: Any, **path: Any) -> Response:
                return _answer(view(*loaded, **path), status)

            parsed = self.arguments(sent, location="json")(door) if sent else door
            documented = self.response(status, answer)(parsed)
            open_to_all: dict[str, Any] = {"security": []} if right == OPEN_TO_ALL else {}
            self._open(rule, method, right, self.doc(**open_to_all)(documented))
            return view

        return decorate

    def _open(self, rule: str, method: str, right: str, inner: View) -> None:
        """Let the caller in by right before anything that was sent is looked at."""

        @wraps(inner)
        def guarded(**path: Any) -> Response:
            if right != OPEN_TO_ALL:
                g.actor = find_caller()
            if right not in (OPEN_TO_ALL, SIGNED_IN):
                g.actor.must(right)
            return cast(Response, inner(**path))

        guarded.right = right  # type: ignore[attr-defined]  # read by the guard test that every route names its right
        self.add_url_rule(rule, view_func=guarded, methods=[method])


def find_caller() -> Actor:
    """Whoever the bearer token stands for, or `NotSignedIn`."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        actor = the_hub().glance(lambda work: find_actor_by_token(work, token.strip()), at=now())
        if actor is not None:
            return actor
    raise NotSignedIn


def read_key() -> str:
    """The Idempotency-Key, or `KeyRequired`."""
    key: str = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise KeyRequired
    return key


def read_version() -> int | None:
    """The version that If-Match names; None for `*`; -1, which nothing has, for what is no version of ours."""
    if "If-Match" not in request.headers:
        raise VersionRequired
    if request.if_match.star_tag:
        return None
    tags = list(request.if_match.as_set())
    match = re.fullmatch(r"v(\d{1,18})", tags[0] or "") if len(tags) == 1 else None
    return int(match[1]) if match else -1


def _post_upload(upload: Upload, view: View, verb: str) -> Response:
    """The verb with what a file says.

    Names of items and lots are looked up within the transaction: a replay must never ask again.
    """

    def act(work: Work) -> Answer:
        goods = Goods(*uploads.list_goods(work, g.actor, upload.fields.get("depot")))
        return upload.carry_out(goods, lambda document: cast(Answer, view(work, g.actor, document)))

    return _perform(Command(g.actor, verb, read_key(), upload.sent, now(), occurred_at=upload.occurred_at), act)


def _post_anew(sent: type[Schema], view: View, verb: str) -> Response:
    """The verb with JSON that was refused for what stands in it: now everything that is wrong with it is told."""

    def act(work: Work) -> Answer:
        return do_what_is_sound(sent, g.sent, lambda document: cast(Answer, view(work, g.actor, document)))

    moment = moment_of(g.sent.get("occurred_at")) if isinstance(g.sent, dict) else None
    return _perform(Command(g.actor, verb, read_key(), {"path": {}, "body": g.sent}, now(), occurred_at=moment), act)


def _perform(command: Command, act: Callable[[Work], Answer]) -> Response:
    return _answer_done(the_hub().perform(command, act))


def _answer_done(done: Answer) -> Response:
    return _answer(done.body, done.status, done.text, location=done.location, replayed=done.replayed)


def _answer(body: Any, status: int, text: str = "", *, location: str = "", replayed: bool = False) -> Response:
    if not text and status != 204:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    if isinstance(body, dict) and "version" in body:
        response.headers["Cache-Control"] = "private, no-cache"
        response.set_etag(f"v{body['version']}")
        if status == 200 and request.method == "GET":
            response.make_conditional(request)
    if location:
        response.headers["Location"] = location
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response
