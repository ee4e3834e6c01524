"""What would help a line, or all lines of its set, from the question that its plan answered."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

import solver
from solver import explain as solving
from solver.wording import Goods, Said
from supplyhub.bridge.thinking import unpack_instance
from supplyhub.domain.catalogue import Item
from supplyhub.domain.explanations import Effect, Explanation

_ONE_AT_A_TIME = threading.Lock()
"""A question holds a whole province: answering several at once would take as long, and several times the memory."""


def explain(packed: bytes, line_id: int, item: Item, *, whole_set: bool = False) -> Explanation:
    """What would help a request line of a packed question; `whole_set`: all lines that the same would help."""
    with _ONE_AT_A_TIME:
        problem = _question_of(packed, line_id)
        plan = solver.solve(problem)
        row = _row_of(problem, line_id)
        number = int(plan.set[row]) if whole_set else 0
        found = solving.explain_set(problem, plan, number) if number else solving.explain_request(problem, plan, row)
    return _told(problem, found, item)


def _question_of(packed: bytes, line_id: int) -> solver.Problem:
    """The question of the line's item alone: what other items are granted has nothing to do with it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "instance"
        unpack_instance(packed, folder)
        problem = solver.read_instance(folder)
    return solving.only_item(problem, int(problem.demand.item[_row_of(problem, line_id)]))


def _row_of(problem: solver.Problem, line_id: int) -> int:
    return problem.demand.rows_of(str(line_id))[0]


def _told(problem: solver.Problem, found: solving.Explanation, item: Item) -> Explanation:
    size = int(problem.items.pack_size[found.item])
    goods = Goods(Said(item.name_zh, item.name_en), Said(item.unit_zh, item.unit_en), size)
    teller = solving.Teller(problem, found, goods)
    return Explanation(
        item=item,
        requests=found.requests,
        wanted_units=found.wanted * size,
        granted_units=found.granted * size,
        limited_by=found.limited_by,
        higher_class=found.higher_class,
        says_zh=teller.got().zh,
        says_en=teller.got().en,
        effects=[_effect(teller, effect, size) for effect in found.effects],
        untried=found.untried,
    )


def _effect(teller: solving.Teller, effect: solving.Effect, size: int) -> Effect:
    what, says = teller.remedy(effect), teller.effect(effect)
    return Effect(
        what_zh=what.zh,
        what_en=what.en,
        says_zh=says.zh,
        says_en=says.en,
        remedies=effect.remedies,
        units=effect.units,
        granted_units=effect.granted * size,
        more=effect.more,
        less=effect.less,
    )
