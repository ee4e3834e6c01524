"""Sets that are not the model's: remedies left out, made up or exchanged, sets made one or parted, requests moved."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import numpy as np

from solver import Limits, Plan
from tests.solver.corruptions.example import Corrupted, Corruption, Example, with_columns
from tests.solver.small import ints

Members = tuple[int, list[int]]
"""The set whose reason and remedies are told, and the requests that stand in it."""


def remedy_left_out(example: Example, random: Random) -> Corrupted | None:
    def fewer(names: list[str]) -> list[str]:
        out = random.choice(names)
        return [name for name in names if name != out]

    return with_remedies(example, random, fewer)


def remedy_made_up(example: Example, random: Random) -> Corrupted | None:
    """One remedy more: of another set, of another form, or of another place."""
    more = random.choice(sorted(plausible(example, random)))
    return with_remedies(example, random, lambda names: sorted({*names, more}))


def plausible(example: Example, random: Random) -> set[str]:
    codes, flows = example.problem.node_codes(), example.plan.flows
    names = {name for text in example.plan.limits.remedies for name in text.split()}
    names |= {f"stock@{code}" for code in example.problem.divisions.codes}
    names |= {f"floor@{code}" for code in example.problem.depots.codes}
    for tail, head in zip(flows.from_node.tolist(), flows.to_node.tolist(), strict=True):
        names.add(f"{random.choice(('aid', 'link', 'open'))}@{codes[tail]}>{codes[head]}")
    return names


def remedies_out_of_order(example: Example, random: Random) -> Corrupted | None:
    return with_remedies(example, random, lambda names: random.sample(names, len(names)))


def with_remedies(example: Example, random: Random, change: Callable[[list[str]], list[str]]) -> Corrupted | None:
    """One set's remedies changed."""
    remedies = list(example.plan.limits.remedies)
    if not remedies:
        return None
    row = random.randrange(len(remedies))
    remedies[row] = " ".join(change(remedies[row].split()))
    changed = with_columns(example.plan, "limits", remedies=remedies)
    return Corrupted(changed, frozenset({f"set {row + 1}", f"limits.csv:{row + 2}"}))


def remedies_exchanged(example: Example, random: Random) -> Corrupted | None:
    """Two sets with each other's remedies."""
    remedies = list(example.plan.limits.remedies)
    if len(remedies) < 2:
        return None
    one, other = random.sample(range(len(remedies)), 2)
    remedies[one], remedies[other] = remedies[other], remedies[one]
    changed = with_columns(example.plan, "limits", remedies=remedies)
    return Corrupted(changed, frozenset({f"set {one + 1}", f"set {other + 1}"}))


def members(plan: Plan) -> list[Members]:
    return [(number, np.flatnonzero(plan.set == number + 1).tolist()) for number in range(len(plan.limits))]


def sets_made_one(example: Example, random: Random) -> Corrupted | None:
    """Two sets of an item stand as one, with the reason and the remedies of either."""
    sets, item = members(example.plan), example.plan.limits.item
    pairs = [(one, other) for one in sets for other in sets if one[0] < other[0] and item[one[0]] == item[other[0]]]
    if not pairs:
        return None
    one, other = random.choice(pairs)
    told = random.choice((one, other))[0]
    rest = [some for some in sets if some not in (one, other)]
    return regrouped(example, [*rest, (told, one[1] + other[1])], one[1] + other[1])


def set_parted(example: Example, random: Random) -> Corrupted | None:
    """Some requests of a set stand in one of their own that is like it."""
    sets = members(example.plan)
    large = [some for some in sets if len(some[1]) > 1]
    if not large:
        return None
    told, rows = chosen = random.choice(large)
    apart = random.sample(rows, random.randrange(1, len(rows)))
    parts = [(told, apart), (told, [row for row in rows if row not in apart])]
    return regrouped(example, [*(some for some in sets if some != chosen), *parts], rows)


def request_in_another_set(example: Example, random: Random) -> Corrupted | None:
    """A request stands in another set of its item, or in none."""
    sets, item = members(example.plan), example.plan.limits.item
    pairs = [(one, other) for one in sets for other in sets if one != other and item[one[0]] == item[other[0]]]
    if not pairs:
        return None
    one, other = random.choice(pairs)
    row = random.choice(one[1])
    rest = [some for some in sets if some not in (one, other)]
    left = [(one[0], [member for member in one[1] if member != row])] if len(one[1]) > 1 else []
    return regrouped(example, [*rest, *left, (other[0], [*other[1], row])], one[1] + other[1])


def regrouped(example: Example, sets: list[Members], touched: list[int]) -> Corrupted:
    """The plan with these sets, numbered and counted as they should be; a touched request is to be named."""
    plan, problem = example.plan, example.problem
    sets = sorted(sets, key=lambda some: min(some[1]))
    pack = problem.items.pack_size[problem.demand.item]
    missing = -(-problem.demand.quantity // pack) - plan.granted // pack
    number = np.zeros(len(plan.set), dtype=np.int32)
    for place, (_, rows) in enumerate(sets, start=1):
        number[rows] = place
    told = [some for some, _ in sets]
    limits = Limits(
        item=plan.limits.item[told],
        requests=ints([len(rows) for _, rows in sets]),
        packs_missing=ints([int(missing[rows].sum()) for _, rows in sets]),
        limited_by=plan.limits.limited_by[told],
        higher_class=plan.limits.higher_class[told],
        remedies=[plan.limits.remedies[some] for some in told],
    )
    names = frozenset(f"request {problem.demand.ids[row]}" for row in touched)
    return Corrupted(replace(plan, set=number, limits=limits), names)


SETS: dict[str, Corruption] = {
    "a remedy left out": remedy_left_out,
    "a remedy made up": remedy_made_up,
    "remedies out of order": remedies_out_of_order,
    "remedies of two sets exchanged": remedies_exchanged,
    "two sets made one": sets_made_one,
    "a set parted": set_parted,
    "a request in another set": request_in_another_set,
}
