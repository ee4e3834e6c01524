"""A plan folder changed by hand: a cell, a line, a column, or a file, of every file that says what the plan is."""

import csv
from collections.abc import Callable
from pathlib import Path
from random import Random

Rows = list[list[str]]
Edit = Callable[[Path, Random], set[str] | None]
"""Changes a file, and tells words for what was touched; None where it holds nothing that could be changed."""

CSV_FILES = ("allocation.csv", "shipments.csv", "flows.csv", "limits.csv", "prices.csv")


def edited(change: Callable[[Rows, Random], Rows]) -> Edit:
    """An edit of a CSV file by its rows, the header first; the change tells which rows it touches."""

    def edit(path: Path, random: Random) -> set[str] | None:
        with open(path, encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        touched = {word for row in change(rows, random) for word in words_of(row)}
        with open(path, "w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)
        return touched or None

    return edit


def words_of(row: list[str]) -> set[str]:
    """Codes of a row, and the request that it may be about."""
    return {f"request {row[0]}", *(cell for cell in row if any(map(str.isalpha, cell)))}


def change_cell(rows: Rows, random: Random) -> Rows:
    if len(rows) < 2:
        return []
    row, column = random.choice(rows[1:]), random.randrange(len(rows[0]))
    before, others = list(row), [one[column] for one in rows[1:]]
    row[column] = random.choice((f"{row[column]}1", row[column][:-1], "", "-1", "x", "0", *others))
    return [before, row]


def leave_line_out(rows: Rows, random: Random) -> Rows:
    return [rows.pop(random.randrange(1, len(rows)))] if len(rows) > 1 else []


def write_line_twice(rows: Rows, random: Random) -> Rows:
    if len(rows) < 2:
        return []
    row = list(random.choice(rows[1:]))
    rows.insert(random.randrange(1, len(rows) + 1), row)
    return [row]


def exchange_lines(rows: Rows, random: Random) -> Rows:
    if len(rows) < 3:
        return []
    one, other = random.sample(range(1, len(rows)), 2)
    rows[one], rows[other] = rows[other], rows[one]
    return [rows[one], rows[other]]


def leave_column_out(rows: Rows, random: Random) -> Rows:
    column = random.randrange(len(rows[0]))
    return [[row.pop(column) for row in rows]]


def rename_column(rows: Rows, random: Random) -> Rows:
    column = random.randrange(len(rows[0]))
    rows[0][column] += random.choice(("_", "2"))
    return [rows[0]]


def leave_file_out(path: Path, random: Random) -> set[str]:
    path.unlink()
    return {path.name}


def cut_file_short(path: Path, random: Random) -> set[str]:
    text = path.read_bytes()
    path.write_bytes(text[: random.randrange(len(text))])
    return {path.name}


CSV_EDITS: dict[str, Edit] = {
    "a cell changed": edited(change_cell),
    "a line left out": edited(leave_line_out),
    "a line twice": edited(write_line_twice),
    "two lines exchanged": edited(exchange_lines),
    "a column left out": edited(leave_column_out),
    "a column renamed": edited(rename_column),
}
EDITS: dict[str, tuple[str, Edit]] = {
    **{f"{file}: {what}": (file, edit) for file in CSV_FILES for what, edit in CSV_EDITS.items()},
    **{f"{file}: left out": (file, leave_file_out) for file in (*CSV_FILES, "summary.json")},
    "summary.json: cut short": ("summary.json", cut_file_short),
}
