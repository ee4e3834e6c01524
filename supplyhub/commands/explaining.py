"""The command that says why a request or a set of requests got less, and what would help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np

import solver
from solver import explain as solving
from solver.sentences import say as say_sets
from solver.wording import Said
from supplyhub.commands.saying import language, now, opened, say, stop, stop_with
from supplyhub.domain.refusals import NotFound, words

_NUMBER = re.compile(r"[0-9]{1,18}")
_SET = re.compile(r"set:([0-9]{1,18})")
_DEMAND = ("demand.csv", "demand.csv.gz")

folder_path = click.Path(file_okay=False, path_type=Path)


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
    problem, plan = _read(folder, instance or _instance_beside(folder))
    row, number = _find(problem, plan, subject)
    found = solving.explain_set(problem, plan, number) if row is None else solving.explain_request(problem, plan, row)
    teller = solving.Teller(problem, found)
    zh, en = say_sets(problem, plan)
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


def _read(folder: Path, instance: Path) -> tuple[solver.Problem, solver.Plan]:
    try:
        problem = solver.read_instance(instance)
        return problem, solver.read_plan(folder, problem)
    except (solver.MalformedProblem, solver.MalformedPlan) as refusal:
        stop_with(refusal.faults)


def _find(problem: solver.Problem, plan: solver.Plan, subject: str) -> tuple[int | None, int]:
    """The request's row, None for a set; and the number of the set, 0 where nothing is missing."""
    rows, of_set = np.flatnonzero(np.asarray(problem.demand.ids) == subject), _SET.fullmatch(subject)
    if not len(rows) and (not of_set or not 1 <= int(of_set[1]) <= len(plan.limits)):
        message = words("The plan has no {subject}; name a request by its id, or one of its {count} sets: set:1 ...")
        stop(say(message).format(subject=subject, count=len(plan.limits)))
    if of_set and not len(rows):
        return None, int(of_set[1])
    _must_hold(problem, plan, int(rows[0]))
    return int(rows[0]), int(plan.set[rows[0]])


def _must_hold(problem: solver.Problem, plan: solver.Plan, row: int) -> None:
    """End where the plan does not hold the request's item, or names a set for it that there is not."""
    item = int(problem.demand.item[row])
    if item not in plan.items:
        message = words("The plan was stopped before it came to {item}; it says nothing about it.")
        stop(say(message).format(item=problem.items.codes[item]))
    if plan.set[row] > len(plan.limits):
        stop(say(words("The plan contradicts itself; `supplyhub check` names every fault.")))
