"""The command that says why a request or a set of requests got less, and what would help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np

import solver
from solver import explain as solving
from solver.problem import Int64
from solver.sentences import say as say_sets
from solver.wording import Said
from supplyhub.commands.saying import language, now, opened, say, stop, stop_with
from supplyhub.commands.solving import folder_path, read_instance
from supplyhub.domain.refusals import NotFound, words

_NUMBER = re.compile(r"[0-9]{1,18}")
_SET = re.compile(r"set:([0-9]{1,18})")
_DEMAND = ("demand.csv", "demand.csv.gz")


@click.command()
@click.argument("plan")
@click.argument("subject", metavar="ID")
@click.option("--instance", type=folder_path, help="方案所依据的文件夹 / the folder that the plan was made from")
def explain(plan: str, subject: str, instance: Path | None) -> None:
    """说明为何不足、怎样才能更多 / Say why a request got less, and how much each remedy would give it.

    \b
    PLAN:方案文件夹(其数据文件夹在旁边,或用 --instance 指明),或数据库中的方案编号
    ID:需求编号,或 set:3 表示第 3 个同因组
    PLAN: a plan folder (its instance beside it, or named), or the number of a plan in the database
    ID: a request's id, or set:3 for the third set of requests that the same would help
    """
    folder = Path(plan)
    if not folder.is_dir() and not _NUMBER.fullmatch(plan):
        stop(say(words("{plan} is neither a plan folder nor the number of a plan.")).format(plan=plan))
    for line in _in_folder(folder, subject, instance) if folder.is_dir() else _kept(int(plan), subject):
        click.echo(line)


def _told(got: str, reason: str, effects: list[str], untried: int) -> Iterator[str]:
    """The lines that are printed."""
    yield got
    if reason:
        yield reason
    for number, effect in enumerate(effects, start=1):
        yield f"{number:>3}. {effect}"
    if untried:
        yield say(words("{count} more remedies were not tried.")).format(count=untried)


# --- a plan in the database -------------------------------------------------------------------------------------


def _kept(plan_id: int, subject: str) -> Iterator[str]:
    from supplyhub.service import explanations

    of_set, lang = _SET.fullmatch(subject), language()
    if not of_set and not _NUMBER.fullmatch(subject):
        raise NotFound(noun="request line", key=subject)
    with opened() as hub:
        about, found = (
            explanations.explain_set(hub, None, plan_id, int(of_set[1]), at=now())
            if of_set
            else explanations.explain_line(hub, None, plan_id, int(subject), at=now())
        )
    effects = [effect.says(lang) for effect in found.effects]
    yield from _told(found.says(lang), about.reason(lang), effects, found.untried)


# --- a plan folder ----------------------------------------------------------------------------------------------


def _in_folder(folder: Path, subject: str, instance: Path | None) -> Iterator[str]:
    """The item is planned anew, which takes less time than reading what the folder says of all items."""
    problem, granted, limits, held = _read(folder, instance or _instance_beside(folder))
    item, number = _find(problem, limits, subject)
    if item not in held:
        message = words("The plan was stopped before it came to {item}; it says nothing about it.")
        stop(say(message).format(item=problem.items.codes[item]))
    alone = solving.only_item(problem, item)
    plan, sets = solver.solve(alone), np.flatnonzero(limits.item == item)
    of_item = problem.demand.item == item
    if [limits.remedies[row] for row in sets] != plan.limits.remedies or (granted[of_item] != plan.granted).any():
        stop(say(words("The plan is not true; `supplyhub check` names every fault.")))
    if number:
        number = int(np.searchsorted(sets, number - 1)) + 1
        found = solving.explain_set(alone, plan, number)
    else:
        [row] = alone.demand.rows_of(subject)
        number, found = int(plan.set[row]), solving.explain_request(alone, plan, row)
    teller = solving.Teller(alone, found)
    zh, en = say_sets(alone, plan)
    reason = _choose(Said(zh[number - 1], en[number - 1])) if number else ""
    effects = [_choose(teller.effect(effect)) for effect in found.effects]
    yield from _told(_choose(teller.got()), reason, effects, found.untried)


def _choose(said: Said) -> str:
    return said.en if language() == "en" else said.zh


def _instance_beside(folder: Path) -> Path:
    """The one instance folder beside a plan folder, or around it."""
    around = folder.resolve().parent
    near = [around, *(path for path in sorted(around.iterdir()) if path.is_dir())] if around.is_dir() else []
    found = [path for path in near if any((path / name).is_file() for name in _DEMAND)]
    if len(found) != 1:
        message = words("{count} instance folders stand beside {folder}; name the right one with --instance.")
        stop(say(message).format(count=len(found), folder=folder))
    return found[0]


def _read(folder: Path, instance: Path) -> tuple[solver.Problem, Int64, solver.Limits, Int64]:
    """The question; and of the plan units granted, sets, and the items that it holds."""
    problem = read_instance(instance)
    try:
        return problem, *solver.read_grants(folder, problem)
    except solver.MalformedPlan as refusal:
        stop_with(refusal.faults)


def _find(problem: solver.Problem, limits: solver.Limits, subject: str) -> tuple[int, int]:
    """The item asked about, and the number of the set, 0 for a request; ids go before numbers of sets."""
    rows, of_set = problem.demand.rows_of(subject), _SET.fullmatch(subject)
    if rows:
        return int(problem.demand.item[rows[0]]), 0
    if not of_set or not 1 <= int(of_set[1]) <= len(limits):
        message = words("The plan has no {subject}; name a request by its id, or one of its {count} sets: set:1 ...")
        stop(say(message).format(subject=subject, count=len(limits)))
    return int(limits.item[int(of_set[1]) - 1]), int(of_set[1])
