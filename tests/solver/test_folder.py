"""Instance and plan folders: what is written comes back, and what cannot be read is named by file, line and column."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from solver import (
    FolderOccupied,
    MalformedPlan,
    MalformedProblem,
    Plan,
    Problem,
    check,
    input_digest,
    read_instance,
    read_plan,
    solve,
    write_instance,
    write_plan,
)

INSTANCE = {
    "divisions.csv": [
        "code,name,parent_code,level,km_to_parent,population,lon,lat",
        "P,江省,,province,,1000,114.0,30.0",
        "C,江市,P,city,10.5,400,114.2,30.1",
        "X,东县,C,county,,50,114.5,30.2",
        "Y,西县,C,county,7.125,60,,",
    ],
    "depots.csv": [
        "code,name,division_code,km_to_division,kind",
        "dP,省库,P,0.5,government",
        "dX,县库,X,,social",
        "dZ,厂,,,",
    ],
    "items.csv": ["code,name,pack_size,unit,category,weight_kg", "mask,口罩,10,只,防护,0.005", "quilt,棉被,,床,,2"],
    "stock.csv": [
        "depot_code,item_code,quantity,lot,expires_on,reserve_floor",
        "dP,mask,1000,a,2020-05-01,100",
        "dP,mask,500,b,,",
        "dX,quilt,12,,,",
        "dZ,quilt,5,,,",
    ],
    "demand.csv": [
        "id,division_code,item_code,quantity,priority,weight,needed_within_hours",
        "r1,X,mask,900,1,1.25,6",
        "r2,Y,mask,905,,,",
        ",Y,quilt,20,2,1,",
    ],
    "links.csv": [
        "from_code,to_code,item_code,km,penalty_km,capacity,open,hours",
        "dZ,Y,,12,3.5,40,1,0.75",
        "C,X,mask,,,,no,",
    ],
    "settings.json": [
        '{"as_of": "2020-01-26", "mutual_aid": {"county": 0.5, "city": "0.25"}, "mutual_aid_penalty_km": 1.5}'
    ],
}


def put(folder: Path, changed: dict[str, list[str] | None] | None = None) -> Path:
    """Write the sound instance, some files exchanged or (None) left out."""
    folder.mkdir(exist_ok=True)
    for file, lines in {**INSTANCE, **(changed or {})}.items():
        if lines is not None:
            (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def with_cell(file: str, line: int, column: str, value: str) -> dict[str, list[str] | None]:
    """The file with one cell changed; line 1 is the header."""
    rows = list(csv.reader(INSTANCE[file]))
    rows[line - 1][rows[0].index(column)] = value
    return {file: [",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows]}


def faults_of(folder: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(MalformedProblem) as refusal:
        read_instance(folder)
    assert all(fault.zh and fault.en for fault in refusal.value.faults)
    return [(fault.table, fault.row, fault.column) for fault in refusal.value.faults]


def test_the_digest_is_of_what_is_said_not_of_how(tmp_path: Path) -> None:
    problem = read_instance(put(tmp_path / "instance"))
    digest = input_digest(problem)
    assert digest == "b880f2ea2a6bae5fc5456f515d8cffa30424dbad1f7edaf656df1cb969b53602"
    demand = problem.demand
    finer = replace(
        demand,
        weight_numerator=demand.weight_numerator * 1000,
        weight_denominator=demand.weight_denominator * 1000,
    )
    assert input_digest(replace(problem, demand=finer)) == digest
    spelled = with_cell("demand.csv", 2, "weight", "1.2500")
    assert input_digest(read_instance(put(tmp_path / "spelled", spelled))) == digest
    for column, value in (("weight", "1.2501"), ("needed_within_hours", "6.5"), ("id", "r")):
        other = put(tmp_path / column, with_cell("demand.csv", 2, column, value))
        assert input_digest(read_instance(other)) != digest


def test_every_column_is_read_as_the_model_says(tmp_path: Path) -> None:
    problem = read_instance(put(tmp_path / "instance"))
    assert problem.divisions.parent.tolist() == [-1, 0, 1, 1]
    assert problem.divisions.metres_to_parent.tolist()[1::2] == [10_500, 7_125]
    assert problem.depots.division.tolist() == [0, 2, -1]
    assert list(problem.depots.kind) == ["government", "social", "government"]
    assert problem.items.pack_size.tolist() == [10, 1]
    assert list(problem.demand.ids) == ["r1", "r2", "3"]
    assert problem.demand.priority.tolist() == [1, 4, 2]
    assert (problem.demand.weight_numerator / problem.demand.weight_denominator).tolist() == [1.25, 1, 1]
    assert problem.links.metres.tolist() == [15_500, 0]
    assert problem.links.road_metres.tolist() == [12_000, 0]
    assert problem.links.capacity.tolist() == [40, -1]
    assert problem.links.open.tolist() == [True, False]
    assert {level: str(share) for level, share in problem.settings.mutual_aid.items()} == {
        "county": "0.5",
        "city": "0.25",
    }
    assert problem.settings.mutual_aid_penalty_metres == 1500


def test_a_blank_length_comes_from_coordinates_with_the_measured_circuity(tmp_path: Path) -> None:
    one_degree_north = [
        "code,name,parent_code,level,km_to_parent,lon,lat", "P,,,province,,114,30", "C,,P,city,,114,31",
        "X,,C,county,1,,", "Y,,C,county,1,,",
    ]  # fmt: skip
    problem = read_instance(put(tmp_path / "instance", {"divisions.csv": one_degree_north}))
    # A degree of a great circle of radius 6371.0 km is 111.19493 km; times 1.36.
    assert problem.divisions.metres_to_parent[1] == 151_225


@pytest.mark.parametrize(
    ("file", "line", "column", "value"),
    [
        ("divisions.csv", 3, "parent_code", "nowhere"),
        ("divisions.csv", 3, "parent_code", "C"),
        ("divisions.csv", 3, "level", "prefecture"),
        ("divisions.csv", 3, "km_to_parent", "-1"),
        ("divisions.csv", 3, "km_to_parent", "1.0005"),
        ("divisions.csv", 3, "km_to_parent", "nan"),
        ("divisions.csv", 5, "km_to_parent", ""),
        ("divisions.csv", 3, "population", "-4"),
        ("divisions.csv", 3, "code", "P"),
        ("divisions.csv", 5, "code", ""),
        ("depots.csv", 3, "division_code", "nowhere"),
        ("depots.csv", 3, "code", "P"),
        ("depots.csv", 3, "kind", "private"),
        ("items.csv", 2, "pack_size", "0"),
        ("items.csv", 2, "pack_size", "1.5"),
        ("items.csv", 2, "weight_kg", "heavy"),
        ("stock.csv", 3, "depot_code", "dQ"),
        ("stock.csv", 3, "item_code", "gloves"),
        ("stock.csv", 3, "quantity", "-1"),
        ("stock.csv", 3, "quantity", "1.5"),
        ("stock.csv", 3, "quantity", "9223372036854775808"),
        ("stock.csv", 3, "quantity", "many"),
        ("stock.csv", 3, "quantity", "+5"),
        ("stock.csv", 3, "quantity", " 5"),
        ("stock.csv", 3, "quantity", "5 "),
        ("stock.csv", 3, "quantity", "\t5"),
        ("stock.csv", 3, "quantity", "５"),
        ("stock.csv", 3, "reserve_floor", "1e3"),
        ("stock.csv", 3, "quantity", ""),
        ("stock.csv", 3, "lot", "a"),
        ("stock.csv", 3, "expires_on", "2020-02-30"),
        ("stock.csv", 3, "expires_on", "1/5/2020"),
        ("stock.csv", 3, "reserve_floor", "-2"),
        ("demand.csv", 3, "id", "r1"),
        ("demand.csv", 3, "division_code", "nowhere"),
        ("demand.csv", 3, "quantity", "-905"),
        ("demand.csv", 3, "priority", "0"),
        ("demand.csv", 3, "priority", "urgent"),
        ("demand.csv", 3, "weight", "0"),
        ("demand.csv", 3, "weight", "-1"),
        ("demand.csv", 3, "weight", "inf"),
        ("demand.csv", 2, "needed_within_hours", "soon"),
        ("links.csv", 2, "to_code", "nowhere"),
        ("links.csv", 2, "item_code", "gloves"),
        ("links.csv", 2, "km", "far"),
        ("links.csv", 2, "capacity", "-1"),
        ("links.csv", 2, "open", "perhaps"),
        ("links.csv", 2, "hours", "-1"),
    ],
)
def test_a_wrong_cell_is_named_by_file_line_and_column(
    file: str, line: int, column: str, value: str, tmp_path: Path
) -> None:
    folder = put(tmp_path / "instance", with_cell(file, line, column, value))
    assert (file, line, column) in faults_of(folder)


def test_all_faults_of_all_files_come_at_once_in_reading_order(tmp_path: Path) -> None:
    changed = with_cell("demand.csv", 3, "quantity", "-905") | with_cell("stock.csv", 4, "quantity", "x")
    changed |= {"settings.json": ['{"as_of": "26.1.2020", "mutual_aid": {"county": 7}}']}
    assert faults_of(put(tmp_path / "instance", changed)) == [
        ("stock.csv", 4, "quantity"),
        ("demand.csv", 3, "quantity"),
        ("settings.json", -1, "as_of"),
        ("settings.json", -1, "mutual_aid"),
    ]


@pytest.mark.parametrize("file", sorted(set(INSTANCE) - {"links.csv"}))
def test_a_missing_file_is_named_once_and_blames_no_other_line(file: str, tmp_path: Path) -> None:
    assert faults_of(put(tmp_path / "instance", {file: None})) == [(file, -1, "")]


def test_a_missing_links_file_means_no_links(tmp_path: Path) -> None:
    assert len(read_instance(put(tmp_path / "instance", {"links.csv": None})).links) == 0


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    without = [line.rsplit(",", 1)[0] for line in INSTANCE["depots.csv"]]
    assert len(read_instance(put(tmp_path / "kind", {"depots.csv": without})).depots) == 3
    renamed = [INSTANCE["demand.csv"][0].replace("quantity", "amount"), *INSTANCE["demand.csv"][1:]]
    assert faults_of(put(tmp_path / "quantity", {"demand.csv": renamed}))[0] == ("demand.csv", 1, "quantity")


def test_lines_are_counted_through_quoted_line_breaks_and_blank_lines(tmp_path: Path) -> None:
    lines = ["code,name,division_code", '"dP","省\n库",P', "", "dX,,X", "dZ,,nowhere"]
    assert ("depots.csv", 6, "division_code") in faults_of(put(tmp_path / "instance", {"depots.csv": lines}))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"code,name\nmask,\xff\n", 2),
        (b"code,name\nmask,a,b\n", 2),
        (b'code,name\nmask,"a\n', 2),
        (b"", 1),
        (b"code,name,name\nmask,a,b\n", 1),
    ],
)
def test_a_file_that_is_not_csv_is_named_with_its_line(content: bytes, line: int, tmp_path: Path) -> None:
    folder = put(tmp_path / "instance")
    (folder / "items.csv").write_bytes(content)
    assert ("items.csv", line) in [(file, at) for file, at, _ in faults_of(folder)]


@pytest.mark.parametrize(
    "settings",
    [
        "[]",
        "{",
        "{}",
        '{"as_of": 20200126}',
        '{"as_of": "2020-W04-7"}',
        '{"as_of": "", "mutual_aid": 0.5}',
        "[" * 100_000,
        '{"as_of": "", "release_reserves": "yes"}',
        '{"as_of": "", "mutual_aid": {"county": NaN}}',
        '{"as_of": "", "mutual_aid": {"village": 0.5}}',
        '{"as_of": "", "mutual_aid_basis": "need"}',
        '{"as_of": "", "mutual_aid_penalty_km": -1}',
        '{"as_of": "", "mutual_aid_penalty_km": 0.0001}',
    ],
)
def test_settings_that_cannot_be_read_are_named(settings: str, tmp_path: Path) -> None:
    assert [file for file, _, _ in faults_of(put(tmp_path / "instance", {"settings.json": [settings]}))] == [
        "settings.json"
    ]


@pytest.fixture
def planned(tmp_path: Path) -> tuple[Problem, Plan, Path]:
    problem = read_instance(put(tmp_path / "instance"))
    plan = replace(solve(problem), proved=True)
    write_plan(plan, problem, tmp_path / "plan")
    return problem, plan, tmp_path / "plan"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "run.json"}


def test_a_plan_comes_back_and_the_same_plan_is_the_same_bytes(planned: tuple[Problem, Plan, Path]) -> None:
    problem, plan, folder = planned
    back = read_plan(folder, problem)
    assert (back.summary, back.proved) == (plan.summary, True)
    first = contents(folder)
    write_plan(plan, problem, folder)
    assert contents(folder) == first
    tables = {f"{table}.csv" for table in ("allocation", "shipments", "flows", "limits", "prices")}
    assert set(first) == {*tables, "summary.json"}
    assert [path.name for path in sorted(folder.parent.iterdir())] == ["instance", "plan"]


def test_a_plan_that_cannot_be_written_leaves_the_old_one_and_no_draft(planned: tuple[Problem, Plan, Path]) -> None:
    problem, plan, folder = planned
    before = contents(folder)
    unwritable = replace(plan, summary={"tonne_km": object()})
    with pytest.raises(TypeError):
        write_plan(unwritable, problem, folder)
    assert contents(folder) == before
    assert [path.name for path in sorted(folder.parent.iterdir())] == ["instance", "plan"]


def test_a_folder_with_other_files_in_it_is_never_replaced(planned: tuple[Problem, Plan, Path]) -> None:
    problem, plan, folder = planned
    (folder / "letter.txt").write_text("keep me", encoding="utf-8")
    before = contents(folder)
    for write in (lambda: write_plan(plan, problem, folder), lambda: write_instance(problem, folder)):
        with pytest.raises(FolderOccupied, match=r"letter\.txt"):
            write()
    assert contents(folder) == before


def test_a_folder_named_like_a_file_of_a_plan_is_somebody_else_s(planned: tuple[Problem, Plan, Path]) -> None:
    problem, plan, folder = planned
    (folder / "flows.csv").unlink()
    (folder / "flows.csv").mkdir()
    (folder / "flows.csv" / "letter.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(FolderOccupied, match=r"flows\.csv"):
        write_plan(plan, problem, folder)
    assert (folder / "flows.csv" / "letter.txt").exists()


def test_a_summary_that_says_one_thing_twice_is_refused(planned: tuple[Problem, Plan, Path]) -> None:
    problem, _, folder = planned
    text = (folder / "summary.json").read_text(encoding="utf-8")
    (folder / "summary.json").write_text(text.replace("{", '{"complete": false,', 1), encoding="utf-8")
    with pytest.raises(MalformedPlan, match="complete: stands more than once"):
        read_plan(folder, problem)


def test_a_link_to_a_folder_is_followed(planned: tuple[Problem, Plan, Path]) -> None:
    problem, plan, folder = planned
    before = contents(folder)
    (folder / "summary.json").unlink()
    link = folder.parent / "link"
    link.symlink_to(folder)
    write_plan(plan, problem, link)
    assert link.is_symlink()
    assert contents(folder) == before


def test_where_the_new_plan_cannot_be_put_in_place_the_old_one_stays(
    planned: tuple[Problem, Plan, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, plan, folder = planned
    before, rename = contents(folder), Path.rename

    def rename_but_no_draft(path: Path, target: Path) -> Path:
        if target == folder and path.name != "old":
            raise OSError(16, "busy")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", rename_but_no_draft)
    with pytest.raises(OSError, match="busy"):
        write_plan(plan, problem, folder)
    assert contents(folder) == before
    assert [path.name for path in sorted(folder.parent.iterdir())] == ["instance", "plan"]


@pytest.mark.parametrize("ends", ["\r", "\r\r\n"])
def test_lines_that_end_with_carriage_returns_alone_are_refused(ends: str, tmp_path: Path) -> None:
    """Read as one long header they would leave a cut road open."""
    folder = put(tmp_path / "instance")
    text = "from_code,to_code,open\nP,A,0\n"
    (folder / "links.csv").write_bytes(text.replace("\n", ends).encode())
    with pytest.raises(MalformedProblem) as refused:
        read_instance(folder)
    assert [(fault.table, fault.row) for fault in refused.value.faults] == [("links.csv", 1)]
    assert "carriage return" in refused.value.faults[0].en


def numbers(folder: Path, file: str) -> list[tuple[int, str]]:
    """Line and column of every number of a plan file, codes and ids left out."""
    with (folder / file).open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return [
        (place, column)
        for place, row in enumerate(rows)
        for column, value in row.items()
        if value.replace(".", "").isdigit() and column not in ("id", "lot")
    ]


@pytest.mark.parametrize("hours", ["", "1", "-1.000", "nan", "1e3", "1.0000", "01.000", "９.000", "9" * 13 + ".000"])
def test_hours_that_are_no_hours_are_refused(hours: str, planned: tuple[Problem, Plan, Path]) -> None:
    problem, _, folder = planned
    header, first, *rest = (folder / "shipments.csv").read_text("utf-8").splitlines()
    lines = [header, f"{first.rpartition(',')[0]},{hours}", *rest]
    (folder / "shipments.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(MalformedPlan, match=r"shipments\.csv:2 hours") as refusal:
        read_plan(folder, problem)
    assert len(refusal.value.faults) == 1


@pytest.mark.parametrize("file", ["allocation.csv", "shipments.csv", "flows.csv"])
def test_any_one_number_changed_by_hand_is_found(file: str, planned: tuple[Problem, Plan, Path]) -> None:
    problem, _, folder = planned
    original = (folder / file).read_text("utf-8")
    cells = numbers(folder, file)
    assert cells
    random = Random(7)
    for place, column in cells:
        rows = list(csv.DictReader(original.splitlines()))
        value = rows[place][column]
        digit = random.choice([at for at, mark in enumerate(value) if mark != "."])
        rows[place][column] = value[:digit] + str((int(value[digit]) + random.randint(1, 9)) % 10) + value[digit + 1 :]
        body = [",".join(row.values()) for row in rows]
        (folder / file).write_text("\n".join([original.splitlines()[0], *body]) + "\n", encoding="utf-8")
        assert named_files(problem, folder), (place, column, value)


def named_files(problem: Problem, folder: Path) -> set[str]:
    try:
        return {fault.table for fault in check(problem, read_plan(folder, problem))}
    except MalformedPlan as refusal:
        return {fault.table for fault in refusal.faults}


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("allocation.csv", lambda text: text.replace("r1,", "r9,", 1)),
        ("allocation.csv", lambda text: "".join(text.splitlines(keepends=True)[:-1])),
        ("allocation.csv", lambda text: text + text.splitlines(keepends=True)[-1]),
        ("allocation.csv", lambda text: text.replace("granted", "given")),
        ("shipments.csv", lambda text: text.replace(",a,", ",z,", 1)),
        ("shipments.csv", lambda text: text.replace(",Y,", ",X,", 1)),
        ("flows.csv", lambda text: text.replace(",mask,", ",gloves,", 1)),
        ("flows.csv", lambda text: text + "P,C,mask,-1e3\n"),
        ("summary.json", lambda text: text.replace('"proved": true', '"proved": 1')),
        ("summary.json", lambda text: json.dumps(json.loads(text) | {"input_digest": "0" * 64})),
        ("summary.json", lambda text: text[:-5]),
    ],
)
def test_a_damaged_plan_is_refused_by_file(
    file: str, damage: Callable[[str], str], planned: tuple[Problem, Plan, Path]
) -> None:
    problem, _, folder = planned
    whole = (folder / file).read_text("utf-8")
    assert damage(whole) != whole
    (folder / file).write_text(damage(whole), encoding="utf-8")
    with pytest.raises(MalformedPlan) as refusal:
        read_plan(folder, problem)
    assert {fault.table for fault in refusal.value.faults} == {file}
