"""The accounts of the district, as the administrator sees them; opening one is the command line's."""

from __future__ import annotations

from flask import Blueprint, render_template

from supplyhub.service import people
from supplyhub.web.door import reading

blueprint = Blueprint("people", __name__)


@blueprint.get("/users")
def show_all() -> str:
    """Every account with its role and district."""
    with reading() as (work, actor):
        users = people.list_users(work, actor)
        return render_template(
            "users.html", users=users, place_names=work.places.name_divisions(user.division_id for user in users)
        )
