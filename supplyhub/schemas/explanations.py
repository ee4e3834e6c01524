"""Wire shapes of explanations: sets of lines that the same would help, and what each remedy would change."""

from __future__ import annotations

from marshmallow import fields

from supplyhub.schemas.fields import Wire
from supplyhub.schemas.glossary import LIMITS
from supplyhub.schemas.names import InPacks, ItemRef, Naming, Spoken

REMEDIES_SHOWN = 20
"""Names of remedies in one answer: a set may have one for every place that asks."""


def in_language(name: str) -> fields.Function:
    """What an object says of itself by a method that takes the reader's language."""
    return fields.Function(lambda said: getattr(said, name)(Naming.get().language), metadata={"type": "string"})


class PlanSetSchema(Wire):
    """Unfilled lines that the same remedies would help; `reason` says why they got less.

    `remedies` are the first names of those there are, as the allocation model writes them; `remedy_count` is how many.
    """

    set = fields.Integer(required=True, attribute="number")
    item = ItemRef()
    requests = fields.Integer(required=True)
    packs_missing = fields.Integer(required=True)
    limited_by = Spoken(LIMITS)
    higher_class = fields.Boolean(required=True)
    reason = in_language("reason")
    remedies = fields.Function(
        lambda found: found.remedies.split()[:REMEDIES_SHOWN],
        metadata={"type": "array", "items": {"type": "string"}},
    )
    remedy_count = fields.Function(lambda found: len(found.remedies.split()), metadata={"type": "integer"})


class EffectSchema(Wire):
    """What would come of a remedy, or of all floors together, by a new solve.

    `units` are released or added, 0 where a limit is lifted; `granted` is what would be granted then; `more` and `less`
    count other lines of the plan that would get more, or less.
    """

    what = in_language("what")
    says = in_language("says")
    remedies = fields.Function(
        lambda effect: list(effect.remedies[:REMEDIES_SHOWN]),
        metadata={"type": "array", "items": {"type": "string"}},
    )
    remedy_count = fields.Function(lambda effect: len(effect.remedies), metadata={"type": "integer"})
    units = fields.Integer(required=True)
    granted = fields.Integer(required=True, attribute="granted_units")
    more = fields.Integer(required=True)
    less = fields.Integer(required=True)


class ExplanationSchema(Wire):
    """Why one line, or all lines of a set, got less, and what would help, the most helpful first.

    `wanted` and `granted` are units in whole packs; `untried` is how many more remedies there are.
    """

    plan = fields.Integer(required=True)
    request_line = fields.Integer(required=True, allow_none=True)
    set = fields.Integer(required=True, allow_none=True)
    item = ItemRef()
    requests = fields.Integer(required=True)
    wanted = fields.Integer(required=True, attribute="wanted_units")
    granted = fields.Integer(required=True, attribute="granted_units")
    granted_in_packs = InPacks("granted_units")
    limited_by = Spoken(LIMITS)
    higher_class = fields.Boolean(required=True)
    says = fields.String(required=True)
    reason = fields.String(required=True)
    effects = fields.List(fields.Nested(EffectSchema), required=True)
    untried = fields.Integer(required=True)
