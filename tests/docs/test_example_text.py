"""What the text and the picture of docs/allocation.md say of the example is true, and its commands run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main
from solver import Plan, Problem
from tests.docs.document import DOCS, Half
from tests.docs.example import ITEM, carried, wishes
from tests.solver import oracle
from tests.solver.oracle import Pair, Tables


def test_numbers_in_the_text(page: Half, problem: Problem, plan: Plan, rows: Tables) -> None:
    over, asked = carried(problem, plan), wishes(rows, plan)
    first = sum(one.granted for one in asked if one.priority == 1)
    into_west = [over["West-depot", "West"], over["City-depot", "Hekou"], over["East", "Hekou"]]
    total = " + ".join(map(str, into_west)) + f" = {sum(into_west)}"
    left = oracle.on_offer(rows, "Market", ITEM) - over["Market", "East"]
    floor, kept = rows.stock[0]["reserve_floor"], oracle.withheld(rows, "City-depot", ITEM)
    nearer, arcs = over["East-depot", "East"], oracle.arcs_of(rows, ITEM)[0]
    near, far = (arcs[depot, "East"].metres // 1000 for depot in ("East-depot", "Market"))
    pack, day = problem.items.pack_size[0], problem.settings.as_of
    share = page.percent(Fraction(problem.settings.mutual_aid["county"]))
    summary = plan.summary["items"][0]
    pack_km, weight = summary["pack_metres"] // 1000, problem.items.weight_kg[0]
    zh = [
        f"{pack} 件一包，{day} 测算",
        f"县可往上借辖区内可发量的 {share}",
        f"市库保底 {floor} 件，进位为 {kept} 包",
        f"一级只有桥头村，{first} 包先给足。能到西县的货有 {total} 包，还剩 {sum(into_west) - first} 包",
        f"县库 {near} 公里，超市 {far} 公里，先用完县库的 {nearer} 包，剩下的 {left} 包就留在超市",
        f"合计 {pack_km} 包公里，即 {summary['tonne_km']} 吨公里（每件 {weight} 千克）",
        f"超市虽有 {left} 包",
    ]
    en = [
        f"{pack} to a pack, planned on {day}",
        f"counties may lend {share} of what is on offer below them",
        f"The City-depot's floor is {floor} units, that is {kept} packs",
        f"its {first} packs come first. {total} packs can get to West, so {sum(into_west) - first} are left",
        f"{near} km away, the market {far} km, so the depot's {nearer} packs go first and the {left} packs left over",
        f"In all {pack_km} pack-kilometres, {summary['tonne_km']} tonne-kilometres ({weight} kg a unit)",
        f"The market still has {left} packs",
    ]
    assert [told for told in {"zh": zh, "en": en}[page.lang] if told not in page.flowing] == []


def test_the_picture(problem: Problem, plan: Plan, rows: Tables) -> None:
    arcs, closed = oracle.arcs_of(rows, ITEM)
    over, asked = carried(problem, plan), wishes(rows, plan)
    assert drawn("request") == {rows.demand[one.row]["id"]: f"{one.granted} / {one.wanted}" for one in asked}
    full = {pair: f" / {arc.capacity}" for pair, arc in arcs.items() if arc.capacity is not None}
    assert drawn("arc") == {">".join(pair): f"{packs}{full.get(pair, '')}" for pair, packs in over.items()}
    assert drawn("depot") == {row["code"]: shelf(rows, over, row) for row in rows.depots}
    lengths = {way: told for ways, told in drawn("km").items() for way in ways.split()}
    roads = {">".join(pair): f"{arc.metres / 1000:g} km" for pair, arc in arcs.items()}
    assert lengths == roads | {">".join(pair): f"{rows.links[0]['km']} km" for pair in closed}


def drawn(mark: str) -> dict[str, str]:
    """Texts of the picture that are marked so, by what they are about."""
    picture = (DOCS / "pictures" / "example.svg").read_text(encoding="utf-8")
    found = re.findall(rf'data-{mark}="([^"]+)"[^>]*>([^<]*)<', picture)
    return {unescape(about): text for about, text in found}


def shelf(rows: Tables, over: Mapping[Pair, int], depot: oracle.Row) -> str:
    """Packs shipped, left and held back."""
    code = depot["code"]
    shipped = over[code, depot["division_code"]]
    return f"{shipped} · {oracle.on_offer(rows, code, ITEM) - shipped} · {oracle.withheld(rows, code, ITEM)}"


def test_the_commands_run(page: Half, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").symlink_to(DOCS)
    assert page.commands
    for command in page.commands:
        result = CliRunner().invoke(main, ["--lang", page.either("zh_Hans", "en"), *command])
        assert result.exit_code == 0, result.output
