"""What if, from files to files: variants are read with every fault at its path, the folder says what is different."""

from __future__ import annotations

import csv
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli import main
from solver import check, read_instance, read_plan, solve, whatif, write_instance
from solver.whatif import EXAMPLE, MalformedVariants, read_variants, what_if
from solver.whatif.reading import KINDS
from solver.whatif.variants import changed
from tests.solver.test_executors import files
from tests.solver.test_partial import many_items

ROOT = Path(__file__).parents[2]
QUESTION = ROOT / "docs" / "example"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    path = tmp_path / "variants.json"
    path.write_text(EXAMPLE, "utf-8")
    return path


def run(*arguments: object, lang: str = "en") -> Result:
    result = CliRunner(env={"COLUMNS": "160"}).invoke(main, ["--lang", lang, *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def written(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "tried.json"
    path.write_text(json.dumps(content), "utf-8")
    return path


def test_the_example_is_one_for_the_question_of_the_docs_and_each_variant_makes_a_difference(example: Path) -> None:
    found = what_if(read_instance(QUESTION), read_variants(example))
    base = found.base.plan.granted.tolist()
    granted = {one.name.split()[0]: one.plan.granted.tolist() for one in found.variants}
    assert base == [50, 0, 50, 50, 40]
    assert granted == {
        "放出保底": [50, 0, 50, 70, 60],
        "修通石滩的路": [50, 30, 50, 50, 40],
        "市库到货": [50, 0, 50, 100, 60],
        "南坡改一级": [50, 0, 40, 100, 0],
        "县里少借": [50, 0, 50, 20, 10],
        "去西县的路断了": [50, 0, 20, 0, 0],
    }


def test_the_example_shows_most_kinds_of_changes_and_the_docs_tell_all(example: Path) -> None:
    shown = {change.kind for variant in read_variants(example) for change in variant.changes}  # type: ignore[attr-defined]
    assert KINDS.keys() - shown == {"link-capacity"}
    told = (ROOT / "docs" / "what-if.md").read_text("utf-8")
    assert EXAMPLE in told
    assert all(told.count(f"| `{kind}` |") == 2 for kind in KINDS)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{", ""),
        ("[]", "variants"),
        ('{"variants": {}}', "variants"),
        ('{"variants": [7]}', "variants[0]"),
        ('{"variants": [{"name": 7, "changes": []}]}', "variants[0].name"),
        ('{"variants": [{"name": "a"}]}', "variants[0].changes"),
        ('{"variants": []}', "variants"),
    ],
)
def test_what_is_no_list_of_names_and_changes_is_refused(text: str, path: str, tmp_path: Path) -> None:
    (tmp_path / "tried.json").write_text(text, "utf-8")
    with pytest.raises(MalformedVariants) as refused:
        read_variants(tmp_path / "tried.json")
    assert [fault.column for fault in refused.value.faults] == [path]


def test_values_of_the_wrong_kind_and_codes_that_nothing_has_are_refused_together(tmp_path: Path) -> None:
    changes: list[Any] = [
        {"change": "add-stock", "depot_code": "City-depot", "item_code": "suit", "quantity": 1.5, "expires_on": "2027"},
        {"change": "add-stock", "depot_code": ["x"], "item_code": "suit", "quantity": True},
        {"change": "add-stock", "item_code": "suit", "quantity": 1, "depot": "City-depot"},
        {"change": "release-reserves", "item_codes": "suit"},
        {"change": "change-request", "id": 9, "weight": "much"},
        {"change": "change-request", "id": 4, "weight": "1.5"},
        {"change": "mutual-aid", "level": "county"},
        {"change": "link-capacity", "from_code": "East", "to_code": "Shitan"},
        {"change": "flood"},
        {},
        "x",
        {"change": "release-reserves", "depot_codes": []},
    ]
    variants = read_variants(written(tmp_path, {"variants": [{"name": "all", "changes": changes}]}))
    with pytest.raises(MalformedVariants) as refused:
        changed(read_instance(QUESTION), variants)
    assert [fault.column.removeprefix("variants[0].changes") for fault in refused.value.faults] == [
        "[0].quantity",
        "[0].expires_on",
        "[1].depot_code",
        "[1].quantity",
        "[2].depot",
        "[2].depot_code",
        "[3].item_codes",
        "[4].weight",
        "[6].share",
        "[7].capacity",
        "[8].change",
        "[9].change",
        "[10]",
        "[11].depot_codes",
    ]


def test_more_than_can_be_counted_is_refused_with_the_variant(tmp_path: Path) -> None:
    """Each change may be made, all of them together may not."""
    lots = [
        {
            "change": "add-stock",
            "depot_code": "City-depot",
            "item_code": "suit",
            "quantity": 10**15,
            "lot": f"L{number}",
        }
        for number in range(4700)
    ]
    path = written(tmp_path, {"variants": [{"name": "much", "changes": lots}]})
    refused = run("what-if", QUESTION, path, "--out", tmp_path / "out")
    assert refused.exit_code == 1
    assert "variants[0]: item suit totals" in refused.output


def test_what_was_not_solved_is_not_called_the_same(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whatif, "what_if", partial(what_if, seconds_max=0))
    stopped = run("what-if", QUESTION, example, "--out", tmp_path / "out")
    assert stopped.exit_code == 3
    assert "stopped early: 0 of 1 items are compared" in stopped.output
    assert "nothing is different" not in stopped.output


def test_the_command_writes_what_is_different_and_prints_it(example: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("what-if", QUESTION, example, "--out", out)
    assert result.exit_code == 0, result.output
    assert "140 → 180" in result.output
    assert "58.3% → 75.0%" in result.output
    assert result.output.splitlines()[-1] == str(out)
    with open(out / "differences.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {
        "variant": "放出保底 floors released",
        "item_code": "suit",
        "division_code": "West",
        "priority": "2",
        "requests": "2",
        "requests_more": "2",
        "requests_fewer": "0",
        "requested": "155",
        "granted_before": "90",
        "granted_after": "130",
        "fill_before": "0.562500",
        "fill_after": "0.812500",
        "lowest_level_before": "4/9",
        "lowest_level_after": "2/3",
        "tonne_km_before": "1.31",
        "tonne_km_after": "1.61",
    }
    said = json.loads((out / "summary.json").read_text("utf-8"))
    assert said["level"] == "county"
    assert [one["items_solved"] for one in said["variants"]] == [["suit"]] * 6
    assert said["variants"][0]["tonne_km_after"] == "1.8875"
    assert not (out / "plans").exists()


def test_places_are_told_apart_at_the_level_asked_for(example: Path, tmp_path: Path) -> None:
    for level, places in (("community", {"Nanpo", "Beigang", "Shitan", "Qiaotou"}), ("city", {"Hekou"})):
        run("what-if", QUESTION, example, "--out", tmp_path / level, "--level", level)
        with open(tmp_path / level / "differences.csv", encoding="utf-8", newline="") as file:
            assert {row["division_code"] for row in csv.DictReader(file)} == places


def test_whole_plans_are_written_true_and_as_they_would_be_alone(example: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("what-if", QUESTION, example, "--out", out, "--plans").exit_code == 0
    problem, variants = read_instance(QUESTION), read_variants(example)
    asked = {"base": problem} | {
        one.name: other for one, other in zip(variants, changed(problem, variants), strict=True)
    }
    assert {path.name for path in (out / "plans").iterdir()} == asked.keys()
    for number, (name, other) in enumerate(asked.items()):
        found = read_plan(out / "plans" / name, other)
        assert found.proved
        assert check(other, found) == []
        alone = files(solve(other), other, tmp_path / f"alone {number}")
        assert (out / "plans" / name / "allocation.csv").read_bytes() == alone["allocation.csv"]


def test_the_same_bytes_twice_and_by_any_number_of_workers(example: Path, tmp_path: Path) -> None:
    for number, workers in enumerate((1, 1, 2)):
        assert run("what-if", QUESTION, example, "--out", tmp_path / str(number), "--workers", workers).exit_code == 0
    said = [
        [(tmp_path / str(number) / name).read_bytes() for name in ("differences.csv", "summary.json")]
        for number in range(3)
    ]
    assert said[0] == said[1] == said[2]


def test_an_older_answer_is_replaced_and_other_files_are_not(example: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("what-if", QUESTION, example, "--out", out, "--plans").exit_code == 0
    assert run("what-if", QUESTION, example, "--out", out).exit_code == 0
    assert sorted(path.name for path in out.iterdir()) == ["differences.csv", "summary.json"]
    other = run("what-if", QUESTION, example, "--out", tmp_path)
    assert other.exit_code == 1
    assert "name another folder" in other.output


def test_nothing_different_is_said_so(tmp_path: Path) -> None:
    variants = written(tmp_path, {"variants": [{"name": "as it is", "changes": []}]})
    result = run("what-if", QUESTION, variants, "--out", tmp_path / "out")
    assert "nothing is different" in result.output
    lines = (tmp_path / "out" / "differences.csv").read_text("utf-8").splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("variant,item_code,division_code")


@pytest.mark.parametrize(("lang", "words"), [("en", "there is no 'X'"), ("zh_Hans", "没有 'X'")])
def test_the_command_refuses_in_words(lang: str, words: str, tmp_path: Path) -> None:
    changes = [{"change": "close-road", "from_code": "X", "to_code": "East"}, {"change": "flood"}]
    variants = written(tmp_path, {"variants": [{"name": "a", "changes": changes}]})
    result = run("what-if", QUESTION, variants, "--out", tmp_path / "out", lang=lang)
    assert result.exit_code == 1
    assert f"tried.json variants[0].changes[0].from_code: {words}" in result.output
    assert "tried.json variants[0].changes[1].change: " in result.output
    assert not (tmp_path / "out").exists()


def test_the_command_prints_an_example_by_itself() -> None:
    result = run("what-if", "--example")
    assert (result.exit_code, result.output) == (0, EXAMPLE)


def test_many_items_of_which_one_changes(tmp_path: Path) -> None:
    write_instance(many_items(40), tmp_path / "question")
    change = {"change": "add-stock", "depot_code": "DP", "item_code": "I7", "quantity": 2}
    variants = written(tmp_path, {"variants": [{"name": "more", "changes": [change]}]})
    assert run("what-if", tmp_path / "question", variants, "--out", tmp_path / "out").exit_code == 0
    said = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert said["variants"][0]["items_solved"] == ["I7"]
    assert len(said["variants"][0]["totals"]) == 40
