"""What others do, planted beside the product so that a rig that cannot catch it fails: never part of the product.

`take` reads what is there and then writes an absolute value; `document` locks rows in the order of its lines.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, request
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from supplyhub.persistence.scope import EVERYWHERE

blueprint = Blueprint("naive", __name__, url_prefix="/api/v1/naive")
MADE = "CREATE TABLE naive_shelf (lot INTEGER PRIMARY KEY, units INTEGER NOT NULL)"


def make(owner: Engine) -> None:
    """Make the naive table, for whoever serves to write."""
    with owner.connect().execution_options(writes=True) as connection, connection.begin():
        connection.exec_driver_sql(MADE)
        if owner.dialect.name == "postgresql":
            connection.exec_driver_sql("GRANT ALL ON naive_shelf TO PUBLIC")


def register(app: Flask) -> None:
    """Mount the naive routes."""
    app.register_blueprint(blueprint)


def the_engine() -> Engine:
    """The product's own engine: the same database, settings and threads."""
    engine: Engine = current_app.extensions["supplyhub"].engine
    return engine


@blueprint.post("/take")
def take() -> tuple[dict[str, Any], int]:
    """Take units off a shelf if they are there: checked in one transaction, written in the next."""
    lot, units = request.json["lot"], request.json["units"]
    with the_engine().connect() as connection, connection.begin():
        there = connection.exec_driver_sql(f"SELECT units FROM naive_shelf WHERE lot = {lot:d}").scalar_one()
    if there < units:
        return {"type": "/problems/insufficient-stock", "facts": {"short_units": units - there}}, 409
    with the_engine().connect().execution_options(writes=True) as connection, connection.begin():
        connection.exec_driver_sql(f"UPDATE naive_shelf SET units = {there - units:d} WHERE lot = {lot:d}")
    return {}, 201


@blueprint.post("/document")
def document() -> tuple[dict[str, Any], int]:
    """Add a unit to each lot of a document, in the order of its lines; what the database says of it."""
    try:
        with the_engine().connect().execution_options(writes=True) as connection, connection.begin():
            for lot in request.json["lots"]:
                _add(connection, lot)
    except OperationalError as error:
        return {"type": f"/problems/{type(error.orig).__name__}"}, 500
    return {}, 201


def _add(connection: Connection, lot: int) -> None:
    connection.exec_driver_sql(f"UPDATE naive_shelf SET units = units + 1 WHERE lot = {lot:d}")


@blueprint.get("/raise")
def fail() -> str:
    """Fall over, whatever is asked."""
    raise ZeroDivisionError


@blueprint.get("/write")
def write() -> str:
    """Change something while being read."""
    options = {"writes": True, "scope": EVERYWHERE}
    with the_engine().connect().execution_options(**options) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE token SET revoked_at = created_at WHERE revoked_at IS NULL")
    return ""
