"""The pages: one file a noun, in Chinese and English, plain HTML that needs no script."""

from __future__ import annotations

from flask import Blueprint, Flask
from flask_bootstrap import Bootstrap5

from supplyhub.web import (
    documents,
    explanations,
    home,
    oversight,
    paging,
    people,
    planning,
    plans,
    refusals,
    requests,
    signing_in,
    stock,
    transfers,
    uploads,
    wording,
)

BLUEPRINTS = tuple(
    room.blueprint
    for room in (
        signing_in, home, stock, documents, uploads, transfers, requests, planning, plans, explanations, oversight,
        people,
    )
)  # fmt: skip


for _blueprint in BLUEPRINTS:
    refusals.guard(_blueprint)


def register(app: Flask) -> None:
    """Add the pages to an application that has its hub in `app.extensions["supplyhub"]` and a locale selector."""
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # the API is called with tokens, which no foreign page can send
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a form stays good as long as its session
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Bootstrap5(app)
    refusals.CSRF.init_app(app)
    signing_in.register(app)
    wording.register(app)
    app.url_map.converters.update(row=paging.RowNumber, word=paging.Word)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.register_blueprint(
        Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/assets")
    )
