"""What every command shares: the reader's language, refusals in words, the moment, the opened database."""

from __future__ import annotations

import errno
import gettext
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

import supplyhub
from supplyhub.domain.refusals import InvalidInput, SupplyError, words

if TYPE_CHECKING:  # commands that need neither should not wait for the database's rooms, nor the solver's
    from solver import Fault
    from supplyhub.service.unit_of_work import Hub


def now() -> datetime:
    """The moment, read at the door."""
    return datetime.now(UTC)


@cache
def open_words(lang: str) -> gettext.NullTranslations:
    """The catalogue of translations; without one for the language, the English texts stand."""
    folder = Path(supplyhub.__file__).parent / "translations"
    return gettext.translation("messages", folder, [lang], fallback=True)


def language() -> str:
    """The language asked for on the command line, else the one configured."""
    from supplyhub.config import read_language

    ctx = click.get_current_context(silent=True)
    chosen = ctx.find_root().params.get("lang") if ctx else None
    return str(chosen or read_language())


def say(message: str) -> str:
    """A text of ours in the reader's language."""
    return open_words(language()).gettext(message)


def stop(message: str) -> NoReturn:
    """End with words and exit code 1."""
    click.echo(message, err=True)
    raise SystemExit(1)


OF_FILES = {
    errno.ENOENT: words("there is no such file or folder"),
    errno.EEXIST: words("stands there already"),
    errno.EACCES: words("this user may not read or write it"),
    errno.EISDIR: words("is a folder, not a file"),
    errno.ENOTDIR: words("is a file, not a folder"),
    errno.ENOSPC: words("the disk is full"),
}
"""What the system most often says of files, in words of ours."""

INTERRUPTED = 130
"""Exit code of a command that Ctrl-C ended."""


def end_for_interrupt(message: str = words("Ended by Ctrl-C.")) -> NoReturn:
    """End in words where Ctrl-C ends the command."""
    click.echo(say(message), err=True)
    raise SystemExit(INTERRUPTED)


def stop_with(faults: Iterable[Fault]) -> NoReturn:
    """End with the solver's faults, which it says in both languages itself."""
    lang = language()
    stop("\n".join(f"{fault.where}: {fault.en if lang == 'en' else fault.zh}" for fault in faults))


def stop_for(error: Exception) -> None:
    """End in words for everything that may go wrong outside our own rooms; return where it is none of these."""
    if isinstance(error, SupplyError):
        _refuse(error)
    if _is_from("sqlalchemy.exc", "SQLAlchemyError", error):
        cause = getattr(error, "orig", None) or error
        stop(say(words("The database refused: {cause}")).format(cause=str(cause).splitlines()[0]))
    if isinstance(error, OSError):
        why = OF_FILES.get(error.errno or 0, error.strerror or str(error))
        stop(f"{error.filename or ''}: {say(why)}".lstrip(": "))
    if isinstance(error, UnicodeError):
        stop(say(words("An argument or a setting is no UTF-8 text.")))


def _is_from(module: str, name: str, error: Exception) -> bool:
    """Whether the error is of a class that only exists where its module has been opened."""
    opened_module = sys.modules.get(module)
    return opened_module is not None and isinstance(error, getattr(opened_module, name))


def _refuse(refusal: SupplyError) -> NoReturn:
    lines = [_fill(refusal.sentence, refusal.facts())]
    if isinstance(refusal, InvalidInput):
        lines += [f"{fault.where}: {say(fault.message).format(**fault.facts)}" for fault in refusal.faults]
    stop("\n".join(lines))


def _fill(template: str, facts: Mapping[str, Any]) -> str:
    """A sentence in the reader's language, and so are those of its facts that are words of ours."""
    from supplyhub.schemas.problems import SPOKEN

    spoken = {name: _speak(value) if name in SPOKEN else value for name, value in facts.items()}
    return say(template).format(**spoken)


def _speak(value: Any) -> str:
    from supplyhub.schemas.glossary import NOUNS

    return ", ".join(say(NOUNS.get(part, part)) for part in str(value).split(", ") if part)


@contextmanager
def opened() -> Iterator[Hub]:
    """The hub for one command, its connections closed after it."""
    from supplyhub import start
    from supplyhub.config import read_config

    hub = start.open_hub(read_config(serving=False))
    try:
        yield hub
    finally:
        hub.engine.dispose()
