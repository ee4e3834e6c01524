"""The HTTP API under /api/v1: one file a noun, each a list of reads and commands."""

from __future__ import annotations

from flask import Flask

from supplyhub.api import catalogue, oversight, people, places, planning, requests, stock, transfers
from supplyhub.api.document import Described


def register(app: Flask) -> None:
    """Mount every noun's door, the OpenAPI document and its page."""
    api = Described(app)
    for noun in (people, places, catalogue, stock, requests, planning, transfers, oversight):
        api.register_blueprint(noun.door)
