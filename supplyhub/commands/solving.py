"""Commands of the solver by itself: folders in, folders out, no database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

import solver
from solver import Problem
from supplyhub.commands.saying import say, stop, stop_with
from supplyhub.domain.refusals import words

folder_path = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("instance", type=folder_path)
@click.option("--out", required=True, type=folder_path, help="方案文件夹 / folder for the plan")
def plan(instance: Path, out: Path) -> None:
    """求解 / Solve an instance folder, check the plan, and write it."""
    if out.exists() and any(out.iterdir()) and not (out / "allocation.csv").exists():
        stop(say(words("{folder} holds something that is no plan; name another folder")).format(folder=out))
    problem = _read_instance(instance)
    found = solver.solve(problem)
    faults = solver.check(problem, found)
    if faults:
        stop_with(faults)
    solver.write_plan(replace(found, proved=True), problem, out)
    click.echo(str(out))


@click.command()
@click.argument("instance", type=folder_path)
@click.argument("plan_folder", metavar="PLAN", type=folder_path)
def check(instance: Path, plan_folder: Path) -> None:
    """核验方案 / Say every fault of a plan; exit code 0 only where it is true."""
    problem = _read_instance(instance)
    try:
        found = solver.read_plan(plan_folder, problem)
    except solver.MalformedPlan as refusal:
        stop_with(refusal.faults)
    faults = solver.check(problem, found)
    if faults:
        stop_with(faults)
    click.echo(say(words("The plan is true.")))


def _read_instance(folder: Path) -> Problem:
    try:
        return solver.read_instance(folder)
    except solver.MalformedProblem as refusal:
        stop_with(refusal.faults)
