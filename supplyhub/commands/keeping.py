"""Commands that keep copies of the database: make one, and fill an empty database from one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from supplyhub.backups import Manifest, back_up
from supplyhub.backups import restore as put_back
from supplyhub.commands.progress import Shown, ended_by_interrupt, progress_shown
from supplyhub.commands.saying import now, say
from supplyhub.config import read_config
from supplyhub.domain.refusals import words

file_path = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--out", required=True, type=file_path, help="新文件 / a file that does not exist yet")
def backup(out: Path) -> None:
    """备份数据库 / Write the whole database, as it is at one moment, into one file; others go on working."""
    with ended_by_interrupt(), _shown_in_words() as shown:
        manifest = back_up(read_config(serving=False), out, shown, at=now())
    message = words("The backup holds what stood at {moment}: {postings} postings, the feed up to {seq}.")
    _tell(message, manifest)
    click.echo(str(out))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--into", required=True, metavar="URL", help="空数据库 / an empty database: sqlite:///PATH, postgresql://..."
)
def restore(file: Path, into: str) -> None:
    """恢复备份 / Fill an empty database from a backup and prove its ledger; or leave nothing."""
    with ended_by_interrupt(), _shown_in_words() as shown:
        manifest = put_back(file, into, shown, at=now(), app_role=read_config(serving=False).app_role)
    _tell(words("Restored and proved: what stood at {moment}, {postings} postings, the feed up to {seq}."), manifest)


@contextmanager
def _shown_in_words() -> Iterator[Shown]:
    with progress_shown() as show:
        yield lambda what, done=0, of=0: show(say(what), done, of)


def _tell(message: str, manifest: Manifest) -> None:
    facts = {"moment": manifest.made_at, "postings": manifest.rows.get("posting", 0), "seq": manifest.last_seq}
    click.echo(say(message).format(**facts), err=True)
