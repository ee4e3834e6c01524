"""Whether the sets that a plan names, and what its limits.csv says of each, are the true ones."""

from collections.abc import Iterator, Sequence

import numpy as np

from solver.check.rows import Column, Ints, grouped, line
from solver.check.sets import Sets
from solver.plan import LIMITS, Plan
from solver.problem import Fault, Problem


def limit_faults(problem: Problem, plan: Plan, items: Sequence[Sets]) -> list[Fault]:
    """Requests that stand in a wrong set; where all stand right, sets of which something wrong is said."""
    first = np.concatenate([np.zeros(0, dtype=np.int64), *(sets.first for sets in items)])
    turn = np.argsort(first)
    rank = np.empty_like(turn)
    rank[turn] = np.arange(len(turn))
    true, start = np.zeros(len(problem.demand), dtype=np.int64), 0
    for sets in items:
        true[sets.rows] = rank[start + sets.number] + 1
        start += len(sets.first)
    faults = list(_member_faults(problem, plan, true)) or list(_count_faults(plan, len(first)))
    return faults or list(_row_faults(problem, plan, items, turn))


def _member_faults(problem: Problem, plan: Plan, true: Ints) -> Iterator[Fault]:
    """The first of all requests that stand in one set and belong in one other."""
    wrong = np.flatnonzero(plan.set != true)
    if not len(wrong):
        return
    firsts, group = grouped((plan.set[wrong], true[wrong]))
    for row, count in zip(wrong[firsts].tolist(), np.bincount(group).tolist(), strict=True):
        name, said, right = problem.demand.ids[row], int(plan.set[row]) or "-", int(true[row]) or "-"
        yield Fault(
            "allocation.csv",
            "set",
            line(row),
            f"申请 {name} 写在集合 {said},应在 {right}(- 为不在集合中;共 {count} 个申请如此)",
            f"request {name} stands in set {said}, it belongs in {right} (- is none; so do {count} requests in all)",
        )


def _count_faults(plan: Plan, true: int) -> Iterator[Fault]:
    if len(plan.limits) != true:
        said = len(plan.limits)
        yield Fault(
            "limits.csv", "set", -1, f"有 {said} 行,集合共 {true} 个", f"has {said} rows, there are {true} sets"
        )


def _row_faults(problem: Problem, plan: Plan, items: Sequence[Sets], turn: Ints) -> Iterator[Fault]:
    def column(name: str) -> Column:
        return np.concatenate([getattr(sets, name) for sets in items])[turn]

    if not len(turn):
        return
    item = np.concatenate([np.full(len(sets.first), sets.item) for sets in items])[turn]
    yield from _number_faults(plan, "item_code", plan.limits.item, item, problem.items.codes)
    for name in ("requests", "packs_missing"):
        yield from _number_faults(plan, name, getattr(plan.limits, name), column(name))
    yield from _number_faults(plan, "limited_by", plan.limits.limited_by, column("limited_by"), LIMITS)
    yield from _number_faults(plan, "higher_class", plan.limits.higher_class, column("higher_class"))
    remedies = [text for sets in items for text in sets.remedies]
    for row, place in enumerate(turn.tolist()):
        if plan.limits.remedies[row] != remedies[place]:
            yield _remedy_fault(row, plan.limits.remedies[row], remedies[place])


def _number_faults(plan: Plan, name: str, said: Column, true: Ints, names: Sequence[str] = ()) -> Iterator[Fault]:
    for row in np.flatnonzero(said != true).tolist():
        one, other = ((names[number[row]] if names else int(number[row])) for number in (said, true))
        zh, en = f"集合 {row + 1} 写作 {one},应为 {other}", f"set {row + 1} is said to have {one}, it is {other}"
        yield Fault("limits.csv", name, line(row), zh, en)


def _remedy_fault(row: int, said: str, true: str) -> Fault:
    """What is left out, what is named in vain, or else that the names are not written as they should be."""
    told, right = said.split(), true.split()
    lacking, vain = sorted(set(right) - set(told)), sorted(set(told) - set(right))
    zh = [f"缺少 {' '.join(lacking)}"] * bool(lacking) + [f"无用的 {' '.join(vain)}"] * bool(vain)
    en = [f"leave out {' '.join(lacking)}"] * bool(lacking) + [f"name in vain {' '.join(vain)}"] * bool(vain)
    return Fault(
        "limits.csv",
        "remedies",
        line(row),
        f"集合 {row + 1} 的补救{';'.join(zh) or '未按规定排列'}",
        f"the remedies of set {row + 1} {' and '.join(en) or 'are not in order, one space between'}",
    )
