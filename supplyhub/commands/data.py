"""Commands about data: loading it, proving it, and taking it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from supplyhub.commands.saying import now, opened, say
from supplyhub.domain.refusals import words
from supplyhub.jobs.bookkeeping import keep_books
from supplyhub.schemas import sheets
from supplyhub.schemas.files import digest_of, open_files
from supplyhub.schemas.sheets import Sheet, read_sheets
from supplyhub.service import catalogue, opening, oversight, places, rollups
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
existing_file = click.Path(exists=True, dir_okay=False, path_type=Path)
new_file = click.Path(exists=False, dir_okay=False, path_type=Path)
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
@click.option(
    "--against", type=existing_file, help="与先前导出的文件比对 / compare with an earlier export, or its seals"
)
def verify(against: Path | None) -> None:
    """核验台账 / Prove every balance from its movements, and every seal from what it covers."""
    from supplyhub.commands.proving import prove

    with opened() as hub:
        found, beside = prove(hub, against)
    for fault in [*found.faults, *beside]:
        click.echo(fault.tell(say), err=True)
    if (more := found.fault_count - len(found.faults)) > 0:
        click.echo(say(words("... and {more} more.")).format(more=more), err=True)
    message = words("{movements} movements and {balances} balances were proved; {faults} faults.")
    faults = found.fault_count + len(beside)
    facts = {"movements": found.movements, "balances": found.balances, "faults": faults}
    click.echo(say(message).format(**facts))
    if faults:
        raise SystemExit(1)


@ledger.command("seal")
def seal() -> None:
    """封存台账 / Seal all that was committed; keep what is printed where nobody can change it with the database."""
    with opened() as hub:
        while hub.write(oversight.seal_ledger, at=now()):
            pass
        with hub.read(None, at=now()) as work:
            last = oversight.find_last_seal(work)
    if last is not None:
        click.echo(last.line.decode(), nl=False)


@ledger.command("roll-up")
@click.option("--rebuild", is_flag=True, help="从头重算 / forget the sums and begin with the first entry")
def roll_up(rebuild: bool) -> None:
    """汇总库存 / Add what was committed to the sums of stock, and prove them from the movements."""
    with opened() as hub:
        if rebuild:
            hub.write(rollups.clear_rollup, at=now())
        count = keep_books(hub)
        with hub.read(None, at=now(), steady=True) as work:
            faults = rollups.verify_rollup(work)
    for fault in faults:
        click.echo(fault.tell(say), err=True)
    message = words("{count} entries were added to the sums; {faults} faults.")
    click.echo(say(message).format(count=count, faults=len(faults)))
    if faults:
        raise SystemExit(1)


@ledger.command("erase-note")
@click.argument("posting_id", metavar="POSTING", type=click.IntRange(min=1))
def erase_note(posting_id: int) -> None:
    """抹去附言 / Rub out the text beside an entry, for good; its salted hash stays."""
    with opened() as hub:
        hub.write(lambda work: oversight.erase_note(work, posting_id), at=now())
    click.echo(say(words("The note of entry {number} is erased.")).format(number=posting_id))


@ledger.command("export")
@click.option("--out", required=True, type=new_file, help="新文件 / a file that does not exist yet")
@click.option("--seals", is_flag=True, help="只导出封印 / only the seals")
def export(out: Path, seals: bool) -> None:
    """导出台账 / Write all that is sealed, a line of JSON a posting, for somebody else to check and to keep."""
    with opened() as hub, hub.read(None, at=now(), steady=True) as work, written_whole(out) as file:
        file.writelines(oversight.export_lines(work, seals_only=seals))
    click.echo(str(out))


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """A new file that stands there when all is written, or not at all. Raises FileExistsError where one stands."""
    path.touch(exist_ok=False)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        raise


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
