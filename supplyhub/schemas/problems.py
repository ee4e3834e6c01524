"""How a refusal is told: its title and sentence in the reader's language, and its shape as problem+json (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from marshmallow import fields

from supplyhub.domain.refusals import Fault, SupplyError
from supplyhub.schemas.fields import Wire
from supplyhub.schemas.glossary import NOUNS

FAULTS_SHOWN = 200
"""So many faults are told one by one; whoever has more of them has one cause, and their count."""

SPOKEN = frozenset({"noun", "status", "step", "verb", "role", "allowed", "instead", "what"})
"""Facts that are codes or words of ours, so that the sentence needs them in the reader's language."""


def title(kind: type[SupplyError]) -> str:
    """A refusal in a few words: its docstring."""
    return str(gettext((kind.__doc__ or "").strip()))


def say(refusal: SupplyError) -> str:
    """A refusal in one sentence."""
    return say_filled(refusal.sentence, refusal.facts())


def say_fault(fault: Fault) -> str:
    """One fault in one sentence; names and codes in it stand as they must be written, in every language."""
    return str(gettext(fault.message).format(**fault.facts))


def say_filled(template: str, facts: Mapping[str, Any]) -> str:
    """A text of ours with its gaps filled, in the reader's language."""
    named = {name: _speak(value) if name in SPOKEN else value for name, value in facts.items()}
    return str(gettext(template).format(**named)) if template else ""


def _speak(value: Any) -> str:
    return ", ".join(gettext(NOUNS.get(part, part)) for part in str(value).split(", ") if part)


class FaultSchema(Wire):
    """One thing wrong in what was sent."""

    where = fields.String(required=True, metadata={"description": "Path of the field, such as lines[3].item"})
    message = fields.String(required=True)
    facts = fields.Dict(required=True)


class ProblemSchema(Wire):
    """Why the answer is no."""

    type = fields.String(required=True, metadata={"description": "/problems/ and the name of the refusal"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True, metadata={"description": "The path that was asked"})
    facts = fields.Dict(required=True)
    faults = fields.List(fields.Nested(FaultSchema), required=True)
