"""The house keeps its own rules: one file commits, names say their room, dependencies are the imported ones."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from supplyhub.domain import refusals

ROOT = Path(__file__).parents[2]
OURS = ("supplyhub", "solver", "migrations")
NOT_IMPORTED = {"psycopg"}
"""Declared and used without an import of ours: SQLAlchemy loads the driver by its name in the URL."""
EXTRAS = {"distributed"}
"""Imported where they are asked for, and declared as extras of their own names: not everybody has them."""


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for name in OURS:
        for path in sorted((ROOT / name).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))
    yield ROOT / "cli.py", ast.parse((ROOT / "cli.py").read_text(encoding="utf-8"))


def test_every_file_opens_with_one_sentence() -> None:
    silent = [str(path.relative_to(ROOT)) for path, tree in sources() if not (ast.get_docstring(tree) or "").strip()]
    assert silent == []


def test_one_file_opens_transactions_and_another_runs_migrations() -> None:
    allowed = {"supplyhub/service/unit_of_work.py", "supplyhub/persistence/schema.py"}
    openers = {
        str(path.relative_to(ROOT))
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"commit", "begin", "connect"} and _is_database(node.value)
    }
    assert openers <= allowed


def _is_database(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return bool(re.search(r"engine|connection|session", name))


def test_no_room_is_called_utils() -> None:
    banned = {"utils", "helpers", "common", "core", "misc", "manager"}
    assert [str(path) for path, _ in sources() if path.stem in banned] == []


def test_only_doors_read_the_clock() -> None:
    inner = ("supplyhub/domain", "supplyhub/service", "supplyhub/persistence", "supplyhub/schemas", "supplyhub/bridge")
    readers = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in sources()
        if str(path.relative_to(ROOT)).startswith(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}
    ]
    assert readers == []


def test_every_refusal_has_a_sentence_whose_gaps_are_its_facts() -> None:
    found = [cls for cls in vars(refusals).values() if isinstance(cls, type) and issubclass(cls, refusals.SupplyError)]
    for cls in found:
        gaps = set(re.findall(r"\{(\w+)", cls.say))
        facts = set(getattr(cls, "__dataclass_fields__", {})) | {"count"}
        assert cls.__doc__
        assert gaps <= facts, cls


def test_declared_dependencies_are_the_imported_ones() -> None:
    declared, imported = declared_by(), imported_by(tree for _, tree in sources())
    owners = packages_distributions()
    needed = {owners[name][0].lower() for name in imported - EXTRAS}
    assert imported & EXTRAS == EXTRAS & set(declared) == EXTRAS
    assert needed - declared["install_requires"] == set()
    assert declared["install_requires"] - needed - NOT_IMPORTED == set()


def test_what_tests_and_measurements_import_is_declared_by_some_extra() -> None:
    """Also what is not installed here, so that nobody finds out by a row that is missing."""
    paths = sorted((ROOT / "tests").rglob("*.py"))
    imported = imported_by(ast.parse(path.read_text(encoding="utf-8")) for path in paths)
    owners = packages_distributions()
    needed = {owners.get(name, [name.replace("_", "-")])[0].lower() for name in imported}
    assert needed - set().union(*declared_by().values()) == set()


def declared_by() -> dict[str, set[str]]:
    """Names of the packages that the project needs, and of those that each of its extras does."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    lists = {"install_requires": config["options"]["install_requires"], **config["options.extras_require"]}
    return {
        name: {
            re.split(r"[\[<>=!~ ]", line.strip(), maxsplit=1)[0].lower()
            for line in text.strip().splitlines()
            if not line.strip().startswith("#")
        }
        for name, text in lists.items()
    }


def imported_by(trees: Iterable[ast.Module]) -> set[str]:
    """Top-level names of what is imported from outside."""
    imported = {
        name.split(".")[0]
        for tree in trees
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
        )
    }  # fmt: skip
    return imported - set(sys.stdlib_module_names) - {*OURS, "cli", "tests", "__future__"}


def test_solving_a_folder_opens_neither_the_database_nor_the_web() -> None:
    """Who plans a folder should not wait for rooms that planning does not enter."""
    asked = "import sys; from cli import main; main.get_command(None, 'plan'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()).isdisjoint({"flask", "sqlalchemy", "alembic", "marshmallow", "supplyhub.service"})
