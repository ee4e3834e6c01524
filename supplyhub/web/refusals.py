"""Pages that say no: refusals outside of forms, and addresses that lead nowhere."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers import Response

from supplyhub.domain.refusals import NotSignedIn, SupplyError, words
from supplyhub.schemas.problems import say, title
from supplyhub.web.drafts import status_of

CSRF = CSRFProtect()

HTTP_WORDS = {
    400: (words("That could not be read"), words("Something is missing or broken in what the browser sent.")),
    404: (words("There is no such page"), words("It is not there, or it is not in your district.")),
    405: (words("That cannot be done here"), words("Go back and use the buttons of the page.")),
    413: (words("That is too much at once"), words("At most 4 MiB go at once. Go back and send it in several parts.")),
}
OTHERWISE = (words("That did not work"), words("Nothing was changed. Try again, or tell operations."))
STALE = (
    words("This page was open too long"),
    words("Nothing was changed. Go back, load the page again and repeat."),
)


def tell(refusal: SupplyError) -> Response | tuple[str, int]:
    """A refusal as a page; who is not signed in is asked to, and comes back here after."""
    if isinstance(refusal, NotSignedIn):
        back = request.full_path.rstrip("?") if request.method == "GET" else ""
        return redirect(url_for("signing_in.show", next=back or None), 303)
    status = status_of(refusal)
    g.refusal = type(refusal).__name__
    if status == 404:  # what one may not see answers exactly like what is not there
        return _page(HTTP_WORDS[404], 404)
    return render_template("refused.html", title=title(type(refusal)), sentence=say(refusal)), status


def tell_http(error: HTTPException) -> HTTPException | tuple[str, int, list[tuple[str, str]]]:
    """An HTTP error as a page in the reader's language; what may be done instead (Allow) is kept."""
    if error.code is None or error.response is not None or 300 <= error.code < 400:
        return error
    said = STALE if isinstance(error, CSRFError) else HTTP_WORDS.get(error.code, OTHERWISE)
    return *_page(said, error.code), [(name, value) for name, value in error.get_headers() if name == "Allow"]


def _page(said: tuple[str, str], status: int) -> tuple[str, int]:
    heading, sentence = said
    number = g.get("request_id", "") if status >= 500 else ""
    return render_template("refused.html", title=gettext(heading), sentence=gettext(sentence), number=number), status


def guard(blueprint: Blueprint) -> None:
    """Take a blueprint's forms only from our own pages, and answer refusals of its views with pages."""
    blueprint.before_request(_protect)
    blueprint.register_error_handler(SupplyError, tell)
    blueprint.register_error_handler(HTTPException, tell_http)


def _protect() -> None:
    if request.method == "POST":
        CSRF.protect()
        # A part without a name, or bytes that are no UTF-8: no page of ours sends them.
        if None in request.form or any("\ufffd" in text for text in request.form.values()):
            raise BadRequest
