"""What would help a request that got less, and how much: each remedy tried by solving its item anew."""

from solver.explain.changes import only_item
from solver.explain.trying import Effect, Explanation, explain_request, explain_set
from solver.explain.words import Teller, percent

__all__ = ["Effect", "Explanation", "Teller", "explain_request", "explain_set", "only_item", "percent"]
