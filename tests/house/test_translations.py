"""No text is without its Chinese, no catalogue is stale, and no translation loses or invents a gap."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUES = sorted((ROOT / "supplyhub" / "translations").glob("*/LC_MESSAGES/messages.po"))
GAP = re.compile(r"%\(\w+\)s|\{\w+(?:![rs])?\}")


@pytest.fixture(scope="session")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What the code says now."""
    found = tmp_path_factory.mktemp("texts") / "messages.pot"
    keywords = [part for word in ("words", "_", "gettext", "ngettext:1,2") for part in ("-k", word)]
    subprocess.run(
        [
            sys.executable,
            "-m",
            "babel.messages.frontend",
            "-q",
            "extract",
            "-F",
            "babel.cfg",
            *keywords,
            "-o",
            found,
            ".",
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "."},
        check=True,
    )
    with found.open("rb") as stream:
        return read_po(stream)


def read(path: Path) -> Catalog:
    with path.open("rb") as stream:
        return read_po(stream)


def strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def ids(catalogue: Catalog) -> set[str | tuple[str, ...]]:
    return {tuple(m.id) if isinstance(m.id, list | tuple) else m.id for m in catalogue if m.id}


def test_there_is_a_chinese_catalogue() -> None:
    assert [path.parts[-3] for path in CATALOGUES] == ["zh_Hans"]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_catalogue_holds_exactly_the_texts_of_the_code(path: Path, texts: Catalog) -> None:
    catalogue = read(path)
    assert ids(texts) - ids(catalogue) == set()
    assert ids(catalogue) - ids(texts) == set()


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_text_is_translated_and_no_translation_is_a_guess(path: Path) -> None:
    messages = [message for message in read(path) if message.id]
    assert [message.id for message in messages if message.fuzzy or not all(strings(message))] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_translation_has_the_gaps_of_its_text(path: Path) -> None:
    for message in read(path):
        if message.id:
            text = message.id if isinstance(message.id, str) else message.id[0]
            for said in strings(message):
                assert sorted(GAP.findall(said)) == sorted(GAP.findall(text)), text
