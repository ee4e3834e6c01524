"""The command line: every command ends in words and an exit code, never in a traceback."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import main
from tests.solver import instances

SHEETS = {
    "places": "code,name,parent_code,level,km_to_parent,population\n"
    "110000000000,某市,,province,,2000\n110101000000,某区,110000000000,county,8,1000\n",
    "depots": "code,name,division_code,km_to_division\nD,市库,110000000000,3\n",
    "institutions": "code,name,division_code\nH,一院,110101000000\n",
    "categories": "code,name_zh\n2010000,个人防护\n",
    "items": "code,name_zh,unit_zh,pack_size,category_code\nmask,口罩,只,10,2010000\n",
    "stock": "depot_code,item_code,quantity\nD,mask,500\n",
    "floors": "depot_code,item_code,quantity\nD,mask,100\n",
    "ways": "from_code,to_code,km\nD,110101000000,5\n",
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path) -> Runner:
    monkeypatch.setenv("SUPPLYHUB_DATABASE_URL", f"sqlite:///{tmp_path}/cli.db")
    monkeypatch.setenv("SUPPLYHUB_LANGUAGE", "en")
    monkeypatch.delenv("SUPPLYHUB_SECRET_KEY", raising=False)
    monkeypatch.delenv("SUPPLYHUB_MODE", raising=False)
    monkeypatch.chdir(tmp_path)
    shutil.copyfile(sqlite_template, tmp_path / "cli.db")
    return Runner(tmp_path)


class Runner:
    """Runs commands in a folder of their own, and lets no exception pass for an answer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, given: str | None = None) -> Result:
        result = CliRunner().invoke(main, list(arguments), input=given)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    def done(self, *arguments: str, given: str | None = None) -> str:
        """What a command that must succeed prints."""
        result = self(*arguments, given=given)
        assert result.exit_code == 0, result.output
        return result.output

    def refused(self, *arguments: str) -> str:
        """What a command that must be refused says."""
        result = self(*arguments)
        assert result.exit_code == 1, result.output
        return result.stderr

    def load(self, kind: str, text: str = "") -> tuple[str, ...]:
        """The arguments that load a sheet."""
        path = self.folder / f"{kind}.csv"
        path.write_text(text or SHEETS[kind], encoding="utf-8")
        return ("import", kind, str(path))


def test_a_county_begins_with_its_own_data(run: Runner) -> None:
    for kind, text in SHEETS.items():
        assert str(text.count("\n") - 1) in run.done(*run.load(kind))
    assert "0 faults" in run.done("ledger", "verify")


def test_an_import_says_all_faults_and_a_second_one_that_it_was_done(run: Runner) -> None:
    said = run.refused(*run.load("places", SHEETS["places"].replace("county", "town").replace("2000", "-1")))
    assert re.findall(r"^places\.csv:\d:\w+", said, re.MULTILINE) == ["places.csv:2:population", "places.csv:3:level"]
    run.done(*run.load("places"))
    assert "loaded before" in run.refused(*run.load("places"))
    assert "cannot be read" in run.refused("import", "stock", "missing.csv")


def test_accounts_and_tokens_are_opened_and_ended(run: Runner) -> None:
    run.done(*run.load("places"))
    account = ("user", "add", "li", "--role", "keeper", "--division", "110101000000", "--name", "李")
    run.done(*account, given="a dull password\na dull password\n")
    assert "li\tkeeper\t李" in run.done("user", "list")
    assert "account already" in run.refused(*account, "--generate")
    assert re.search(r"shown only now: \S{16}\n", run.done("user", "password", "li", "--generate"))
    made = run("token", "make", "li", "--label", "script", "--days", "30")
    assert re.fullmatch(r"\S{43}\n", made.stdout)
    number = re.findall(r"\d+", made.stderr)[0]
    run.done("token", "revoke", "li", number)
    assert "No token" in run.refused("token", "revoke", "li", number)
    assert "No place" in run.refused(
        "user", "add", "wang", "--role", "keeper", "--division", "999999999999", "--generate"
    )


def test_production_does_not_start_without_a_secret_or_a_ready_database(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "SUPPLYHUB_SECRET_KEY" in run.refused("serve")
    for weak in ("short", "x" * 64, "changeme" * 8):
        monkeypatch.setenv("SUPPLYHUB_SECRET_KEY", weak)
        assert "SUPPLYHUB_SECRET_KEY" in run.refused("serve")
    monkeypatch.setenv("SUPPLYHUB_SECRET_KEY", "0123456789abcdef" * 2)
    monkeypatch.setenv("SUPPLYHUB_DATABASE_URL", f"sqlite:///{run.folder}/new.db")
    assert "supplyhub migrate" in run.refused("serve")
    monkeypatch.setenv("SUPPLYHUB_DATABASE_URL", "mysql://somebody:secret@nowhere/x")
    said = run.refused("user", "list")
    assert "SUPPLYHUB_DATABASE_URL" in said
    assert "secret@" not in said


def test_a_demo_is_not_served_to_others(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPLYHUB_MODE", "demo")
    assert "127.0.0.1 only" in run.refused("serve", "--host", "0.0.0.0")  # noqa: S104 - refused is what it should be


def test_migrate_makes_a_database_ready(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPLYHUB_DATABASE_URL", f"sqlite:///{run.folder}/below/new.db")
    run.done("migrate")
    assert run.done("user", "list") == ""


def test_refusals_are_said_in_the_language_asked_for(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    english = run.refused("export-instance", "--out", "x")
    monkeypatch.setenv("SUPPLYHUB_LANGUAGE", "klingon")
    assert "LANGUAGE" in run.refused("user", "list")
    monkeypatch.delenv("SUPPLYHUB_LANGUAGE")
    chinese = run.refused("export-instance", "--out", "x")
    assert "No plan" in english
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert run.refused("--lang", "en", "export-instance", "--out", "x") == english


def test_a_plan_is_solved_checked_and_a_forged_one_is_found_out(run: Runner) -> None:
    instances.write(instances.make(7), Path("instance"), seed=7)
    run.done("plan", "instance", "--out", "plan")
    run.done("plan", "instance", "--out", "again")
    names = ["allocation.csv", "shipments.csv", "flows.csv", "summary.json"]
    assert [Path("plan", name).read_bytes() for name in names] == [Path("again", name).read_bytes() for name in names]
    assert "true" in run.done("check", "instance", "plan")
    rows = Path("plan/allocation.csv").read_text(encoding="utf-8").splitlines()
    column = rows[0].split(",").index("granted")
    cells = rows[1].split(",")
    cells[column] = str(int(cells[column]) + 1)
    Path("plan/allocation.csv").write_text("\n".join([rows[0], ",".join(cells), *rows[2:]]) + "\n", encoding="utf-8")
    assert "allocation.csv" in run.refused("check", "instance", "plan")


def test_what_is_no_instance_is_refused_and_nothing_is_written(run: Runner) -> None:
    Path("instance").mkdir()
    assert "divisions.csv" in run.refused("plan", "instance", "--out", "plan")
    assert not Path("plan").exists()
    instances.write(instances.make(7), Path("good"), seed=7)
    Path("precious").mkdir()
    Path("precious/letter.txt").write_text("do not lose", encoding="utf-8")
    run.refused("plan", "good", "--out", "precious")
    assert Path("precious/letter.txt").exists()
