"""Corrupted plans are refused, and what is said names the place; plans that a change leaves true are believed.

SUPPLYHUB_CORRUPTED_PLANS says how many (150 unless told), all kinds in turn, on random instances of seeds from 7000 on.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest

from solver import Fault, MalformedPlan, Plan, Problem, read_plan, write_plan
from solver.check import check
from tests.solver.corruptions.columns import CHANGES
from tests.solver.corruptions.example import Example, example_of
from tests.solver.corruptions.folders import EDITS
from tests.solver.corruptions.meaning import MEANINGS
from tests.solver.corruptions.prices import PRICES, prices_prove
from tests.solver.corruptions.rows import ROWS
from tests.solver.corruptions.sets import SETS
from tests.solver.same import assert_same

PLANS = int(os.environ.get("SUPPLYHUB_CORRUPTED_PLANS", "150"))
FIRST, TRIES = 7000, 60
WELL_FORMED = {**MEANINGS, **PRICES, **SETS}
IN_MEMORY = {**WELL_FORMED, **CHANGES, **ROWS}
KINDS = [*IN_MEMORY, *EDITS]


@dataclass(frozen=True)
class Outcome:
    """What is said of a changed plan, words of which one must be among it, whether the plan is true all the same."""

    faults: list[Fault]
    names: Iterable[str]
    true: bool


@pytest.mark.parametrize("number", range(PLANS))
def test_a_corrupted_plan_is_refused(
    number: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    kind, turn = KINDS[number % len(KINDS)], number // len(KINDS)
    seen = Counter[str]()
    for seed in range(FIRST + turn, FIRST + turn + TRIES):
        outcome = outcome_of(kind, example_of(seed), Random(f"{kind} {seed}"), tmp_path / str(seed))
        if outcome and not outcome.true:
            assert named(outcome), (kind, seed, said(outcome.faults), outcome.names)
            break
        if outcome:
            assert outcome.faults == [], (kind, seed, said(outcome.faults))
        seen["true all the same (not counted)" if outcome else "nothing there to change (not counted)"] += 1
    else:
        pytest.fail(f"{kind}: none of {TRIES} instances could be corrupted in this way")
    seen["refused"] = 1
    record_property(f"{PLANS} corrupted plans of {len(KINDS)} kinds, instances {FIRST} and up", dict(seen))


def outcome_of(kind: str, example: Example, random: Random, folder: Path) -> Outcome | None:
    if kind in EDITS:
        return edited(kind, example, random, folder)
    wrong = IN_MEMORY[kind](example, random)
    if wrong is None:
        return None
    true = wrong.true or same(wrong.plan, example.plan)
    if kind in WELL_FORMED:
        write_plan(wrong.plan, example.problem, folder)
        assert (not faults_of_folder(folder, example.problem)) == true, (kind, example.seed)
    return Outcome(check(example.problem, wrong.plan), wrong.names, true)


def edited(kind: str, example: Example, random: Random, folder: Path) -> Outcome | None:
    """The reader may hold the sentences of limits.csv against the rest first, so that they are what is named."""
    file, edit = EDITS[kind]
    write_plan(example.plan, example.problem, folder)
    touched = edit(folder / file, random)
    if touched is None:
        return None
    names = {file, "limits.csv", *touched}
    return Outcome(faults_of_folder(folder, example.problem), names, still_true(folder, example))


def still_true(folder: Path, example: Example) -> bool:
    """Whether a folder still says the same, but for prices that prove as much."""
    try:
        plan = read_plan(folder, example.problem)
    except MalformedPlan:
        return False
    return same(replace(plan, prices=example.plan.prices), example.plan) and prices_prove(example, plan)


def faults_of_folder(folder: Path, problem: Problem) -> list[Fault]:
    """What reading the plan folder refuses, or else what checking it finds."""
    try:
        return check(problem, read_plan(folder, problem))
    except MalformedPlan as malformed:
        return list(malformed.faults)


def same(plan: Plan, other: Plan) -> bool:
    try:
        assert_same(plan, other)
    except (AssertionError, AttributeError, ValueError):
        return False
    return True


def named(outcome: Outcome) -> bool:
    words = " \n".join(said(outcome.faults))
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words) for name in outcome.names)


def said(faults: list[Fault]) -> list[str]:
    assert all(fault.zh and fault.en for fault in faults)
    return [str(fault) for fault in faults]
