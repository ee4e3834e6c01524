"""The application for a WSGI server: `supplyhub.wsgi:app`; a start that is refused ends in words."""

from __future__ import annotations

from flask import Flask

from supplyhub import logs, start
from supplyhub.app import create_app
from supplyhub.commands.saying import stop_for
from supplyhub.config import read_config


def make() -> Flask:
    """Everything that must hold before anybody is served, then the application."""
    try:
        config = read_config()
        logs.set_up(config.mode)
        start.open_to_serve(config).engine.dispose()
        return create_app(config)
    except Exception as error:
        stop_for(error)
        raise


app = make()
