"""What fairness bought on the demo's real province: the plan beside what was done by telephone in 2020.

The day is that of the hospitals' sheet, so that the figures are the same whenever this runs; docs/fairness.md has them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

import solver
from supplyhub.bridge.question import ask
from supplyhub.demo.load import Hubei, load_province
from supplyhub.demo.plan import AID_PENALTY_METRES, MUTUAL_AID
from supplyhub.demo.province import PROVINCE
from supplyhub.domain.planning import RunOptions
from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.schema import upgrade
from supplyhub.service.unit_of_work import Hub
from tests.bench.baselines.first_come import serve_as_they_come
from tests.bench.baselines.pro_rata import split_among_all, split_by_class
from tests.bench.case import Answer, Case, case_of
from tests.bench.clock import say
from tests.bench.options import Options
from tests.bench.ours import granted_by
from tests.bench.picture import Curve, Panel, draw
from tests.bench.quality import outcome_of, quality_of
from tests.bench.tables import show, table_of

AT = datetime(2020, 1, 26, 8, tzinfo=UTC)
ARRIVALS = 20200126
"""The seed of the order in which requests happen to come."""
SHOWN = "coat"
"""The item of the picture's second half: every community asks for it, and there is less than half of that."""
DRAWN = (0, 2, 4)
"""The ways whose curves are drawn: the plan, and the two that officials know."""

Split = tuple[str, str, list[Answer]]
"""A way to share out the stock of all items: its name in Chinese and in English, and what each gets."""


def run(options: Options) -> None:
    """Load the province, share it out in every way, print; draw where a file is named."""
    problem = load_demo()
    cases = [case_of(problem, item) for item in range(len(problem.items))]
    splits = split_in_every_way(problem, cases)
    _show(problem, cases, splits)
    if options.picture:
        options.picture.write_text(draw(_panels(cases, splits)), encoding="utf-8")
        say(f"{options.picture} is drawn")


def load_demo() -> solver.Problem:
    """What the demo's planning run asks, by way of a scratch database."""
    with tempfile.TemporaryDirectory() as scratch:
        engine = make_engine(f"sqlite:///{Path(scratch) / 'demo.db'}")
        upgrade(engine)
        hub = Hub(engine)
        load_province(hub, Hubei(AT.date()), at=AT, done=lambda step: say(f"{step.title}: {step.seconds:.1f} s"))
        options = RunOptions(as_of=AT.date(), mutual_aid=dict(MUTUAL_AID), mutual_aid_penalty_metres=AID_PENALTY_METRES)
        with hub.read(None, at=AT, steady=True) as work:
            snapshot = work.planning.take_snapshot(work.places.get_division(PROVINCE), options)
        engine.dispose()
    return ask(snapshot)


def split_in_every_way(problem: solver.Problem, cases: Sequence[Case]) -> list[Split]:
    """Ours with mutual aid and without it, since the others have none; then the others."""
    alone = replace(problem, settings=replace(problem.settings, mutual_aid={}))
    come = np.random.default_rng(ARRIVALS)
    return [
        ("公平，互通有无", "fair, with mutual aid", granted_by(solver.solve(problem), cases)),
        ("公平，不互助", "fair, without mutual aid", granted_by(solver.solve(alone), cases)),
        ("按比例", "pro rata", [split_among_all(case) for case in cases]),
        ("按比例，逐类", "pro rata, class after class", [split_by_class(case) for case in cases]),
        ("先到先得，医院先报", "first come, hospitals first", [serve_as_they_come(case) for case in cases]),
        ("先到先得，随机到达", "first come, in any order", [_as_it_happens(case, come) for case in cases]),
    ]


def _as_it_happens(case: Case, come: np.random.Generator) -> Answer:
    """First come, first served, where anybody may be the first."""
    order = come.permutation(len(case.row))
    found = serve_as_they_come(case.reordered(order))
    granted = np.zeros_like(found.granted)
    granted[order] = found.granted
    return Answer(granted, found.pack_metres)


def _show(problem: solver.Problem, cases: Sequence[Case], splits: Sequence[Split]) -> None:
    first = ("第一类覆盖率\nclass 1\ncovered", "第一类最低水平\nlowest level\nof class 1")
    nothing = ("第一类一件未得\nclass 1,\nnothing at all", "各类一件未得\nall classes,\nnothing at all")
    spread = ("类内基尼系数\nGini inside\nclasses", "总基尼系数\nGini of all\n", "吨公里\ntonne-km\n")
    title = f"湖北，{len(problem.demand):,} 条请求 / Hubei, {len(problem.demand):,} requests"
    table = table_of(title, "怎样分配 / how", *first, *nothing, *spread)
    for zh, en, answers in splits:
        found = quality_of(cases, answers)
        worth = (f"{found.coverage:.1%}", f"{found.lowest_first:.4f}", f"{found.nothing_first:,}", f"{found.nothing:,}")
        apart = (f"{found.gini_inside:.3f}", f"{found.gini:.3f}")
        table.add_row(f"{zh} / {en}", *worth, *apart, "" if found.tonne_km is None else f"{found.tonne_km:,.0f}")
    show(table)


def _panels(cases: Sequence[Case], splits: Sequence[Split]) -> list[Panel]:
    """Those of class 1, all items; then everybody who asks for one item."""
    shown = next(number for number, case in enumerate(cases) if case.code == SHOWN)
    hospitals, coats = list[Curve](), list[Curve]()
    for zh, en, answers in (splits[number] for number in DRAWN):
        all_items = outcome_of(cases, answers)
        hospitals.append(Curve(zh, en, np.sort(all_items.fill[all_items.priority == 1])))
        coats.append(Curve(zh, en, np.sort(outcome_of([cases[shown]], [answers[shown]]).fill)))
    first, second = len(hospitals[0].values), len(coats[0].values)
    return [
        Panel(f"医院的 {first} 条请求", f"hospitals, {first} requests", hospitals),
        Panel(f"棉大衣，{second:,} 个社区", f"coats, {second:,} communities", coats),
    ]
