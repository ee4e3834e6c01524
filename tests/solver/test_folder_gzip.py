"""Gzipped tables in folders: either form is read, never both, and faults name the file that stands there."""

import gzip
from pathlib import Path

import pytest

from solver import MalformedPlan, MalformedProblem, read_instance, read_plan, solve, write_instance, write_plan
from tests.solver.same import assert_same
from tests.solver.test_folder import faults_of, put, with_cell


def pack(folder: Path, *tables: str) -> Path:
    """Put a gzipped file in the place of each table."""
    for table in tables:
        plain = folder / f"{table}.csv"
        (folder / f"{table}.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()
    return folder


def test_some_tables_may_be_gzipped_and_others_plain(tmp_path: Path) -> None:
    plain = read_instance(put(tmp_path / "plain"))
    mixed = pack(put(tmp_path / "mixed"), "demand", "links", "divisions")
    assert_same(read_instance(mixed), plain)


def test_faults_name_the_gzipped_file_and_its_line(tmp_path: Path) -> None:
    folder = put(tmp_path / "instance", with_cell("demand.csv", 3, "quantity", "-905"))
    folder = pack(put(folder, with_cell("stock.csv", 2, "item_code", "gloves")), "stock")
    assert faults_of(folder) == [("stock.csv.gz", 2, "item_code")]
    folder = pack(put(tmp_path / "other", with_cell("demand.csv", 3, "quantity", "x")), "demand")
    with pytest.raises(MalformedProblem, match=r"^demand\.csv\.gz:3 quantity: "):
        read_instance(folder)


def test_both_forms_of_a_file_are_a_fault_that_says_so(tmp_path: Path) -> None:
    folder = pack(put(tmp_path / "instance"), "demand")
    put(folder)
    with pytest.raises(MalformedProblem, match=r"^demand\.csv: demand\.csv and demand\.csv\.gz both stand; keep one$"):
        read_instance(folder)


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[:-9],
        lambda raw: raw[:5],
        lambda raw: gzip.decompress(raw),
        lambda raw: raw[:40] + bytes(5) + raw[45:],
        lambda raw: raw[:-8] + bytes(8),
    ],
    ids=["cut short", "cut in the header", "not gzip", "damaged", "wrong sum"],
)
def test_what_is_no_whole_gzip_file_is_refused_by_name(damage, tmp_path: Path) -> None:
    folder = pack(put(tmp_path / "instance"), "demand", "links")
    for table in ("demand", "links"):
        path = folder / f"{table}.csv.gz"
        path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(MalformedProblem, match="is no whole gzip file") as refusal:
        read_instance(folder)
    assert [fault.table for fault in refusal.value.faults] == ["demand.csv.gz", "links.csv.gz"]


@pytest.mark.parametrize("content", [b"", b"code,name\nmask,\xff\n", b'code,name\nmask,"a\n', b"code,name\nmask,a,b\n"])
def test_what_is_no_csv_inside_is_refused_by_the_name_outside(content: bytes, tmp_path: Path) -> None:
    folder = pack(put(tmp_path / "instance"), "items")
    (folder / "items.csv.gz").write_bytes(gzip.compress(content))
    assert {file for file, _, _ in faults_of(folder)} == {"items.csv.gz"}


def test_either_form_replaces_the_other(tmp_path: Path) -> None:
    problem = read_instance(put(tmp_path / "instance"))
    for compressed, ending in ((False, ".csv"), (True, ".gz"), (False, ".csv")):
        write_instance(problem, tmp_path / "instance", compressed=compressed)
        write_plan(solve(problem), problem, tmp_path / "plan", compressed=compressed)
        for folder in ("instance", "plan"):
            assert {path.suffix for path in (tmp_path / folder).iterdir()} == {ending, ".json"}


def test_a_gzipped_plan_is_refused_by_the_names_of_its_files(tmp_path: Path) -> None:
    problem = read_instance(put(tmp_path / "instance"))
    write_plan(solve(problem), problem, tmp_path / "plan", compressed=True)
    path = tmp_path / "plan" / "allocation.csv.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"r2,", b"r7,")))
    with pytest.raises(MalformedPlan) as refusal:
        read_plan(tmp_path / "plan", problem)
    assert {fault.table for fault in refusal.value.faults} == {"allocation.csv.gz"}
    assert refusal.value.faults[0].row == 3
