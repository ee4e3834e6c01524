"""The HTTP API under /api/v1: one file a noun, each a list of reads and commands."""

from __future__ import annotations

from flask import Flask

from supplyhub.api.catalogue import door as catalogue
from supplyhub.api.document import Described
from supplyhub.api.explanations import door as explanations
from supplyhub.api.oversight import door as oversight
from supplyhub.api.people import door as people
from supplyhub.api.places import door as places
from supplyhub.api.planning import door as planning
from supplyhub.api.requests import door as requests
from supplyhub.api.stock import door as stock
from supplyhub.api.transfers import door as transfers


def register(app: Flask) -> None:
    """Mount every noun's door, the OpenAPI document and its page."""
    api = Described(app)
    for door in (people, places, catalogue, stock, requests, planning, explanations, transfers, oversight):
        api.register_blueprint(door)
