"""What would help a request that got less, and how much: each remedy tried by solving its item anew."""

from solver.explain.changes import only_item
from solver.explain.trying import Effect, Explanation, explain_request, explain_set
from solver.explain.words import percent, say_effect, say_got, say_remedy

__all__ = [
    "Effect",
    "Explanation",
    "explain_request",
    "explain_set",
    "only_item",
    "percent",
    "say_effect",
    "say_got",
    "say_remedy",
]
