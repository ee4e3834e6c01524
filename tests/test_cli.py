"""The command line: every command ends in words and an exit code, never in a traceback."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import main
from tests.solver import instances

ROOT = Path(__file__).parents[1]
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
    monkeypatch.setenv("SUPPLYHUB_DATABASE_URL", "postgresql://somebody:well-kept@127.0.0.1:9/x")
    said = run.refused("user", "list")
    assert "Look at SUPPLYHUB_DATABASE_URL" in said
    assert "well-kept" not in said


def test_settings_that_cannot_be_used_are_told_all_at_once_in_the_readers_language(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {"MODE": "prod", "HTTPS": "maybe", "VERIFY_HOUR": "25", "METRICS_TOKEN": "short", "LANGUAGE": "klingon"}
    for name, said in wrong.items():
        monkeypatch.setenv(f"SUPPLYHUB_{name}", said)
    said = run.refused("--lang", "zh_Hans", "serve")
    assert all(f"SUPPLYHUB_{name}: 请" in said for name in (*wrong, "SECRET_KEY")), said
    assert "at least" not in said


def test_a_folder_that_is_not_there_is_named(run: Runner) -> None:
    assert "nowhere: there is no such folder" in run.refused("backup", "--out", "nowhere/kept.zip")
    said = run.refused("--lang", "zh_Hans", "ledger", "export", "--out", "nowhere/whole.jsonl")
    assert "没有该文件或文件夹" in said


def test_a_demo_is_not_served_to_others(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPLYHUB_MODE", "demo")
    assert "127.0.0.1 only" in run.refused("serve", "--host", "0.0.0.0")  # noqa: S104 - refused is what it should be


def test_an_address_that_is_taken_is_told(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPLYHUB_SECRET_KEY", "0123456789abcdef" * 2)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("serve", "--port", str(taken.getsockname()[1]), "--no-worker")
    assert result.exit_code == 1
    assert "This address cannot be listened on" in result.stderr
    assert "Serving on" not in result.output


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


def test_sums_are_kept_begun_again_and_proved(run: Runner) -> None:
    for kind in SHEETS:
        run.done(*run.load(kind))
    said = run.done("ledger", "roll-up")
    assert re.fullmatch(r"[1-9]\d* entries were added to the sums; 0 faults\.\n", said)
    assert run.done("ledger", "roll-up") == "0 entries were added to the sums; 0 faults.\n"
    assert run.done("ledger", "roll-up", "--rebuild") == said
    assert "0 faults" in run.done("ledger", "verify")


def test_the_ledger_is_sealed_exported_and_held_to_what_was_exported(run: Runner) -> None:
    for kind in ("places", "depots", "categories", "items", "stock"):
        run.done(*run.load(kind))
    assert json.loads(run.done("ledger", "seal"))["seal"] == 1
    assert json.loads(run.done("ledger", "seal"))["seal"] == 1  # nothing is new
    for name, options in {"whole": (), "seals": ("--seals",)}.items():
        run.done("ledger", "export", "--out", f"{name}.jsonl", *options)
        assert "0 faults" in run.done("ledger", "verify", "--against", f"{name}.jsonl")
    assert len(Path("seals.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    assert len(Path("whole.jsonl").read_text(encoding="utf-8").splitlines()) == 6
    assert "whole.jsonl" in run("ledger", "export", "--out", "whole.jsonl").stderr
    other = Path("seals.jsonl").read_text(encoding="utf-8").replace('"upto_seq":5', '"upto_seq":4')
    Path("seals.jsonl").write_text(other, encoding="utf-8")
    assert "line 1 of the export is not what stands in the ledger" in run.refused(
        "ledger", "verify", "--against", "seals.jsonl"
    )
    Path("seals.jsonl").write_bytes(b"a letter\n")
    assert "no export of the ledger" in run.refused("ledger", "verify", "--against", "seals.jsonl")
    Path("seals.jsonl").write_bytes(b"")
    assert "proves nothing" in run.refused("ledger", "verify", "--against", "seals.jsonl")


def test_a_backup_is_restored_into_an_empty_database_only(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("places", "depots", "categories", "items", "stock"):
        run.done(*run.load(kind))
    assert "5 postings" in run.done("backup", "--out", "kept.zip")
    assert "stands there already" in run.refused("backup", "--out", "kept.zip")
    assert "5 postings" in run.done("restore", "kept.zip", "--into", "sqlite:///again.db")
    assert "not empty" in run.refused("restore", "kept.zip", "--into", "sqlite:///again.db")
    assert "不是空的" in run.refused("--lang", "zh_Hans", "restore", "kept.zip", "--into", "sqlite:///again.db")
    for address in ("nothing", "mysql://somebody:secret@nowhere/x", "sqlite://"):
        said = run.refused("restore", "kept.zip", "--into", address)
        assert "--into names no database" in said
        assert "secret" not in said
    assert "restore it into a database of sqlite" in run.refused("restore", "kept.zip", "--into", "postgresql://x@y/z")
    Path("kept.zip").write_bytes(Path("kept.zip").read_bytes()[:-100])
    assert "no whole backup of ours" in run.refused("restore", "kept.zip", "--into", "sqlite:///third.db")
    monkeypatch.setenv("SUPPLYHUB_DATABASE_URL", "sqlite:///again.db")
    assert "0 faults" in run.done("ledger", "verify")
    monkeypatch.setenv("SUPPLYHUB_DATABASE_URL", "sqlite:///nothing.db")
    assert "there is nothing of ours" in run.refused("backup", "--out", "empty.zip")


def test_a_command_is_told_of_in_the_log_where_that_is_wanted(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    script = [sys.executable, "-m", "cli"]  # of its own: the log is set up for the whole process
    for command, code in {("user", "list"): 0, ("user", "close", "nobody-of-that-name"): 1, ("user", "fly"): 2}.items():
        for wanted in ("true", "false"):
            monkeypatch.setenv("SUPPLYHUB_LOG_COMMANDS", wanted)
            monkeypatch.setenv("PYTHONPATH", str(ROOT))
            done = subprocess.run([*script, *command], cwd=run.folder, capture_output=True, text=True, check=False)
            told = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
            assert done.returncode == code
            assert [(line["command"], line["exit"]) for line in told] == ([("user", code)] if wanted == "true" else [])
            assert "nobody-of-that-name" not in str(told)


def test_a_note_that_is_not_there_cannot_be_erased(run: Runner) -> None:
    assert "No note 7" in run.refused("ledger", "erase-note", "7")


def test_names_that_mean_nothing_are_told(run: Runner) -> None:
    """A slip of the pen in an optional name would put everybody into the last class, without a word."""
    instances.write(instances.make(7), Path("instance"), seed=7)
    rows = Path("instance/demand.csv").read_text(encoding="utf-8").splitlines()
    Path("instance/demand.csv").write_text("\n".join([f"{rows[0]},prio", *(f"{row},1" for row in rows[1:])]) + "\n")
    settings = Path("instance/settings.json")
    settings.write_text(settings.read_text(encoding="utf-8").replace("{", '{"release_reserve": true,', 1))
    told = run.done("plan", "instance", "--out", "plan")
    assert "nothing of that name is known: settings.json: release_reserve" in told
    assert "demand.csv: prio" in told
    settings.write_text(settings.read_text(encoding="utf-8").replace("{", '{"as_of": "",', 1))
    assert "settings.json as_of: stands more than once" in run.refused("plan", "instance", "--out", "plan")


def test_what_is_no_folder_and_no_number_of_seconds_is_refused_in_words(run: Runner) -> None:
    assert "nowhere is no folder" in run.refused("plan", "nowhere", "--out", "plan")
    assert run("plan", "nowhere", "--out", "plan", "--seconds-max", "nan").exit_code == 2


CUT = {
    "divisions": "code,name,parent_code,level,km_to_parent\nP,甲省,,province,\nA,甲县,P,county,5\nB,乙县,P,county,5\n",
    "depots": "code,name,division_code\nDP,省库,P\n",
    "items": "code,name,pack_size,unit\nmask,口罩,10,只\nquilt,棉被,,床\n",
    "stock": "depot_code,item_code,quantity,reserve_floor\nDP,mask,100,40\nDP,quilt,5,\n",
    "demand": "id,division_code,item_code,quantity\nr1,A,mask,100\nr2,B,quilt,3\nr3,B,mask,20\n",
    "links": "from_code,to_code,open\nP,B,0\n",
}


def solved(run: Runner, folder: str = "instance") -> None:
    """An instance in which a floor and a cut road stand in the way, and its plan."""
    Path(folder).mkdir()
    for name, text in CUT.items():
        Path(folder, f"{name}.csv").write_text(text, encoding="utf-8")
    Path(folder, "settings.json").write_text('{"as_of": ""}', encoding="utf-8")
    run.done("plan", folder, "--out", "plan")


def test_a_request_or_a_set_is_explained_from_the_folders(run: Runner) -> None:
    solved(run)
    assert run.done("explain", "plan", "r1").splitlines() == [
        "This request got 60 of 100 只 (6 of 10 packs): 60 %.",
        "1 request in 甲县 lacks 40 只 (4 packs of 10) of 口罩. A reserve floor holds 40 只 back at 省库.",
        "  1. Releasing 40 只 held back at 省库 would lift this from 60 % to 100 %; no other request would change.",
        "  2. Adding 40 只 at 甲县 would lift this from 60 % to 100 %; no other request would change.",
    ]
    cut = run.done("--lang", "zh_Hans", "explain", "plan", "set:2", "--instance", "instance").splitlines()
    assert cut[:2] == [
        "此项需求得 0 / 3 床，即 0%。",
        "乙县 1 项需求缺棉被 3 床。省库至乙县的道路中断。".replace("省库", "甲省"),
    ]
    assert cut[2] == "  1. 若甲省至乙县的道路恢复通行，可由 0% 升至 100%；其他需求不变。"


def test_an_explanation_that_cannot_be_given_is_refused_in_words(run: Runner) -> None:
    solved(run)
    assert "neither a plan folder" in run.refused("explain", "nowhere", "r1")
    assert "name a request by its id, or one of its 3 sets" in run.refused("explain", "plan", "r9")
    assert "3 sets" in run.refused("explain", "plan", "set:4")
    assert "3 sets" in run.refused("explain", "plan", "set:0")
    solved_elsewhere = Path("another")
    shutil.copytree("instance", solved_elsewhere)
    assert "2 instance folders stand beside plan" in run.refused("explain", "plan", "r1")
    Path("another/demand.csv").write_text(CUT["demand"].replace("100", "90"), encoding="utf-8")
    assert "input_digest" in run.refused("explain", "plan", "r1", "--instance", "another")
    assert "divisions.csv" in run.refused("explain", "plan", "r1", "--instance", "plan")
    granted = Path("plan/allocation.csv").read_text(encoding="utf-8")
    Path("plan/allocation.csv").write_text(granted.replace(",100,60,", ",100,70,"), encoding="utf-8")
    assert "not true" in run.refused("explain", "plan", "r1", "--instance", "instance")
    Path("plan/allocation.csv").write_text(granted, encoding="utf-8")
    sets = Path("plan/limits.csv").read_text(encoding="utf-8")
    Path("plan/limits.csv").write_text(sets.replace("floor@DP ", ""), encoding="utf-8")
    assert "not true" in run.refused("explain", "plan", "r1", "--instance", "instance")
    assert "No plan" in run.refused("explain", "7", "set:1")
    for subject in ("r1", "1", "9" * 30):
        assert f"No request line {subject}" in run.refused("explain", "7", subject)
    assert "旁边有 2 个数据文件夹" in run.refused("--lang", "zh_Hans", "explain", "plan", "r9")
