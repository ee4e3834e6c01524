"""Coming in and going out, and the reader's language: the one file that knows Flask-Login."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import LoginManager, UserMixin, login_user, logout_user
from werkzeug.exceptions import NotFound as NoSuchPage
from werkzeug.wrappers import Response

from supplyhub.domain.people import Actor
from supplyhub.domain.refusals import SupplyError
from supplyhub.languages import LANGUAGES
from supplyhub.schemas.forms import SignInForm, read_form
from supplyhub.service.people import find_actor_by_session, make_session, sign_in
from supplyhub.web.door import Page, now, redrawn_by, the_hub
from supplyhub.web.drafts import Draft

blueprint = Blueprint("signing_in", __name__)

SESSION = timedelta(hours=12)
"""A shift: nobody has to sign in twice in one, and a forgotten browser does not stay open for days."""

YEAR_SECONDS = 365 * 24 * 3600


class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login comes without types
    """What Flask-Login carries about: the actor, read anew at every request."""

    def __init__(self, actor: Actor, session_id: str) -> None:
        self.id = session_id
        self.actor = actor


def register(app: Flask) -> None:
    """Sessions, and how one finds the user behind one."""
    app.config.update(PERMANENT_SESSION_LIFETIME=SESSION, SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax")
    manager = LoginManager(app)
    manager.user_loader(_find)


def _find(session_id: str) -> SignedIn | None:
    try:
        with the_hub().read(None, at=now()) as work:
            actor = find_actor_by_session(work, session_id)
    except SupplyError as refusal:  # nobody is signed out by that; the page that says so is drawn for nobody, too
        g.unknown_because = refusal
        return None
    return None if actor is None else SignedIn(actor, session_id)


def own_path(wanted: str) -> str:
    """A path of this site, whatever was sent."""
    parts = urlsplit(wanted)
    # Two slashes at the start lead off the site, however many more follow.
    rooted = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    local = rooted and not parts.scheme and not parts.netloc
    return wanted if local and wanted.isprintable() else url_for("home.show")


def draw(draft: Draft) -> str:
    """The sign-in page."""
    return render_template("sign_in.html", draft=draft, next=request.values.get("next", ""))


@blueprint.get("/sign-in")
def show() -> str:
    """Ask who it is."""
    return draw(Draft())


@blueprint.post("/sign-in")
@redrawn_by(draw)
def enter() -> Page:
    """Let somebody in who knows the password."""
    form = read_form(SignInForm, request.form)
    actor = sign_in(the_hub(), form["username"], form["password"], at=now())
    with the_hub().read(None, at=now()) as work:
        session_id = make_session(work, actor.user_id)
    session.clear()
    login_user(SignedIn(actor, session_id))
    session.permanent = True
    return redirect(own_path(request.form.get("next", "")), 303)


@blueprint.post("/sign-out")
def leave() -> Response:
    """Forget who it was."""
    logout_user()
    session.clear()
    flash(gettext("You are signed out."), "success")
    return redirect(url_for("signing_in.show"), 303)


@blueprint.get("/language/<code>")
def speak(code: str) -> Response:
    """Remember the reader's language in a cookie, and go back to the page."""
    if code not in LANGUAGES:
        raise NoSuchPage
    answer = redirect(own_path(request.args.get("next", "")), 303)
    answer.set_cookie("lang", code, max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure)
    return answer
