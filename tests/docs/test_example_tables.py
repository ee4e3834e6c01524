"""Every table of docs/allocation.md is what the model says by hand and what the solver plans."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction

import solver
from solver import LIMITS, Plan, Problem
from solver.sentences import say
from tests.docs.document import Half
from tests.docs.example import HIGHER_SHARE, ITEM, MORE_UNITS, turns, what_ifs, wishes
from tests.solver import oracle
from tests.solver.oracle import Tables

REASONS, STOCK, ROADS, TURNS, GRANTS, SHIPMENTS, SETS, WHAT_IFS = range(8)
"""Tables of the document, in their order."""


def test_both_languages_name_every_reason_in_the_order_it_is_looked_for(page: Half) -> None:
    assert [row[0] for row in page.tables[REASONS]] == list(LIMITS[1:])


def test_stock_in_packs(page: Half, rows: Tables, called: Mapping[str, str]) -> None:
    expected = []
    for row in rows.stock:
        lots = oracle.lots(rows, row["depot_code"], ITEM)
        packs = {lot: packs for _, lot, packs in lots}.get(row["lot"], 0)
        later = sum(packs for date, _, packs in lots if date > row["expires_on"])
        kept = min(packs, max(0, oracle.withheld(rows, row["depot_code"], ITEM) - later))
        facts = [row["lot"], row["quantity"], row["expires_on"], packs, kept, packs - kept]
        expected.append([called[row["depot_code"]], *map(str, facts)])
    assert page.tables[STOCK] == expected


def test_roads_with_a_limit(page: Half, problem: Problem, rows: Tables, called: Mapping[str, str]) -> None:
    arcs, closed = oracle.arcs_of(rows, ITEM)
    expected = []
    for (tail, head), arc in arcs.items():
        if arc.capacity is not None:
            inside = oracle.subtree(rows, tail)
            base = sum(
                oracle.on_offer(rows, row["code"], ITEM) for row in rows.depots if row["division_code"] in inside
            )
            share = Fraction(problem.settings.mutual_aid["county"])
            why = f"{base} × {page.percent(share)} = {float(base * share):g}"
            why += page.either("，去零", ", rounded down") if base * share % 1 else ""
            expected.append([called[tail], called[head], str(arc.capacity), why])
    shut = page.either("道路中断", "closed")
    expected += [[called[tail], called[head], "0", shut] for tail, head in closed]
    assert page.tables[ROADS] == expected


def test_pack_by_pack(page: Half, rows: Tables, plan: Plan, called: Mapping[str, str]) -> None:
    asked = wishes(rows, plan)
    by_hand, arcs = oracle.requests_of(rows, ITEM), oracle.arcs_of(rows, ITEM)[0]
    oracle.grant(by_hand, oracle.residual_of(rows, ITEM, arcs))
    assert by_hand == asked
    found = defaultdict[str, list[str]](list)
    for level, request, pack, given in turns([one for one in asked if one.priority == 2]):
        found[page.percent(level)].append(f"{called[request.place]} {pack}" + ("" if given else " ✗"))
    comma = page.either("，", ", ")
    assert page.tables[TURNS] == [[level, comma.join(packs)] for level, packs in found.items()]


def test_grants(page: Half, rows: Tables, plan: Plan, called: Mapping[str, str]) -> None:
    expected = []
    for one, row in zip(wishes(rows, plan), rows.demand, strict=True):
        units = [one.wanted, one.granted, plan.granted[one.row]]
        fill = Fraction(one.granted, one.wanted)
        facts = [row["id"], called[one.place], row["priority"], row["weight"], row["quantity"], *map(str, units)]
        expected.append([*facts, page.percent(fill), page.percent(fill / one.weight)])
    assert page.tables[GRANTS] == expected


def test_shipments(page: Half, problem: Problem, plan: Plan, called: Mapping[str, str]) -> None:
    sent, demand = plan.shipments, problem.demand
    expected = []
    for place in range(len(sent)):
        request, depot, lot = (int(column[place]) for column in (sent.demand_row, sent.depot, sent.stock_row))
        ends = problem.depots.codes[depot], problem.divisions.codes[int(demand.division[request])]
        length = f"{sent.metres[place] / 1000:g}"
        hours = solver.hours_text(int(sent.hours_thousandths[place]))
        facts = [problem.stock.lot[lot], str(sent.quantity[place]), length, hours]
        expected.append([demand.ids[request], *(called[end] for end in ends), *facts])
    assert page.tables[SHIPMENTS] == expected


def test_sets_and_their_sentences(page: Half, problem: Problem, plan: Plan) -> None:
    limits = plan.limits
    columns = (limits.requests, limits.packs_missing, limits.limited_by, limits.higher_class)
    expected = []
    for number, remedies in enumerate(limits.remedies):
        requests, missing, reason, higher = (int(column[number]) for column in columns)
        expected.append([str(number + 1), str(requests), str(missing), LIMITS[reason], str(higher), remedies])
    assert page.tables[SETS] == expected
    said = dict(zip(("zh", "en"), say(problem, plan), strict=True))[page.lang]
    assert re.findall("^> (.+)$", page.text, re.MULTILINE) == said


def test_what_ifs(page: Half, problem: Problem, rows: Tables) -> None:
    plans = [wishes(rows, solver.solve(variant)) for variant in what_ifs(problem)]
    share = page.percent(Fraction(HIGHER_SHARE))
    zh = ["照旧", "放出市库保底", "东县至石滩村通路", f"县互助比例改为 {share}", f"西县库多 {MORE_UNITS} 件"]
    en = ["nothing changes", "the City-depot's floor is released", "the road from East to Shitan opens"]
    en += [f"counties may lend {share}", f"the West-depot has {MORE_UNITS} more"]
    ifs = page.either(zh, en)
    expected = [[f"{one.granted} / {one.wanted}" for one in asked] for asked in plans]
    assert page.tables[WHAT_IFS] == [[told, *after] for told, after in zip(ifs, expected, strict=True)]


def test_a_released_floor_carries_on(page: Half, problem: Problem, rows: Tables, called: Mapping[str, str]) -> None:
    before, after = (wishes(rows, solver.solve(variant)) for variant in what_ifs(problem)[:2])
    held = {one.row: one.granted for one in before}
    next_turns = [called[one.place] for _, one, pack, given in turns(after) if given and pack > held[one.row]]
    packs = sum(one.granted for one in after) - sum(one.granted for one in before)
    zh = f"放出保底的 {packs} 包，从停下的地方接着轮：{'、'.join(next_turns)}。"
    en = f"The floor's {packs} packs carry on where the turns stopped: {', '.join(next_turns)}."
    assert page.either(zh, en) in page.flowing
