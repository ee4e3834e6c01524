"""Commands of the solver by itself: folders in, folders out, no database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import isnan
from pathlib import Path

import click

import solver
from solver import Problem
from supplyhub.commands.progress import Shown, ended_by_interrupt, progress_shown, stopped_by_interrupt
from supplyhub.commands.saying import say, stop, stop_with
from supplyhub.commands.working import NOT_COMPLETE, at_work, by_workers
from supplyhub.domain.refusals import words

_NAMED = 10
"""Items that a sentence names before it goes on with dots."""

folder_path = click.Path(file_okay=False, path_type=Path)


def _a_number(_ctx: click.Context, _param: click.Parameter, value: float | None) -> float | None:
    if value is not None and isnan(value):
        raise click.BadParameter("nan")
    return value


@click.command()
@click.argument("instance", type=folder_path)
@click.option("--out", required=True, type=folder_path, help="方案文件夹 / folder for the plan")
@by_workers
@click.option(
    "--seconds-max",
    type=click.FloatRange(min=0),
    callback=_a_number,
    help="到时不再开始新物资 / begin no further item after so long",
)
def plan(instance: Path, out: Path, workers: int, cluster: str | None, seconds_max: float | None) -> None:
    """求解 / Solve an instance folder, check the plan, and write it.

    \b
    Ctrl-C 或到时:写出已完成的物资,退出码 3
    Ctrl-C or the time limit: the items that are done are written, exit code 3
    """
    must_be_ours(out, "allocation.csv", words("{folder} holds something that is no plan; name another folder"))
    with ended_by_interrupt(), progress_shown() as shown, at_work(workers, cluster) as executor:
        shown(say(words("Reading")))
        unread: list[str] = []
        problem = read_instance(instance, unread)
        with stopped_by_interrupt() as stopped:
            found = _solved(problem, executor, seconds_max, shown, stopped)
            shown(say(words("Checking")))
            must_be_true(problem, found)
            shown(say(words("Writing")))
            found = replace(found, proved=True)
            solver.write_plan(found, problem, out, workers=executor.workers, workers_peak_kib=executor.peak_kib)
    click.echo(str(out))
    say_unread(unread)
    if lacks := _what_is_missing(problem, found):
        click.echo(lacks, err=True)
        raise SystemExit(NOT_COMPLETE)


def must_be_ours(folder: Path, mark: str, refusal: str) -> None:
    """End where a folder holds files, and not the one that marks what is to be replaced there."""
    if folder.resolve() == Path.cwd():
        stop(say(words("{folder} is the folder you stand in; name another")).format(folder=folder))
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if names and names.isdisjoint({mark, f"{mark}.gz"}):
        stop(say(refusal).format(folder=folder))


def _solved(
    problem: Problem,
    executor: solver.Executor,
    seconds_max: float | None,
    shown: Shown,
    stopped: Callable[[], bool],
) -> solver.Plan:
    solving = say(words("Solving"))
    return solver.solve(
        problem,
        executor=executor,
        seconds_max=seconds_max,
        cancelled=stopped,
        progress=lambda done, of, code: shown(solving, done, of),
    )


def _what_is_missing(problem: Problem, found: solver.Plan) -> str:
    """The items that a partial plan lacks, in a sentence; empty where it is whole."""
    if len(found.items) == len(problem.items):
        return ""
    codes = found.summary["items_missing"]
    missing = " ".join(codes[:_NAMED]) + (" ..." if len(codes) > _NAMED else "")
    message = words("The plan holds {held} of {items} items; it lacks {missing}")
    return say(message).format(held=len(found.items), items=len(problem.items), missing=missing)


def say_unread(unread: Sequence[str]) -> None:
    """Name what stands in an instance folder and means nothing: it may be a slip of the pen in a name."""
    if unread:
        message = words("Not read, since nothing of that name is known: {names}")
        click.echo(say(message).format(names=", ".join(unread)), err=True)


@click.command()
@click.argument("instance", type=folder_path)
@click.argument("plan_folder", metavar="PLAN", type=folder_path)
def check(instance: Path, plan_folder: Path) -> None:
    """核验方案 / Say every fault of a plan; exit code 0 only where it is true."""
    problem = read_instance(instance)
    try:
        found = solver.read_plan(plan_folder, problem)
    except solver.MalformedPlan as refusal:
        stop_with(refusal.faults)
    must_be_true(problem, found)
    click.echo(" ".join(filter(None, [say(words("The plan is true.")), _what_is_missing(problem, found)])))


def must_be_true(problem: Problem, found: solver.Plan) -> None:
    """End with every fault of a plan that has any."""
    faults = solver.check(problem, found)
    if faults:
        stop_with(faults)


def read_instance(folder: Path, unread: list[str] | None = None) -> Problem:
    """The question in a folder; ends with all its faults where it cannot be asked."""
    if not folder.is_dir():
        stop(say(words("{folder} is no folder.")).format(folder=folder))
    try:
        return solver.read_instance(folder, unread)
    except solver.MalformedProblem as refusal:
        stop_with(refusal.faults)
