"""Commands about data: loading it, proving it, and taking it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from supplyhub.commands.saying import now, opened, say
from supplyhub.domain.refusals import words
from supplyhub.schemas import sheets
from supplyhub.schemas.files import digest_of, open_files
from supplyhub.schemas.sheets import Sheet, read_sheets
from supplyhub.service import catalogue, opening, oversight, places
from supplyhub.service.loading import load_once
from supplyhub.service.unit_of_work import Work

IMPORTS: Mapping[str, tuple[Sheet[Any], Callable[[Work, Any], int]]] = {
    "places": (sheets.PLACES, places.import_places),
    "depots": (sheets.DEPOTS, places.import_depots),
    "institutions": (sheets.INSTITUTIONS, places.import_institutions),
    "ways": (sheets.WAYS, places.import_ways),
    "categories": (sheets.CATEGORIES, catalogue.import_categories),
    "items": (sheets.ITEMS, catalogue.import_items),
    "stock": (sheets.STOCK, opening.import_stock),
    "floors": (sheets.FLOORS, opening.import_floors),
}

file_path = click.Path(dir_okay=False, path_type=Path)
folder_path = click.Path(file_okay=False, path_type=Path)


@click.command("import")
@click.argument("kind", type=click.Choice(list(IMPORTS)))
@click.argument("files", nargs=-1, required=True, type=file_path)
def import_files(kind: str, files: tuple[Path, ...]) -> None:
    """从 CSV 载入 / Load CSV files: all or nothing, every fault named at once."""
    sheet, verb = IMPORTS[kind]
    tables = open_files(files)
    columns = read_sheets(sheet, tables)
    with opened() as hub:
        count = load_once(hub, verb.__name__, digest_of(tables), lambda work: verb(work, columns), at=now())
    click.echo(say(words("{count} rows were loaded.")).format(count=count))


@click.group()
def ledger() -> None:
    """台账 / The stock ledger."""


@ledger.command("verify")
def verify() -> None:
    """核验台账 / Prove every balance from its movements."""
    with opened() as hub, hub.read(None, at=now(), steady=True) as work:
        found = oversight.verify_ledger(work, None)
    for fault in found.faults:
        click.echo(str(fault), err=True)
    message = words("{movements} ends of movements and {balances} balances were proved; {faults} faults.")
    facts = {"movements": found.movements, "balances": found.balances, "faults": len(found.faults)}
    click.echo(say(message).format(**facts))
    if found.faults:
        raise SystemExit(1)


@click.command("export-instance")
@click.option("--out", required=True, type=folder_path, help="新文件夹 / a folder that does not exist yet")
@click.option("--plan", "plan_id", type=int, help="方案编号,缺省为最新 / number of the plan, the latest if left out")
def export_instance(out: Path, plan_id: int | None) -> None:
    """导出方案所依据的数据 / Write what a plan was made from as an instance folder."""
    from supplyhub.jobs import exporting

    with opened() as hub:
        number = exporting.export_instance(hub, out, plan_id, at=now())
    click.echo(say(words("What plan {number} was made from:")).format(number=number), err=True)
    click.echo(str(out))
