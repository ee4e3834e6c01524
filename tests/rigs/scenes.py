"""The scene of a rig: the small world in a database of its own, and a keeper's token to post there with."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.schema import admit, upgrade
from supplyhub.service.people import make_token
from supplyhub.service.unit_of_work import Hub
from tests.rigs.errands import DEPOT, ITEM
from tests.world import NOW, build_world

HELD = sa.text(
    "SELECT coalesce(sum(on_hand), 0) FROM balance JOIN account ON account.id = account_id "
    "JOIN depot ON depot.id = account.depot_id JOIN item ON item.id = item_id "
    "WHERE depot.code = :depot AND item.code = :item AND account.condition = 'good'"
)


def held_units(engine: sa.Engine) -> int:
    """What the balances say that the depot of all errands holds of their item."""
    with engine.connect() as connection:
        return int(connection.execute(HELD, {"depot": DEPOT, "item": ITEM}).scalar_one())


@dataclass(frozen=True)
class Scene:
    """A database with the small world in it."""

    url: str
    owner_url: str
    """For who looks past the rules that bind the service; on SQLite the same."""
    token: str
    held_before: int

    @property
    def engine(self) -> str:
        """Which of the two it is on."""
        return "SQLite" if self.url.startswith("sqlite") else "PostgreSQL"


def set_scene(url: str, owner_url: str = "") -> Scene:
    """Migrate an empty database as its owner, load the small world as the service, and let its keeper sign in."""
    owner, service = make_engine(owner_url or url), make_engine(url)
    try:
        upgrade(owner)
        if owner_url:
            admit(owner, service.url.username or "")
        hub = Hub(service)
        keeper = build_world(hub).actors["keeper"]
        _, token = hub.write(lambda work: make_token(work, keeper, "keeper", "rig"), at=NOW)
        return Scene(url, owner_url or url, token, held_units(owner))
    finally:
        owner.dispose()
        service.dispose()
