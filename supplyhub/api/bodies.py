"""Reading what is sent: strict JSON and query strings, every fault named by its path, all at once."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any, NoReturn

from flask import Request, g, request
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from supplyhub.domain.refusals import Fault, InvalidInput, words
from supplyhub.schemas.compiled import ASK, compiled
from supplyhub.schemas.sound import flatten
from supplyhub.schemas.texts import must_be_text

DOUBTFUL = re.compile(r"\\[ubf]|[\x7f-\x9f]")
"""What a JSON text holds when one of its strings may hold what is no text: below a blank JSON allows escapes only."""


class StrictParser(FlaskParser):
    """Parses query strings and JSON bodies; a fault becomes `InvalidInput`, never a plain error page."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "json": RAISE, "query": RAISE}  # noqa: RUF012 - webargs reads this class attribute as it is

    def parse(self, argmap: Any, req: Any = None, *, location: str | None = None, **settings: Any) -> Any:
        """What was sent, loaded; a body that is plainly right needs no marshmallow."""
        if location != "json":
            return super().parse(argmap, req, location=location, **settings)
        g.sent = read_json()
        loaded = compiled(argmap)(g.sent)
        return super().parse(argmap, req, location=location, **settings) if loaded is ASK else loaded

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body as JSON, for the words of what is wrong in it."""
        return g.sent

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """The query; `lang` chooses the language of the answer and belongs to no single call."""
        sent = {name: value for name, value in req.args.items() if name != "lang"}
        must_be_text(sent)
        return sent

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, **_settings: Any) -> NoReturn:
        """Every message of the schema as a fault."""
        located: dict[str, Any] = error.messages_dict  # webargs puts the messages under where they were found
        faults = [fault for messages in located.values() for fault in flatten(messages)]
        raise InvalidInput(faults=faults)


def read_json() -> Any:
    """The body, if it is one sound JSON document; BadRequest or UnsupportedMediaType if it is not."""
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        text = request.get_data().decode()
        sent = json.loads(text, parse_constant=_refuse_constant)
        # Looking at every object costs as much as reading it all, and is needed only where a colon stands for no name.
        if text.count(":") != _count_names(sent):
            json.loads(text, object_pairs_hook=_without_twins)
    except (ValueError, RecursionError) as error:  # bad UTF-8 and bad JSON are both ValueErrors
        raise BadRequest from error
    if DOUBTFUL.search(text):
        must_be_text(sent)
    return sent


def _count_names(sent: Any) -> int:
    """The names in a document and in its lines, each of which has a colon."""
    if not isinstance(sent, dict):
        return 0
    lines = sent.get("lines")
    return len(sent) + sum(len(line) for line in (lines if isinstance(lines, list) else ()) if isinstance(line, dict))


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON whose names are all different: which of two values was meant would be guessed."""
    made = dict(pairs)
    if len(made) < len(pairs):
        twins = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
        message = words("stands more than once in one object; say it once")
        raise InvalidInput(faults=[Fault(name, message) for name in twins])
    return made


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
