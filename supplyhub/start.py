"""A real start: the database opened at the schema this code expects, production refused while it is unsafe."""

from __future__ import annotations

import gc
from datetime import UTC, datetime

from sqlalchemy.exc import ArgumentError, DBAPIError

from supplyhub.config import Config
from supplyhub.domain.refusals import NotConfigured, NotDurable, NotReached, words
from supplyhub.persistence.engine import make_engine, why_unreached
from supplyhub.persistence.schema import admit, is_current, upgrade
from supplyhub.service.oversight import must_be_durable, must_be_guarded
from supplyhub.service.people import must_be_ready
from supplyhub.service.unit_of_work import Hub

NEW_OBJECTS = 20_000
"""How many objects are made before the new ones are searched for garbage; Python's own 700 is for small programs."""

NO_DATABASE = words(
    "SUPPLYHUB_DATABASE_URL names no database that can be opened; write sqlite:///PATH or postgresql://..."
)
OLD_SCHEMA = words("The database is not at the schema of this version; run `supplyhub migrate` first.")


def open_hub(config: Config) -> Hub:
    """The way into a database that is ready for this code; raises NotConfigured when it is not."""
    hub, is_ready = _open(config)
    if not is_ready:
        hub.engine.dispose()
        raise NotConfigured(what=OLD_SCHEMA)
    return hub


def open_to_serve(config: Config) -> Hub:
    """As `open_hub`, for a process that others will reach.

    In production no demo account may be open, what the database acknowledges must outlive a power cut, and the
    database itself must keep districts apart.
    """
    hub = open_hub(config)
    try:
        with hub.read(None, at=datetime.now(UTC)) as work:
            must_be_ready(work, config.mode)
            must_be_durable(work, config.mode)
            must_be_guarded(work, config.mode)
    except (NotConfigured, NotDurable):
        hub.engine.dispose()
        raise
    return hub


def open_as_it_is(config: Config) -> Hub:
    """The way into a database whatever the age of its schema, for who copies it; NotConfigured where there is none."""
    hub, _ = _open(config)
    return hub


def migrate(config: Config) -> Hub:
    """Bring the database to the schema of this version, let the service's role in, then open it."""
    hub, is_ready = _open(config)
    if not is_ready:
        upgrade(hub.engine)
    if config.app_role:
        admit(hub.engine, config.app_role)
    return hub


def _open(config: Config) -> tuple[Hub, bool]:
    """The hub, and whether its database is at the newest schema."""
    try:
        engine = make_engine(config.database_url)
    except (ArgumentError, ValueError, OSError):
        # The driver's own words would repeat the address, and with it the password that may stand in it.
        raise NotConfigured(what=NO_DATABASE) from None
    try:
        return Hub(engine), is_current(engine)
    except DBAPIError as error:
        if engine.dialect.name == "sqlite":
            raise NotConfigured(what=NO_DATABASE) from None
        raise NotReached(where="SUPPLYHUB_DATABASE_URL", cause=why_unreached(error, engine.url)) from None


def settle() -> None:
    """Call once, when all is loaded: what stays for good is not searched for garbage again.

    A bulk of a thousand lines makes tens of thousands of objects; going through everything else for each seven hundred
    of them took a tenth of posting them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)
