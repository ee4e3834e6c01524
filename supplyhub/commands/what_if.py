"""What if: variants of a question solved beside it, and what is different where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import click

import solver
from solver import LEVELS, whatif
from supplyhub.commands.progress import Shown, ended_by_interrupt, progress_shown, stopped_by_interrupt
from supplyhub.commands.saying import say, stop_with
from supplyhub.commands.solving import folder_path, must_be_ours, must_be_true, read_instance, say_unread
from supplyhub.commands.working import NOT_COMPLETE, at_work, by_workers
from supplyhub.domain.refusals import words

file_path = click.Path(dir_okay=False, exists=True, path_type=Path)


def _print_example(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        click.echo(whatif.EXAMPLE, nl=False)
        ctx.exit()


@click.command("what-if")
@click.argument("instance", type=folder_path)
@click.argument("variants", metavar="VARIANTS.json", type=file_path)
@click.option("--out", required=True, type=folder_path, help="结果文件夹 / folder for what is different")
@click.option(
    "--level",
    default="county",
    show_default=True,
    type=click.Choice(LEVELS),
    help="按哪一级汇总 / places to tell apart",
)
@click.option("--plans", is_flag=True, help="也写出每个完整方案 / write every whole plan, checked, too")
@by_workers
@click.option(
    "--example",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_example,
    help="显示 VARIANTS.json 示例 / print a VARIANTS.json to begin with",
)
def what_if(
    instance: Path, variants: Path, out: Path, level: str, plans: bool, workers: int, cluster: str | None
) -> None:
    """假设推演 / Solve a question and variants of it, and tell what is different where."""
    must_be_ours(out, "differences.csv", words("{folder} holds something else; name another folder"))
    with ended_by_interrupt(), progress_shown() as shown, at_work(workers, cluster) as executor:
        shown(say(words("Reading")))
        unread: list[str] = []
        problem = read_instance(instance, unread)
        with stopped_by_interrupt() as stopped:
            found = _asked(problem, variants, executor, shown, stopped)
            shown(say(words("Writing")))
            said = whatif.write_what_if(found, out, level=level, prove=_proved if plans else None)
    _print_totals(said, len(problem.items))
    click.echo(str(out))
    say_unread(unread)
    if any(len(one.parts) < len(problem.items) for one in [found.base, *found.variants]):
        click.echo(say(words("Not everything was solved: items_missing in summary.json says what is not.")), err=True)
        raise SystemExit(NOT_COMPLETE)


def _asked(
    problem: solver.Problem, path: Path, executor: solver.Executor, shown: Shown, stopped: Callable[[], bool]
) -> whatif.WhatIf:
    solving = say(words("Solving"))
    try:
        return whatif.what_if(
            problem,
            whatif.read_variants(path),
            executor=executor,
            cancelled=stopped,
            progress=lambda done, of, name: shown(f"{solving}: {name}", done, of),
        )
    except whatif.MalformedVariants as refusal:
        stop_with(replace(fault, table=path.name) for fault in refusal.faults)


def _proved(problem: solver.Problem, plan: solver.Plan) -> solver.Plan:
    must_be_true(problem, plan)
    return replace(plan, proved=True)


def _print_totals(said: Mapping[str, Any], items: int) -> None:
    """For people: each item and class whose totals are different from those of the question as it stands."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for variant in said["variants"]:
        console.print(variant["name"], style="bold", markup=False)
        compared = items - len({*said["items_missing"], *variant["items_missing"]})
        if compared < items:
            message = words("stopped early: {compared} of {items} items are compared")
            console.print(f"  {say(message).format(compared=compared, items=items)}", markup=False)
        rows = [row for row in variant["totals"] if _differs(row)]
        if not rows:
            if compared:
                console.print(f"  {say(words('nothing is different'))}")
            continue
        table = Table()
        for place, head in enumerate(_HEADS):
            table.add_column(say(head), justify="left" if place < 2 else "right")
        for row in rows:
            table.add_row(row["item_code"], str(row["priority"]), *_cells(row))
        console.print(table)


def _differs(row: Mapping[str, Any]) -> bool:
    return any(row[f"{name}_before"] != row[f"{name}_after"] for name in _PAIRS)


def _cells(row: Mapping[str, Any]) -> Iterator[str]:
    for name, shown in _PAIRS.items():
        yield " → ".join(shown(row[f"{name}_{when}"]) for when in ("before", "after"))
    yield f"+{row['requests_more']} −{row['requests_fewer']}"


def _percent(part: str | Fraction) -> str:
    """A part of one in tenths of a percent, rounded down: only what is whole is shown as whole."""
    tenths = floor(Fraction(part) * 1000)
    return f"{tenths // 10}.{tenths % 10}%"


_PAIRS: Mapping[str, Callable[[Any], str]] = {
    "granted": lambda units: f"{units:,}",
    "fill": _percent,
    "lowest_level": lambda level: _percent(level) if level else "",
    "tonne_km": lambda carried: f"{Decimal(carried):,.1f}",
}
"""What is shown before and after, and how."""
_HEADS = (
    words("item"),
    words("class"),
    words("granted"),
    words("coverage"),
    words("lowest level"),
    words("tonne-km"),
    words("more, fewer"),
)
