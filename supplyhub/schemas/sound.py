"""A document of which something is wrong: what is sound of it is tried all the same, so that all is told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from marshmallow import Schema, ValidationError

from supplyhub.domain.refusals import Fault, InvalidInput, SupplyError, moved
from supplyhub.schemas.compiled import ASK, compiled
from supplyhub.schemas.fields import Moment

Result = TypeVar("Result")
LINE = re.compile(r"lines\[(\d+)\](.*)")


def moment_of(said: Any) -> datetime | None:
    """The moment that a field says, or None; the schema tells what cannot be read."""
    try:
        return None if said is None else Moment().deserialize(said)
    except ValidationError:
        return None


def do_what_is_sound(
    schema: type[Schema],
    body: Any,
    act: Callable[[Mapping[str, Any]], Result],
    known: Sequence[Fault] = (),
) -> Result:
    """`act` with the document that the schema makes of the body, which is a JSON value.

    If anything is wrong with it, or was `known` to be, what is left is tried too, for what only the database knows;
    then InvalidInput tells everything, which takes back whatever was tried.
    """
    found: list[Fault] = []
    try:
        loaded = compiled(schema)(body)
        document = schema().load(body) if loaded is ASK else loaded
    except ValidationError as error:
        found = list(flatten(error.messages_dict))
    if not isinstance(body, dict):
        raise InvalidInput(faults=found)
    if known and not body["lines"]:
        found = [fault for fault in found if fault.where != "lines"]  # there were some, and what is wrong is known
    if not found and not known:
        return act(document)
    raise InvalidInput(faults=sorted([*found, *_try_rest(schema, body, act, found), *known], key=_line_of))


def _line_of(fault: Fault) -> int:
    """Faults of the document come first, then those of its lines, as they stand there."""
    match = LINE.match(fault.where)
    return int(match[1]) if match else -1


def _try_rest(
    schema: type[Schema], body: Mapping[str, Any], act: Callable[[Mapping[str, Any]], Any], found: Sequence[Fault]
) -> list[Fault]:
    """What the database finds wrong with the lines and fields that the schema finds sound."""
    lines, bad = body.get("lines"), {fault.where for fault in found}
    if not isinstance(lines, list):
        return []
    bad_lines = {int(match[1]) for where in bad if (match := LINE.match(where))}
    kept = [place for place in range(len(lines)) if place not in bad_lines]
    rest = {name: value for name, value in body.items() if name not in bad}
    try:
        act(schema().load({**rest, "lines": [lines[place] for place in kept]}))
    except InvalidInput as refusal:
        return moved(refusal.faults, lambda where: _before(where, kept))
    except (ValidationError, SupplyError):
        return []  # too little is left, or what is left is refused for what it asks: that is told once it can be read
    return []


def _before(where: str, kept: Sequence[int]) -> str:
    match = LINE.match(where)
    return f"lines[{kept[int(match[1])]}]{match[2]}" if match else where


def flatten(messages: Any, where: str = "") -> Iterator[Fault]:
    """marshmallow's nested messages as faults: {"lines": {3: {"item": [...]}}} stands at lines[3].item."""
    if not isinstance(messages, dict):
        for message in messages if isinstance(messages, list) else [messages]:
            yield Fault(where or "body", "{message}", {"message": str(message)})
        return
    for key, inner in messages.items():
        if isinstance(key, int):
            yield from flatten(inner, f"{where}[{key}]")
        elif key == "_schema":
            yield from flatten(inner, where)
        else:
            yield from flatten(inner, f"{where}.{key}" if where else str(key))
